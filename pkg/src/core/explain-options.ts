// Says what is wrong with options.
import type { Kinds } from "./check.js";
import type { AuthError } from "./errors.js";
import { invalidOption } from "./guard-reads.js";
import { hasMark, isTooLong, KINDS, unmarked, WRONG } from "./kinds.js";
import { nearMiss } from "./near-miss.js";
import { isPlain, isPromise, isRecord, kindOf, MAX_LENGTH } from "./values.js";
import { quoted } from "./quoted.js";

/**
 * Throws what is wrong with options, or returns a copy of them.
 *
 * Who or what an option names is refused where it is `undefined`: nearly always a binding or a
 * variable is not set.
 *
 * @throws {AuthError} `option_invalid`
 */
export function explainOptions(
  caller: string,
  options: unknown,
  kinds: Kinds,
): Record<string, unknown> {
  requireRecord(caller, options, () => `an object with ${listNames(kinds)}`);
  // So that the caller cannot change them between the check and the use.
  const copy: Record<string, unknown> = Object.assign(Object.create(null), options);

  for (const [name, value] of Object.entries(copy)) {
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
    if (kind === undefined) {
      const meant = nearMiss(name, Object.keys(kinds));
      throw invalidOption(
        `${quoted(name) ?? "one of the names given"} is no option of ${caller}`,
        `${meant ? `did you mean \`${meant}\`? ` : ""}it takes ${listNames(kinds)}`,
      );
    }
    if (value !== undefined || !hasMark(kind, "?")) checkValue(name, value, kind);
  }

  for (const [name, kind] of Object.entries(kinds)) {
    if (hasMark(kind, "!") && !Object.hasOwn(copy, name)) {
      throw invalidOption(`\`${name}\` is missing`, `${caller} takes ${listNames(kinds)}`);
    }
  }
  return copy;
}

/**
 * @param describe says in words what the caller takes
 * @throws {AuthError} `option_invalid`
 */
export function requireRecord(caller: string, value: unknown, describe: () => string): void {
  if (isRecord(value) && !isPromise(value)) return;
  throw invalidOption(
    `${caller} takes ${describe()}, not ${kindOf(value)}`,
    isPromise(value) ? "await it first" : "see what the function takes",
  );
}

function checkValue(name: string, value: unknown, kind: Kinds[string]): void {
  if (value === undefined) throw undefinedOption(name, hasMark(kind, "!"));
  if (typeof kind !== "string") {
    if (isPlain(value)) return;
    throw invalidOption(
      `\`${name}\` must be an object, not ${kindOf(value)}`,
      hintFor(value, "an object"),
    );
  }

  const { words, take } = KINDS[unmarked(kind)];
  if (take(value) !== WRONG) return;

  if (isTooLong(value)) throw tooLong(name);
  const given = kindOf(value);
  const contrast = words.includes(given) ? "" : `, not ${given}`;
  throw invalidOption(`\`${name}\` must be ${words}${contrast}`, hintFor(value, words));
}

export function tooLong(name: string): AuthError {
  return invalidOption(
    `\`${name}\` is longer than ${MAX_LENGTH} characters`,
    "check where the value comes from",
  );
}

function undefinedOption(name: string, isRequired: boolean): AuthError {
  const hint =
    "set what it comes from: in a Worker a secret or variable of wrangler's, " +
    "elsewhere the environment";
  return invalidOption(
    `\`${name}\` is undefined: is the binding set?`,
    isRequired ? hint : `${hint}; or leave the option out`,
  );
}

/**
 * @param value of the wrong kind
 * @param words for the right kind
 */
function hintFor(value: unknown, words: string): string {
  if (isPromise(value)) return "await it first";
  if (isRecord(value) && typeof value.get === "function" && words.includes("function")) {
    return "if it is a binding of the Secrets Store, call its `get()` in a function: `() => env.NAME.get()`";
  }
  if (value instanceof URL) return "pass its href or its origin";
  if (ArrayBuffer.isView(value)) return "decode it: these are bytes, not a text";
  if (typeof value === "number" && words.startsWith("a string"))
    return "put it in quotes: a long id loses digits as a number";
  return "check where the value comes from";
}

function listNames(kinds: Kinds): string {
  return Object.keys(kinds).join(", ");
}
