// The kinds of values that options have: the words for an error message, and the checked form.
import { keyText } from "./key-text.js";
import { isBytes, isPlain, isRecord, isSignal, isText, MAX_LENGTH } from "./values.js";

/** Stands for a value of the wrong kind. */
export const WRONG: unique symbol = Symbol("wrong");

interface KindOfValue {
  words: string;
  /** Returns the checked form of a value, or `WRONG`. */
  take: (value: unknown) => unknown;
}

/** The most extra parameters of a request. The core compares each with each. */
const MAX_PARAMS = 1_000;

/** The most required claims, and the most keys of a set. */
const MAX_ENTRIES = 100;

export const KINDS = {
  text: { words: "a string", take: when(isText) },
  // Of any length: it is cut before it crosses.
  body: {
    words: "a string",
    take: when((value) => typeof value === "string" && value.isWellFormed()),
  },
  words: { words: "a string or a list of strings", take: takeWords },
  texts: { words: "a string or a list of strings", take: takeTexts },
  params: { words: `an object of at most ${MAX_PARAMS} strings, a plain one`, take: takeParams },
  boolean: { words: "true or false", take: when((value) => typeof value === "boolean") },
  timeLimit: {
    words: "a number of milliseconds, more than 0",
    take: when((value) => Number.isFinite(value) && Number(value) > 0),
  },
  time: { words: "a number of milliseconds", take: when(Number.isFinite) },
  timeOrNull: {
    words: "a number of milliseconds or null",
    take: when((value) => value === null || Number.isFinite(value)),
  },
  duration: {
    words: "a number of milliseconds, 0 or more",
    take: when((value) => Number.isFinite(value) && Number(value) >= 0),
  },
  length: {
    words: `a number of characters, from 1 to ${MAX_LENGTH}`,
    take: whole(1, MAX_LENGTH),
  },
  count: {
    words: "a whole number from 1 to 1,000,000",
    take: whole(1, 1_000_000),
  },
  retries: { words: "0, 1 or 2", take: whole(0, 2) },
  claims: { words: "an object of 1 to 100 strings, a plain one", take: takeClaims },
  json: { words: "a plain object", take: takeJson },
  jwks: { words: "a plain object with a list of `keys`", take: takeKeySet },
  status: {
    words: "a number from 0 to 999",
    take: whole(0, 999),
  },
  headers: {
    words: "a Headers object or an object of strings",
    take: when((value) => isRecord(value) && !(value instanceof Map) && !isTooLong(value)),
  },
  object: { words: "an object", take: when(isRecord) },
  request: { words: "an object as the builder returned it", take: when(isRecord) },
  function: { words: "a function", take: when(isFunction) },
  store: {
    words: "what `sharedStore` or `kvStore` returns",
    take: when((value) => Object(value).isTokenStore === true),
  },
  secret: {
    words: "a string or a function that gives one",
    take: when((value) => isText(value) || isFunction(value)),
  },
  key: { words: "a string, its bytes or a plain object", take: takeKey },
  keyOrFunction: {
    words: "a string, its bytes, a plain object or a function that gives one",
    take: (value: unknown) => (isFunction(value) ? value : takeKey(value)),
  },
  bytes: { words: "a Uint8Array or an ArrayBuffer", take: when(isBytes) },
  roles: {
    words: "a role or a list of roles, each a string or a plain object",
    take: takeRoles,
  },
  signal: { words: "an AbortSignal", take: when(isSignal) },
} satisfies Record<string, KindOfValue>;

/** The name of a kind. */
export type Kind = keyof typeof KINDS;

/** The name of a kind, without the mark in which the table of a function may add to it. */
export function unmarked(kind: string): Kind {
  return kind.replace(/[!?]$/, "") as Kind;
}

export function hasMark(kind: unknown, mark: "!" | "?"): boolean {
  return typeof kind === "string" && kind.endsWith(mark);
}

function when(test: (value: unknown) => boolean): KindOfValue["take"] {
  return (value) => (test(value) ? value : WRONG);
}

function whole(least: number, most: number): KindOfValue["take"] {
  return when(
    (value) => Number.isInteger(value) && Number(value) >= least && Number(value) <= most,
  );
}

function isFunction(value: unknown): boolean {
  return typeof value === "function";
}

function takeWords(value: unknown): unknown {
  if (isText(value)) return value;
  const texts = takeList(value);
  return texts === WRONG ? WRONG : texts.join(" ");
}

function takeTexts(value: unknown): unknown {
  return isText(value) ? [value] : takeList(value);
}

function takeList(value: unknown): string[] | typeof WRONG {
  if (!Array.isArray(value) || value.length > MAX_LENGTH) return WRONG;
  const texts: string[] = [];
  // By index, since the caller may have replaced the iterator.
  for (let index = 0; index < value.length; index += 1) {
    const text: unknown = value[index];
    if (!isText(text)) return WRONG;
    texts.push(text);
  }
  return lengthOf(texts) <= MAX_LENGTH ? texts : WRONG;
}

function takeParams(value: unknown): unknown {
  const entries = entriesOf(value, MAX_PARAMS);
  if (!entries) return WRONG;
  // A form has a way to write a NUL.
  const texts = entries.flat().filter((text) => typeof text === "string" && text.isWellFormed());
  if (texts.length < 2 * entries.length || lengthOf(texts as string[]) > MAX_LENGTH) return WRONG;
  return new URLSearchParams(entries as [string, string][]).toString();
}

function takeClaims(value: unknown): unknown {
  const entries = entriesOf(value, MAX_ENTRIES) ?? [];
  const texts = entries.flat() as string[];
  const isTaken = texts.length > 0 && texts.every(isText) && lengthOf(texts) <= MAX_LENGTH;
  return isTaken ? entries : WRONG;
}

/** The entries of a plain object whose keys are all enumerable strings. */
function entriesOf(value: unknown, most: number): [string, unknown][] | undefined {
  if (!isPlain(value)) return undefined;
  const entries = Object.entries(value);
  const isTaken = entries.length <= most && Reflect.ownKeys(value).length === entries.length;
  return isTaken ? entries : undefined;
}

function takeKey(value: unknown): unknown {
  return keyText(value) ?? WRONG;
}

function takeJson(value: unknown): unknown {
  return isPlain(value) ? (keyText(value) ?? WRONG) : WRONG;
}

function takeKeySet(value: unknown): unknown {
  if (!isPlain(value) || !Object.hasOwn(value, "keys")) return WRONG;
  const { keys } = value;
  if (!Array.isArray(keys) || keys.length > MAX_ENTRIES || !keys.every(isPlain)) return WRONG;
  return `{"keys":[${keys.map(keyText).join()}]}`;
}

function takeRoles(value: unknown): unknown {
  if (Array.isArray(value) && value.length > MAX_LENGTH) return WRONG;
  const roles = [value].flat();
  return roles.every((role) => isText(role) || isPlain(role)) ? roles : WRONG;
}

/** The length of a list that is joined by spaces. */
export function lengthOf(texts: string[]): number {
  return texts.reduce((sum, text) => sum + text.length + 1, -1);
}

/** Whether all texts of a value together are too long. */
export function isTooLong(value: unknown): boolean {
  // A list may be sparse and of any length, and then takes minutes to go through.
  if (Array.isArray(value) && value.length > MAX_LENGTH) return true;
  return lengthOf(textsOf(value).filter((text) => typeof text === "string")) > MAX_LENGTH;
}

function textsOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  if (isPlain(value)) return Object.entries(value).flat();
  return [value];
}
