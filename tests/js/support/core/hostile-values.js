// @ts-check
// Values that a caller's bug or a caller's caller may put anywhere, and the places where they can
// be put.
import { hostile, SECRET, TOKEN } from "../canary.js";

/** Digits that are recognised wherever they come out. */
export const DIGITS = "98765432109876543210";

const nasty = () => {
  throw new Error(SECRET);
};
const traps = Object.fromEntries(
  Reflect.ownKeys(Reflect)
    .filter((name) => typeof name === "string")
    .map((name) => [name, nasty]),
);
/** JSON takes six characters for each, which no string has room for: V8's has 2 ** 29. */
const GIANT = "\u0001".repeat(90_000_000);
/** What is read of options, answers, requests, keys and errors. */
const MEMBERS = [
  "then",
  "toString",
  "toJSON",
  "valueOf",
  "length",
  "get",
  "url",
  "href",
  "headers",
  "signal",
  "aborted",
  "reason",
  "accessToken",
  "text",
  "code",
  "category",
  "retryAt",
  "verify",
  "kty",
  "type",
  "name",
  "cause",
];

/** @type {Record<string, () => unknown>} */
export const VALUES = {
  null: () => null,
  "a symbol": () => Symbol(SECRET),
  "a BigInt": () => BigInt(DIGITS),
  "a proxy that throws": hostile,
  "a proxy of a list that throws": () => new Proxy([], traps),
  "a proxy of a function that throws": () => new Proxy(() => {}, traps),
  "a revoked proxy": () => revoked({}),
  "a revoked proxy of a list": () => revoked([]),
  "a revoked proxy of a function": () => revoked(() => {}),
  "members that throw": () =>
    Object.defineProperties(
      {},
      Object.fromEntries(
        [...MEMBERS, Symbol.toPrimitive, Symbol.toStringTag, Symbol.iterator].map((name) => [
          name,
          { get: nasty, enumerable: true },
        ]),
      ),
    ),
  "functions that throw": () =>
    Object.fromEntries(
      [...MEMBERS, Symbol.toPrimitive, Symbol.iterator].map((name) => [name, nasty]),
    ),
  "a list whose iterator throws": () => Object.assign(["a"], { [Symbol.iterator]: nasty }),
  "a promise of what throws": () => ({
    then: (/** @type {(value: unknown) => void} */ done) => done(hostile()),
  }),
  "no text at all": () => Object.create(null),
  "a symbol for a name": () => ({ [Symbol(SECRET)]: "a", a: "b" }),
  "a symbol for a value": () => ({ a: Symbol(SECRET) }),
  "a list of symbols": () => [Symbol(SECRET)],
  "a list with a hole": () => Object.assign(Array(2), { 1: "a" }),
  "a list of proxies": () => [hostile(), revoked({})],
  "a list of lists": () => [[hostile()], [Symbol(SECRET)]],
  "a list that is its own member": () => circle([]),
  "an object that is its own member": () => circle({}),
  "a lone surrogate": () => "\ud800",
  "lone surrogates": () => ["\udfff\ud800"],
  "90 million control characters": () => GIANT,
  "a list of them": () => [GIANT, GIANT, GIANT, GIANT, GIANT, GIANT],
  "a record of them": () => ({ a: GIANT, b: GIANT }),
  "what passes for an AuthError": () => ({
    [Symbol.for("edge-credentials.AuthError")]: true,
    code: SECRET,
    category: "unavailable",
    message: SECRET,
    hint: SECRET,
    retryAt: Symbol(SECRET),
  }),
  "a number that is none": () => NaN,
  "an instance of a class": () =>
    new (class Secret {
      token = TOKEN;
    })(),
  bytes: () => new Uint8Array([1, 2]),
};

/**
 * What passes for a signal until somebody does one of these things with it.
 *
 * @type {Record<string, () => AbortSignal>}
 */
export const SIGNALS = Object.fromEntries(
  [
    "addEventListener",
    "removeEventListener",
    "reason of an aborted one",
    "reason once it is aborted",
    "aborted",
  ].map((what) => [what, () => signalThatThrows(what)]),
);

/**
 * @param {string} what
 * @returns {any}
 */
function signalThatThrows(what) {
  let looks = 0;
  return {
    get aborted() {
      looks += 1;
      // The first look is the check of the option.
      if (what === "aborted" && looks > 1) nasty();
      return what === "reason of an aborted one";
    },
    get reason() {
      return nasty();
    },
    addEventListener(/** @type {string} */ _, /** @type {() => void} */ listener) {
      if (what === "addEventListener") nasty();
      if (what === "reason once it is aborted") queueMicrotask(listener);
    },
    removeEventListener() {
      if (what === "removeEventListener") nasty();
    },
  };
}

/**
 * It behaves until somebody does something with it for the `looks`th time.
 *
 * @template {object} T
 * @param {T} target
 * @param {number} looks
 * @returns {T}
 */
export function throwsAt(target, looks) {
  let count = 0;
  const all = Object.entries(traps).map(([name]) => [
    name,
    (/** @type {any[]} */ ...given) => {
      count += 1;
      if (count >= looks) nasty();
      return /** @type {any} */ (Reflect)[name](...given);
    },
  ]);
  return new Proxy(target, Object.fromEntries(all));
}

/**
 * All places in arguments: each of them, and each member of what is plain data.
 *
 * @param {unknown[]} args
 * @returns {Generator<{ path: string[]; put: (make: (old: unknown) => unknown) => unknown[] }>}
 */
export function* places(args) {
  for (const path of paths(args, []))
    yield { path, put: (make) => /** @type {unknown[]} */ (replaced(args, path, make)) };
}

/** Deeper than any option is. */
const DEEPEST = 8;

/** @type {(value: unknown, path: string[]) => Generator<string[]>} */
function* paths(value, path) {
  if (path.length > 0) yield path;
  // What is its own member would have places without end.
  if (path.length >= DEEPEST || !isData(value)) return;
  for (const name of Object.keys(value)) yield* paths(value[name], [...path, name]);
}

/**
 * A copy in which one place has something else.
 *
 * @type {(value: unknown, path: string[], make: (old: unknown) => unknown) => unknown}
 */
function replaced(value, [name, ...rest], make) {
  if (name === undefined) return make(value);
  const copy = /** @type {any} */ (
    Array.isArray(value) ? [...value] : { .../** @type {object} */ (value) }
  );
  copy[name] = replaced(copy[name], rest, make);
  return copy;
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
function isData(value) {
  return (
    Array.isArray(value) ||
    (typeof value === "object" &&
      value !== null &&
      Object.getPrototypeOf(value) === Object.prototype &&
      !Object.isFrozen(value))
  );
}

/**
 * @param {any} target
 * @returns {any}
 */
function revoked(target) {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

/** @param {any} target */
function circle(target) {
  target[Array.isArray(target) ? 0 : "a"] = target;
  return target;
}
