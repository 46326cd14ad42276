// What values are. Objects may come from another realm.

/** The longest text of an option, and of all texts of a list or a record together, characters. */
export const MAX_LENGTH = 2 ** 20;

/**
 * Whether a value is a text that can cross to the core: UTF-8 can encode it, and it holds no NUL,
 * which separates the fields.
 */
export function isText(value: unknown): value is string {
  return (
    typeof value === "string" &&
    value.length <= MAX_LENGTH &&
    value.isWellFormed() &&
    !value.includes("\0")
  );
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a value is a plain object: a literal, or what `JSON.parse` returns. */
export function isPlain(value: unknown): value is Record<string, unknown> {
  if (!isRecord(value)) return false;
  // Not by identity: in Vercel's sandbox and in jest, `response.json()` returns objects with the
  // `Object.prototype` of another realm.
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

export function isBytes(value: unknown): boolean {
  const expected = ArrayBuffer.isView(value) ? "Uint8Array" : "ArrayBuffer";
  // By name, since the class may come from another realm.
  return Object.prototype.toString.call(value) === `[object ${expected}]`;
}

export function isSignal(value: unknown): boolean {
  return (
    isRecord(value) &&
    typeof value.aborted === "boolean" &&
    typeof value.addEventListener === "function" &&
    typeof value.removeEventListener === "function"
  );
}

export function isPromise(value: unknown): boolean {
  return isRecord(value) && typeof value.then === "function";
}

/**
 * Tells a union's members apart by a property. Only an own property counts: one that a polluted
 * prototype has must not change what the object is.
 */
export function hasOwn<T extends object, N extends string>(
  object: T,
  name: N,
): object is Extract<T, Record<N, unknown>> {
  return Object.hasOwn(object, name);
}

/** The kind of a value in words, which show nothing of the value. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (isPromise(value)) return "a promise";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "an object";
  if (typeof value === "string" && !value.isWellFormed())
    return "one that UTF-8 cannot carry (a lone surrogate)";
  if (typeof value === "string" && value.includes("\0")) return "one that holds a NUL character";
  return `a ${typeof value}`;
}
