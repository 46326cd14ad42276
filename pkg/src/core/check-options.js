import { misuse } from "./error-constructors.js";

/**
 * The longest text of an option, and the most that all texts of a list or a record have, in
 * characters: JSON may take six times as much.
 */
const LONGEST = 2 ** 20;

/**
 * @typedef {"string"
 *   | "body"
 *   | "strings"
 *   | "record"
 *   | "boolean"
 *   | "time"
 *   | "timeOrNull"
 *   | "duration"
 *   | "status"
 *   | "headers"
 *   | "object"
 *   | "request"
 *   | "function"
 *   | "secret"
 *   | "key"
 *   | "keyOrFunction"
 *   | "bytes"
 *   | "roles"
 *   | "signal"} Kind
 */

/**
 * The kinds of value that options have, each with the words for it and its test.
 *
 * @type {Record<Kind, [words: string, test: (value: unknown) => boolean]>}
 */
const KINDS = {
  string: ["a string", isText],
  // Of any length: an answer's is cut where it is read.
  body: ["a string", isText],
  strings: ["a string or a list of strings", (value) => isText(value) || isTexts(value)],
  record: [
    "an object of strings, a plain one",
    (value) => isPlain(value) && isTexts([...Reflect.ownKeys(value), ...Object.values(value)]),
  ],
  boolean: ["true or false", (value) => typeof value === "boolean"],
  time: ["a number of milliseconds", Number.isFinite],
  timeOrNull: [
    "a number of milliseconds or null",
    (value) => value === null || Number.isFinite(value),
  ],
  duration: [
    "a number of milliseconds, 0 or more",
    (value) => Number.isFinite(value) && Number(value) >= 0,
  ],
  status: [
    "a number from 0 to 999",
    (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 999,
  ],
  headers: [
    "a Headers object or an object of strings",
    (value) => isRecord(value) && !(value instanceof Map),
  ],
  object: ["an object", isRecord],
  request: ["an object as the builder returned it", isRecord],
  function: ["a function", isFunction],
  secret: ["a string or a function that gives one", (value) => isText(value) || isFunction(value)],
  key: ["a string or a plain object", isKey],
  keyOrFunction: [
    "a string, a plain object or a function that gives one",
    (value) => isKey(value) || isFunction(value),
  ],
  bytes: [
    "a Uint8Array or an ArrayBuffer",
    (value) =>
      ArrayBuffer.isView(value) ? tag(value) === "Uint8Array" : tag(value) === "ArrayBuffer",
  ],
  roles: [
    "a role or a list of roles, each a string or a plain object",
    (value) => [value].flat().every((one) => isText(one) || isPlain(one)),
  ],
  signal: ["an AbortSignal", isSignal],
};

/**
 * Checks options and copies the caller's own ones, so that nothing is taken from a polluted
 * prototype.
 *
 * An option given as `undefined` is refused: it is nearly always a binding or a variable that is
 * not set.
 *
 * @template {object} T
 * @param {string} caller the function that takes them, for messages
 * @param {T} options
 * @param {{ [K in keyof T]?: Kind | `${Kind}!` }} kinds the kind of each option, with `!` where it
 *   is required
 * @returns {T}
 * @throws {import("./errors.js").AuthError} `option_invalid`
 */
export function checkOptions(caller, options, kinds) {
  return guardReads(() => checked(caller, options, /** @type {Record<string, string>} */ (kinds)));
}

/**
 * @template {object} T
 * @param {string} caller
 * @param {T} options
 * @param {Record<string, string>} shape
 */
function checked(caller, options, shape) {
  checkRecord(caller, options, () => `an object with ${list(shape)}`);
  const own = /** @type {T & Record<string, unknown>} */ (snapshot(options));
  for (const [name, value] of Object.entries(own)) {
    const kind = Object.hasOwn(shape, name) ? shape[name] : undefined;
    if (kind === undefined) {
      throw invalidOption(
        `${quoted(name) ?? "one of the names given"} is no option of ${caller}`,
        `it takes ${list(shape)}`,
      );
    }
    check(name, value, kind);
  }
  for (const [name, kind] of Object.entries(shape)) {
    if (kind.endsWith("!") && !(name in own))
      throw invalidOption(`\`${name}\` is missing`, `${caller} takes ${list(shape)}`);
  }
  return own;
}

/**
 * Copies what is the caller's own, lists included, so that it cannot change between the check and
 * the use.
 *
 * @param {object} options
 */
function snapshot(options) {
  const own = Object.assign(Object.create(null), options);
  for (const [name, value] of Object.entries(own)) {
    // By its places, since its iterator may be anything; no more of them than are refused.
    if (Array.isArray(value))
      own[name] = Array.from({ length: Math.min(value.length, LONGEST + 1) }, (_, at) => value[at]);
    else if (isPlain(value)) own[name] = { ...value };
  }
  return own;
}

/**
 * Runs what reads an object of the caller's: a getter or a proxy of theirs may throw, and what it
 * throws may hold anything.
 *
 * @template T
 * @param {() => T} read
 * @returns {T}
 * @throws {import("./errors.js").AuthError} `option_invalid`
 */
export function guardReads(read) {
  try {
    return read();
  } catch (thrown) {
    if (typeof thrown === "object" && thrown !== null && ownErrors.has(thrown)) throw thrown;
    throw invalidOption("an option threw when it was read", "pass plain objects with plain values");
  }
}

/**
 * @param {string} caller
 * @param {unknown} value
 * @param {() => string} what in words
 */
export function checkRecord(caller, value, what) {
  if (isRecord(value) && !isPromise(value)) return;
  throw invalidOption(
    `${caller} takes ${what()}, not ${kindOf(value)}`,
    isPromise(value) ? "await it first" : "see what the function takes",
  );
}

/**
 * @param {string} message
 * @param {string} hint
 */
export function invalidOption(message, hint) {
  const error = misuse("option_invalid", message, hint);
  ownErrors.add(error);
  return error;
}

/**
 * Anybody can make an AuthError that holds anything.
 *
 * @type {WeakSet<object>}
 */
const ownErrors = new WeakSet();

/**
 * @param {string} name
 * @param {unknown} value
 * @param {string} kind
 */
function check(name, value, kind) {
  if (value === undefined) {
    const hint =
      "set what it comes from: in a Worker a secret or variable of wrangler's, elsewhere the environment";
    throw invalidOption(
      `\`${name}\` is undefined: is the binding set?`,
      kind.endsWith("!") ? hint : `${hint}; or leave the option out`,
    );
  }
  const [words, test] = KINDS[/** @type {Kind} */ (kind.endsWith("!") ? kind.slice(0, -1) : kind)];
  if (test(value)) {
    return kind.startsWith("body") ? undefined : checkLength(name, value);
  }
  const given = kindOf(value);
  const contrast = words.includes(given) ? "" : `, not ${given}`;
  const hint = isPromise(value)
    ? "await it first"
    : value instanceof URL
      ? "pass its href or its origin"
      : ArrayBuffer.isView(value)
        ? "decode it: these are bytes, not a text"
        : typeof value === "number" && words.startsWith("a string")
          ? "put it in quotes: a long id loses digits as a number"
          : "check where the value comes from";
  throw invalidOption(`\`${name}\` must be ${words}${contrast}`, hint);
}

/**
 * Of a text, or of all texts of a list or a record together.
 *
 * @type {(name: string, value: unknown) => void}
 */
export function checkLength(name, value) {
  const texts = Array.isArray(value)
    ? value
    : isPlain(value)
      ? Object.entries(value).flat()
      : [value];
  // A space follows each, since lists are joined.
  const length = texts.reduce(
    (sum, text) => sum + (typeof text === "string" ? text.length : 0) + 1,
    -1,
  );
  if (length > LONGEST)
    throw invalidOption(
      `\`${name}\` is longer than ${LONGEST} characters`,
      "check where the value comes from",
    );
}

/**
 * Whether an option is there, whatever it is.
 *
 * @param {unknown} options
 * @param {string} name
 */
export function hasOption(options, name) {
  return guardReads(() => isRecord(options) && Object.hasOwn(options, name));
}

/**
 * Whether it has a member of its own: one that a polluted prototype has must not make something
 * else of it.
 *
 * @type {<T extends object, N extends string>(
 *   object: T,
 *   name: N,
 * ) => object is Extract<T, Record<N, unknown>>}
 */
export function hasOwn(object, name) {
  return Object.hasOwn(object, name);
}

/**
 * The kinds of the options by which a client proves who it is.
 *
 * @param {unknown} options
 */
export function clientKinds(options) {
  const [byAssertion, bySecret] = /** @type {const} */ ([
    { clientAssertion: "string!" },
    { clientSecret: "string!", clientAuth: "string" },
  ]);
  return {
    clientId: /** @type {const} */ ("string!"),
    ...(hasOption(options, "clientAssertion") ? byAssertion : bySecret),
  };
}

/**
 * Members of an object that may carry whatever else its owner keeps with it.
 *
 * @template {object} T
 * @template {keyof T} K
 * @param {string} caller
 * @param {T} object
 * @param {string} what in words
 * @param {K[]} names
 * @returns {Pick<T, K>}
 */
export function pick(caller, object, what, ...names) {
  return guardReads(() => {
    checkRecord(caller, object, () => what);
    const own = names
      .filter((name) => Object.hasOwn(object, name))
      .map((name) => [name, object[name]]);
    return /** @type {Pick<T, K>} */ (
      Object.fromEntries(own.filter(([, value]) => value !== undefined))
    );
  });
}

/**
 * A name in backticks, unless it may be a secret in the wrong place: words as people write them,
 * short numbers and GUIDs are none.
 *
 * @param {string} name
 */
export function quoted(name) {
  return name.length <= 100 && NAME.test(name) ? `\`${name}\`` : undefined;
}

// A password made at random mixes letters of both cases with digits, or has more of them in a row than words have.
const WORD = "[A-Z]{1,14}|[A-Z]?[a-z]{1,14}(?:[A-Z][a-z]{1,13}|ID|UR[IL]){0,3}";
const NUMBER = "\\d{1,20}|[a-z]+\\d(?!\\d)";
const GUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
const NAME = new RegExp(`^(?:(?:${GUID}|${WORD}|${NUMBER})(?![A-Za-z0-9])[-._:/@*#~+]*)+$`);

/**
 * A string that UTF-8 can carry: a lone surrogate would silently become another character.
 *
 * @param {unknown} value
 */
export function isText(value) {
  return typeof value === "string" && value.isWellFormed();
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
export function isRecord(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @param {unknown} value */
function isKey(value) {
  return isText(value) || isPlain(value);
}

/**
 * By name, since its class may come from another realm.
 *
 * @param {unknown} value
 */
function tag(value) {
  return Object.prototype.toString.call(value).slice(8, -1);
}

/** @param {unknown} value */
function isFunction(value) {
  return typeof value === "function";
}

/** @param {unknown} value */
export function isSignal(value) {
  return (
    isRecord(value) &&
    typeof value.aborted === "boolean" &&
    isFunction(value.addEventListener) &&
    isFunction(value.removeEventListener)
  );
}

/** @param {unknown} value */
function isTexts(value) {
  return Array.isArray(value) && value.every(isText);
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
export function isPlain(value) {
  if (!isRecord(value)) return false;
  // Not by identity: in Vercel's sandbox and in jest, what `response.json()` gives has the `Object.prototype` of another realm.
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** @param {unknown} value */
function isPromise(value) {
  return isRecord(value) && typeof value.then === "function";
}

/**
 * What a value is, in words that show nothing of it.
 *
 * @param {unknown} value
 */
function kindOf(value) {
  if (value === null || value === undefined) return String(value);
  if (isPromise(value)) return "a promise";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "an object";
  if (typeof value === "string" && !isText(value))
    return "one that UTF-8 cannot carry (a lone surrogate)";
  return `a ${typeof value}`;
}

/** @param {Record<string, string>} shape */
function list(shape) {
  return Object.keys(shape).join(", ");
}
