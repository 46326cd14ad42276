// @ts-check
// A `fetch` of the caller's: whom it serves, what is wrong with it, and what the runtime says.
import assert from "node:assert/strict";
import test from "node:test";
import { AuthError, tokenSource } from "edge-credentials";
import { advance, takeTime } from "../support/clock.js";
import { fails } from "../support/errors.js";
import { sourceFixture } from "../support/fixtures/token-source.js";
import { CLIENT, verifierFixture } from "../support/fixtures/token-verifier.js";
import { outcome, watch } from "../support/promises.js";

const API = "https://idp.example/api";

/** @param {string} message */
const rejecting =
  (message, kind = Error) =>
  async () => {
    throw new kind(message);
  };

/** @type {Record<string, [fetch: any, message: RegExp, cause?: object]>} */
const MISTAKES = {
  "throws before it asks": [
    () => {
      throw new Error("c4nary");
    },
    /^the function `fetch` threw a Error$/,
    { name: "Error" },
  ],
  "uses a binding that is not set": [
    async () => /** @type {any} */ (undefined).fetch(),
    /^the function `fetch` threw a TypeError$/,
    { name: "TypeError", reason: "Cannot read properties of undefined" },
  ],
  "names what is not there": [
    rejecting("c4nary is not defined", ReferenceError),
    /threw a ReferenceError$/,
    { name: "ReferenceError" },
  ],
  "calls what is no function": [
    rejecting("c4nary.fetch is not a function", TypeError),
    /threw a TypeError$/,
    { name: "TypeError", reason: "is not a function" },
  ],
  "sets a member of nothing": [
    async () => {
      /** @type {any} */ (null).c4nary = 1;
    },
    /threw a TypeError$/,
    { name: "TypeError", reason: "Cannot set properties of null" },
  ],
  "gives nothing": [() => {}, /^the function `fetch` gave undefined, and no Response$/],
  "gives a promise of nothing": [async () => null, /gave null, and no Response$/],
  "gives a mock": [
    async () => ({ ok: true, json: async () => ({ access_token: "c4nary" }) }),
    /gave an object, and no Response$/,
  ],
  "gives a text": [async () => "c4nary", /gave a string, and no Response$/],
};

for (const [name, [fetch, message, cause]] of Object.entries(MISTAKES)) {
  test(`one that ${name} is told, and not tried again`, async (t) => {
    let calls = 0;
    const counted = (/** @type {any[]} */ ...args) => {
      calls += 1;
      return fetch(...args);
    };
    const { source } = sourceFixture(t, { fetch: counted, apiFetch: counted });
    const error = await fails(() => source.get(), "callback_failed");
    assert.match(error.message, message);
    assert.deepEqual([error.category, error.cause, calls], ["misuse", cause, 1]);
    assert.ok(!JSON.stringify(error).includes("c4nary"));

    const api = sourceFixture(t, { apiFetch: counted });
    const other = await fails(() => api.source.fetch(API), "callback_failed");
    assert.match(other.message, new RegExp(message.source.replace("`fetch`", "`apiFetch`")));

    const { verifier, server } = verifierFixture(t, { fetch: counted });
    await fails(() => verifier.verify(server.jwt()), "callback_failed");
  });
}

test("one that gives the same Response twice", async (t) => {
  const body = JSON.stringify({ access_token: "a", token_type: "Bearer", expires_in: 1 });
  const response = new Response(body, { headers: { "content-type": "application/json" } });
  const { source } = sourceFixture(t, { fetch: async () => response });
  await source.get();
  await advance(2_000);
  const error = await fails(() => source.get(), "callback_failed");
  assert.match(error.message, /gave a Response that was read before$/);
});

test("a network that fails stays the network's failure, and is tried again", async (t) => {
  for (const [thrown, cause] of /** @type {const} */ ([
    [new TypeError("fetch failed", { cause: { code: "ECONNREFUSED" } }), { code: "ECONNREFUSED" }],
    [
      // An HTTP client's own mistake where a connection breaks.
      new TypeError("fetch failed", { cause: { message: "Cannot read properties of null" } }),
      { reason: "Cannot read properties of null" },
    ],
    [new TypeError("Failed to fetch"), { reason: "Failed to fetch" }],
    [new Error("Network connection lost."), { reason: "Network connection lost" }],
    [new Error("internal error; reference = c4nary"), {}],
  ])) {
    let calls = 0;
    const { source } = sourceFixture(t, {
      fetch: async () => {
        calls += 1;
        throw thrown;
      },
    });
    const error = await fails(() => source.get(), "network_failed");
    assert.deepEqual(error.cause, { name: thrown.name, ...cause });
    assert.equal(calls, 3);
  }
});

