// @ts-check
// The facade with anything at several places at once: getters, proxies, values of another realm,
// polluted prototypes, lone surrogates, symbols, huge texts. What comes out is an AuthError without a
// word of theirs. `hostile-values.test.js` has each value at each place alone.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { createContext, runInContext } from "node:vm";
import { SECRET, TOKEN } from "../support/canary.js";
import { realTime, takeTime } from "../support/clock.js";
import * as every from "../support/core/every-call.js";
import { places, throwsAt, VALUES } from "../support/core/hostile-values.js";
import { fuzzTime, randomFrom, START } from "../support/random.js";

const { CALLS, assertNoTimer, assertOurs, outcome } = every;

takeTime({ after });

const SECONDS = 30;

/** Values of another realm are no instances of this one's classes. */
const realm = createContext({ SECRET, TOKEN });
const FOREIGN = [
  "({})",
  "[]",
  "['a', SECRET]",
  "({ a: SECRET, get b() { throw new Error(SECRET); } })",
  "Object.create(null)",
  "new Map([['a', SECRET]])",
  "new Date(NaN)",
  "new Uint8Array(70000)",
  "new ArrayBuffer(64)",
  "Promise.resolve(SECRET)",
  "Promise.reject(new Error(SECRET))",
  "(() => SECRET)",
  "(async () => { throw new Error(SECRET); })",
  "new Error(SECRET)",
  "new String(SECRET)",
  "new Number(5)",
  "Object('text')",
  "Symbol.for(SECRET)",
  "new Proxy({}, {})",
  "/x/g",
  "(function* () { yield SECRET; })()",
  "new (class Secret { constructor() { this.token = TOKEN; } })()",
];

/** Members that a polluted prototype would give to every object. */
const POLLUTION = {
  clientSecret: SECRET,
  accessToken: TOKEN,
  insecureHttp: true,
  issuer: "https://evil.example",
  tokenEndpoint: "https://evil.example/token",
  jwksUri: "https://evil.example/keys",
  audience: "evil",
  typ: "evil",
  leeway: 9e15,
  fetch: () => assert.fail("the prototype's fetch was called"),
  then: undefined,
  code: SECRET,
  status: 200,
  keys: [],
  toJSON: () => SECRET,
};

const hugeTexts = ["\u0001", "\ud800", "é", '"', "\\", "%"].map((text) => text.repeat(2 ** 20 + 1));
const names = Object.keys(VALUES).filter((name) => !/90 million|of them/.test(name));

/** @param {ReturnType<typeof randomFrom>} random */
function anything(random) {
  switch (random.below(10)) {
    case 0:
    case 1:
      return realmValue(random.of(FOREIGN));
    case 2:
      return random.of([undefined, null, true, -1, 0.5, Infinity, 2 ** 53, -0, 1n, "", " ", "\0"]);
    case 3:
      return random.of(hugeTexts);
    case 4:
      return text(random);
    case 5:
      return Array.from({ length: random.below(5) }, () => VALUES[random.of(names)]());
    case 6:
      return { [random.of(Object.keys(POLLUTION))]: VALUES[random.of(names)]() };
    case 7:
      return Object.defineProperty({}, random.of(Object.keys(POLLUTION)), {
        enumerable: true,
        get: () => VALUES[random.of(names)](),
      });
    default:
      return VALUES[random.of(names)]();
  }
}

/** @param {string} source */
function realmValue(source) {
  const value = runInContext(source, realm);
  // Nobody else hears a rejection that a call refuses to look at.
  if (source.startsWith("Promise.reject")) value.then(undefined, () => {});
  return value;
}

/** @param {ReturnType<typeof randomFrom>} random */
function text(random) {
  const units = Array.from({ length: random.below(40) }, () =>
    random.oneIn(4) ? 0xd800 + random.below(2_048) : random.below(random.oneIn(3) ? 65_536 : 128),
  );
  return String.fromCharCode(...units);
}

test("anything at several places at once comes out as an AuthError, or does no harm", async () => {
  const calls = Object.entries(CALLS).flatMap(([name, list]) =>
    list.map((call, at) => ({ name: `${name} ${at}`, ...call })),
  );
  const end = realTime() + fuzzTime(SECONDS);
  let rounds = 0;
  let refused = 0;
  for (; realTime() < end; rounds += 1) {
    const random = randomFrom(START + rounds);
    const { name, run, args } = random.of(calls);
    const given = changed(random, args);
    const result = await outcome(() => withPollution(random, () => run(...given)));
    if ("thrown" in result) refused += 1;
    assertOurs(result, `${name}, with FUZZ_START=${START + rounds}`);
  }
  await assertNoTimer("the fuzz of the facade");
  assert.ok(rounds > 200 && refused > rounds / 4, `${rounds} rounds, ${refused} refused`);
  console.log(`${rounds} rounds, ${refused} refused`);
});

/**
 * Several places have something else; one in ten is an object that throws when it is looked at
 * again.
 *
 * @type {(random: ReturnType<typeof randomFrom>, args: unknown[]) => unknown[]}
 */
function changed(random, args) {
  let given = args;
  for (let n = 0; n <= random.below(3); n += 1) {
    try {
      given = changedOnce(random, given);
    } catch {
      break; // A value that is there already lets nobody look for another place.
    }
  }
  return given;
}

/** @type {(random: ReturnType<typeof randomFrom>, args: unknown[]) => unknown[]} */
function changedOnce(random, args) {
  const all = [...places(args)];
  if (all.length === 0) return [anything(random)];
  return random.of(all).put((old) => {
    const isObject = typeof old === "object" && old !== null;
    return isObject && random.oneIn(10) ? throwsAt(old, 1 + random.below(12)) : anything(random);
  });
}

/**
 * With members on the prototype of all objects, one time in four, while the call is made: what
 * waits for something goes on without them.
 *
 * @template T
 * @param {ReturnType<typeof randomFrom>} random
 * @param {() => T} run
 * @returns {T}
 */
function withPollution(random, run) {
  if (!random.oneIn(4)) return run();
  const all = Object.entries(POLLUTION).filter(() => random.oneIn(3));
  for (const [name, value] of all)
    Object.defineProperty(Object.prototype, name, { value, configurable: true, writable: true });
  try {
    return run();
  } finally {
    for (const [name] of all) Reflect.deleteProperty(Object.prototype, name);
  }
}
