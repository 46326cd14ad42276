// How values cross to the core and back: as the fields of one text (`src/schema/fields.rs`).

/** The largest number of milliseconds that crosses: more than a `Date` can hold. */
const MAX = Number.MAX_SAFE_INTEGER;

/** An optional text. The mark tells an empty text from a missing one. */
export function optional(text: string | undefined): string {
  return text === undefined ? "" : `+${text}`;
}

export function flag(value: boolean | undefined): string {
  return value ? "+" : "";
}

/** A number without its fraction, in digits. */
export function whole(number: number): string {
  return String(Math.trunc(Math.min(Math.max(number, -MAX), MAX)));
}

export function optionalWhole(number: number | undefined): string {
  return number === undefined ? "" : `+${whole(number)}`;
}

export function givenText(field: string): string | undefined {
  return field === "" ? undefined : field.slice(1);
}

export function givenNumber(field: string): number | undefined {
  return field === "" ? undefined : Number(field);
}

export function givenNumbers(field: string): number[] {
  return field === "" ? [] : field.split(" ").map(Number);
}

export function givenFlag(field: string): boolean {
  return field !== "";
}