test("`fetch` is the provider's and `apiFetch` the API's: neither is called for the other", async (t) => {
  /** @type {string[]} */
  const calls = [];
  const { source, server } = sourceFixture(t, {
    fetch(url, init) {
      calls.push(`fetch ${new URL(url).pathname}`);
      assert.ok(!String(new Headers(init.headers).get("authorization")).startsWith("Bearer"));
      return server.fetch(url, init);
    },
    async apiFetch(url, init) {
      calls.push(`apiFetch ${new URL(url).pathname}`);
      assert.equal(new Headers(init.headers).get("authorization"), "Bearer token-1");
      return new Response("fine");
    },
  });
  assert.equal(await (await source.fetch(API)).text(), "fine");
  assert.deepEqual(calls, ["fetch /token", "apiFetch /api"]);
});

test("without `apiFetch` the runtime's fetch calls the API, and `fetch` does not", async (t) => {
  const { source } = sourceFixture(t, { apiFetch: undefined });
  const runtime = t.mock.method(globalThis, "fetch", async () => new Response("the runtime's"));
  assert.equal(await (await source.fetch(API)).text(), "the runtime's");
  assert.equal(runtime.mock.callCount(), 1);
});

test("a token that is there already has an `apiFetch` alone", () => {
  assert.throws(
    () => tokenSource(/** @type {any} */ ({ accessToken: "a", fetch })),
    (error) => error instanceof AuthError && /did you mean `apiFetch`/.test(error.hint) === false,
  );
  tokenSource({ accessToken: "a", apiFetch: fetch });
});

/** What workerd says where the request itself is at its limit. */
const LIMITS = [
  "Too many subrequests by single Worker invocation.",
  "Too many subrequests.",
  "Cannot perform I/O on behalf of a different request. I/O objects cannot be accessed.",
  "Subrequest depth limit exceeded. This request recursed through Workers too many times.",
];

for (const message of LIMITS) {
  test(`"${message}" is neither tried again nor shared`, async (t) => {
    let isLimited = true;
    let calls = 0;
    /** @param {(url: string, init: RequestInit) => Promise<Response>} fetch */
    const limited =
      (fetch) => async (/** @type {string} */ url, /** @type {RequestInit} */ init) => {
        calls += 1;
        if (isLimited) throw new Error(message);
        return fetch(url, init);
      };
    const fixture = sourceFixture(t, {
      fetch: limited((url, init) => fixture.server.fetch(url, init)),
    });
    const { source, events } = fixture;
    const error = await fails(() => source.get(), "io_forbidden");
    assert.ok(error.cause?.reason && message.startsWith(error.cause.reason));
    assert.deepEqual([calls, events], [1, []]);
    isLimited = false;
    assert.equal((await source.get()).accessToken, "token-1", "the next request asks");

    for (const kind of /** @type {const} */ (["jwt", "opaque"])) {
      const own = verifierFixture(t, {
        introspection: CLIENT,
        fetch: limited((url, init) => own.server.fetch(url, init)),
      });
      isLimited = true;
      const token = own.server[kind]();
      await fails(() => own.verifier.verify(token), "io_forbidden");
      isLimited = false;
      const next = watch(own.verifier.verify(token));
      await outcome(next);
      assert.ok(next.value, String(next.error));
    }
  });
}

test("who waits with a request at its limit asks for itself", async (t) => {
  let calls = 0;
  const { source, server } = sourceFixture(t, {
    async fetch(url, init) {
      calls += 1;
      if (calls === 1) throw new Error(LIMITS[0]);
      return server.fetch(url, init);
    },
  });
  const [first, second] = [watch(source.get()), watch(source.get())];
  await outcome(second);
  assert.equal(first.error?.code, "io_forbidden");
  assert.equal(second.value?.accessToken, "token-1");
});

test("a function for the secret that is at its limit is no mistake of the function's", async (t) => {
  let isLimited = true;
  const { source } = sourceFixture(t, {
    async clientSecret() {
      if (isLimited) throw new Error(LIMITS[0]);
      return "secret";
    },
  });
  await fails(() => source.get(), "io_forbidden");
  isLimited = false;
  assert.equal((await source.get()).accessToken, "token-1");
});

test("an API's call says the runtime's words too", async (t) => {
  takeTime(t);
  const { source } = sourceFixture(t, {
    apiFetch: async () => {
      throw new Error(LIMITS[0]);
    },
  });
  const error = await fails(() => source.fetch(API), "io_forbidden");
  assert.equal(error.cause?.reason, "Too many subrequests");
});
