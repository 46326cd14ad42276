// Checks and copies options, and reads values of the caller's that may throw.
import type { AuthError } from "./errors.js";
import { misuse } from "./error-constructors.js";

/**
 * The longest string of an option, and the total of all strings of a list or a record, in
 * characters. As JSON it may take six times as much.
 */
const MAX_LENGTH = 2 ** 20;

export type Kind =
  | "string"
  | "body"
  | "strings"
  | "record"
  | "boolean"
  | "time"
  | "timeOrNull"
  | "duration"
  | "status"
  | "headers"
  | "object"
  | "request"
  | "function"
  | "secret"
  | "key"
  | "keyOrFunction"
  | "bytes"
  | "roles"
  | "signal";

/** The kinds of values that options have: the words for an error message, and the test. */
const KINDS: Record<Kind, { words: string; test: (value: unknown) => boolean }> = {
  string: { words: "a string", test: isText },
  // Of any length: `readResponse` cuts it.
  body: { words: "a string", test: isText },
  strings: {
    words: "a string or a list of strings",
    test: (value) => isText(value) || isTexts(value),
  },
  record: { words: "an object of strings, a plain one", test: isTextRecord },
  boolean: { words: "true or false", test: (value) => typeof value === "boolean" },
  time: { words: "a number of milliseconds", test: Number.isFinite },
  timeOrNull: {
    words: "a number of milliseconds or null",
    test: (value) => value === null || Number.isFinite(value),
  },
  duration: {
    words: "a number of milliseconds, 0 or more",
    test: (value) => Number.isFinite(value) && Number(value) >= 0,
  },
  status: {
    words: "a number from 0 to 999",
    test: (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 999,
  },
  headers: {
    words: "a Headers object or an object of strings",
    test: (value) => isRecord(value) && !(value instanceof Map),
  },
  object: { words: "an object", test: isRecord },
  request: { words: "an object as the builder returned it", test: isRecord },
  function: { words: "a function", test: isFunction },
  secret: {
    words: "a string or a function that gives one",
    test: (value) => isText(value) || isFunction(value),
  },
  key: { words: "a string or a plain object", test: isKey },
  keyOrFunction: {
    words: "a string, a plain object or a function that gives one",
    test: (value) => isKey(value) || isFunction(value),
  },
  bytes: { words: "a Uint8Array or an ArrayBuffer", test: isBytes },
  roles: {
    words: "a role or a list of roles, each a string or a plain object",
    test: (value) => [value].flat().every((role) => isText(role) || isPlain(role)),
  },
  signal: { words: "an AbortSignal", test: isSignal },
};

/**
 * Checks a function's options and returns a copy of their own properties. A polluted prototype
 * therefore adds nothing.
 *
 * An option that is given as `undefined` is refused: nearly always a binding or a variable is not
 * set.
 *
 * @param caller the function that takes the options, for messages
 * @param kinds the kind of each option, with `!` where it is required
 * @throws {AuthError} `option_invalid`
 */
export function checkOptions<T extends object>(
  caller: string,
  options: T,
  kinds: { [K in keyof T]?: Kind | `${Kind}!` },
): T {
  const shape = kinds as Record<string, string>;
  return guardReads(() => copyChecked(caller, options, shape));
}

function copyChecked<T extends object>(caller: string, options: T, shape: Record<string, string>) {
  checkRecord(caller, options, () => `an object with ${listNames(shape)}`);
  const copy = snapshot(options) as T & Record<string, unknown>;

  for (const [name, value] of Object.entries(copy)) {
    const kind = Object.hasOwn(shape, name) ? shape[name] : undefined;
    if (kind === undefined) {
      throw invalidOption(
        `${quoted(name) ?? "one of the names given"} is no option of ${caller}`,
        `it takes ${listNames(shape)}`,
      );
    }
    checkValue(name, value, kind);
  }

  for (const [name, kind] of Object.entries(shape)) {
    if (kind.endsWith("!") && !(name in copy)) {
      throw invalidOption(`\`${name}\` is missing`, `${caller} takes ${listNames(shape)}`);
    }
  }
  return copy;
}

/**
 * Copies an object's own properties, and the lists and plain objects in them, so that the caller
 * cannot change them between the check and the use.
 */
function snapshot(options: object) {
  const copy = Object.assign(Object.create(null), options);
  for (const [name, value] of Object.entries(copy)) {
    if (Array.isArray(value)) copy[name] = copyList(value);
    else if (isPlain(value)) copy[name] = { ...value };
  }
  return copy;
}

function copyList(list: unknown[]) {
  // Copies no more items than `checkLength` needs to refuse the list.
  const length = Math.min(list.length, MAX_LENGTH + 1);
  // By index, since the caller may have replaced the iterator.
  return Array.from({ length }, (_, index) => list[index]);
}

/**
 * Runs code that reads an object of the caller's. A getter or a proxy may throw anything, secrets
 * included, so what it throws is replaced.
 *
 * @throws {AuthError} `option_invalid`
 */
export function guardReads<T>(read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    if (typeof thrown === "object" && thrown !== null && ownErrors.has(thrown)) throw thrown;
    throw invalidOption("an option threw when it was read", "pass plain objects with plain values");
  }
}

/** @param describe says in words what the caller takes */
export function checkRecord(caller: string, value: unknown, describe: () => string) {
  if (isRecord(value) && !isPromise(value)) return;
  throw invalidOption(
    `${caller} takes ${describe()}, not ${kindOf(value)}`,
    isPromise(value) ? "await it first" : "see what the function takes",
  );
}

export function invalidOption(message: string, hint: string) {
  const error = misuse("option_invalid", message, hint);
  ownErrors.add(error);
  return error;
}

/**
 * The errors that this file made. `instanceof` is not enough, since a caller can make an AuthError
 * that holds anything.
 */
const ownErrors: WeakSet<object> = new WeakSet();

function checkValue(name: string, value: unknown, kind: string) {
  const isRequired = kind.endsWith("!");
  if (value === undefined) throw undefinedOption(name, isRequired);

  const { words, test } = KINDS[(isRequired ? kind.slice(0, -1) : kind) as Kind];
  if (test(value)) {
    if (!kind.startsWith("body")) checkLength(name, value);
    return;
  }

  const given = kindOf(value);
  const contrast = words.includes(given) ? "" : `, not ${given}`;
  throw invalidOption(`\`${name}\` must be ${words}${contrast}`, hintFor(value, words));
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
function hintFor(value: unknown, words: string) {
  if (isPromise(value)) return "await it first";
  if (value instanceof URL) return "pass its href or its origin";
  if (ArrayBuffer.isView(value)) return "decode it: these are bytes, not a text";
  if (typeof value === "number" && words.startsWith("a string"))
    return "put it in quotes: a long id loses digits as a number";
  return "check where the value comes from";
}

/** Limits the length of a string, or of all strings of a list or a record together. */
export function checkLength(name: string, value: unknown): void {
  let length = -1;
  for (const text of textsOf(value)) {
    // One more for each, since lists are joined by spaces.
    length += (typeof text === "string" ? text.length : 0) + 1;
  }
  if (length <= MAX_LENGTH) return;
  throw invalidOption(
    `\`${name}\` is longer than ${MAX_LENGTH} characters`,
    "check where the value comes from",
  );
}

function textsOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  if (isPlain(value)) return Object.entries(value).flat();
  return [value];
}

/** Whether an option is given, whatever its value. */
export function hasOption(options: unknown, name: string) {
  return guardReads(() => isRecord(options) && Object.hasOwn(options, name));
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

/** The kinds of the options by which a client authenticates. */
export function clientKinds(options: unknown) {
  const clientId = "string!" as const;
  const assertion = { clientAssertion: "string!" } as const;
  const secret = { clientSecret: "string!", clientAuth: "string" } as const;
  return { clientId, ...(hasOption(options, "clientAssertion") ? assertion : secret) };
}

/**
 * Picks properties of an object that may have others too, such as a token that its owner stored
 * with more data. Values that are `undefined` are left out.
 *
 * @param what the object is, in words
 */
export function pick<T extends object, K extends keyof T>(
  caller: string,
  object: T,
  what: string,
  ...names: K[]
): Pick<T, K> {
  return guardReads(() => {
    checkRecord(caller, object, () => what);
    const entries = names
      .filter((name) => Object.hasOwn(object, name))
      .map((name) => [name, object[name]]);
    const defined = entries.filter(([, value]) => value !== undefined);
    return Object.fromEntries(defined) as Pick<T, K>;
  });
}

/**
 * A name in backticks, or `undefined` if it may be a secret in the wrong place. Words as people
 * write them, short numbers and GUIDs are no secrets.
 */
export function quoted(name: string) {
  return name.length <= 100 && NAME.test(name) ? `\`${name}\`` : undefined;
}

// A random password mixes letters of both cases with digits, or has more of them in a row than
// words have.
const WORD = "[A-Z]{1,14}|[A-Z]?[a-z]{1,14}(?:[A-Z][a-z]{1,13}|ID|UR[IL]){0,3}";
const NUMBER = "\\d{1,20}|[a-z]+\\d(?!\\d)";
const GUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
const NAME = new RegExp(`^(?:(?:${GUID}|${WORD}|${NUMBER})(?![A-Za-z0-9])[-._:/@*#~+]*)+$`);

/**
 * Whether a value is a string that UTF-8 can encode. A lone surrogate would silently become another
 * character.
 */
export function isText(value: unknown) {
  return typeof value === "string" && value.isWellFormed();
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isKey(value: unknown) {
  return isText(value) || isPlain(value);
}

function isBytes(value: unknown) {
  const expected = ArrayBuffer.isView(value) ? "Uint8Array" : "ArrayBuffer";
  // By name, since the class may come from another realm.
  return Object.prototype.toString.call(value) === `[object ${expected}]`;
}

function isFunction(value: unknown) {
  return typeof value === "function";
}

export function isSignal(value: unknown) {
  return (
    isRecord(value) &&
    typeof value.aborted === "boolean" &&
    isFunction(value.addEventListener) &&
    isFunction(value.removeEventListener)
  );
}

function isTexts(value: unknown) {
  return Array.isArray(value) && value.every(isText);
}

function isTextRecord(value: unknown) {
  return isPlain(value) && isTexts([...Reflect.ownKeys(value), ...Object.values(value)]);
}

/** Whether a value is a plain object: a literal, or what `JSON.parse` returns. */
export function isPlain(value: unknown): value is Record<string, unknown> {
  if (!isRecord(value)) return false;
  // Not by identity: in Vercel's sandbox and in jest, `response.json()` returns objects with the
  // `Object.prototype` of another realm.
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function isPromise(value: unknown) {
  return isRecord(value) && typeof value.then === "function";
}

/** The kind of a value in words, which show nothing of the value. */
function kindOf(value: unknown) {
  if (value === null || value === undefined) return String(value);
  if (isPromise(value)) return "a promise";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "an object";
  if (typeof value === "string" && !isText(value))
    return "one that UTF-8 cannot carry (a lone surrogate)";
  return `a ${typeof value}`;
}

function listNames(shape: Record<string, string>) {
  return Object.keys(shape).join(", ");
}
