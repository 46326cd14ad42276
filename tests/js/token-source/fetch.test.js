// @ts-check
// `source.fetch` against real servers: what arrives at an API, where the token may go, aborts and
// errors.
import assert from "node:assert/strict";
import test from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { inspect } from "node:util";
import { closedOrigin, freshSource, startApi, startBoth } from "../support/http/api-server.js";
import { failure } from "../support/errors.js";

/** @typedef {import("edge-credentials").SecretSourceOptions} Options */
/** @typedef {import("../support/http/api-server.js").Recorded} Recorded */

const SIGNAL = "c4nary";

const { zitadel, api } = await startBoth();

test("an address that is neither https nor http gets no token, whatever its origin is", async () => {
  const source = freshSource(zitadel, { allowedOrigins: [api.origin] });
  for (const address of [
    `blob:${api.origin}/x`,
    `blob:${new URL(zitadel.issuer).origin}/x`,
    "data:,x",
    "file:///x",
    "javascript:1",
    `filesystem:${api.origin}/temporary/x`,
    "about:blank",
    "ws://127.0.0.1",
  ]) {
    for (const input of [
      address,
      new URL(address),
      new Request(address),
      /** @type {any} */ ({ toString: () => address }),
    ]) {
      const error = await failure(() => source.fetch(input), "origin_refused");
      assert.equal(error.category, "misuse");
    }
  }
  for (const origin of [`blob:${api.origin}`, "data:", "null", "file://"])
    assert.throws(() => freshSource(zitadel, { allowedOrigins: [origin] }), {
      name: "AuthError",
      category: "misuse",
    });
  assert.deepEqual([zitadel.requests, api.requests], [[], []]);
  assert.equal((await source.fetch(new Request(`${api.origin}/x`))).status, 200);
});

test("the caller's headers arrive, however they are given, with the token beside them", async () => {
  const url = `${api.origin}/users?a=1`;
  const mine = { "x-mine": "kept", accept: "text/plain" };
  /** @type {Record<string, [input: string | URL | Request, init?: RequestInit]>} */
  const calls = {
    "an object": [url, { method: "POST", headers: mine }],
    "a list": [url, { method: "POST", headers: Object.entries(mine) }],
    Headers: [url, { method: "POST", headers: new Headers(mine) }],
    "a URL": [new URL(url), { method: "POST", headers: mine }],
    "a Request": [new Request(url, { method: "POST", headers: mine })],
    "a Request and an init that says nothing of headers": [
      new Request(url, { headers: mine }),
      { method: "POST" },
    ],
    "a Request and headers that replace its own": [
      new Request(url, { method: "POST", headers: { "x-mine": "lost" } }),
      { headers: mine },
    ],
    "an init that is a Request": [
      url,
      new Request("https://elsewhere.example", { method: "POST", headers: mine }),
    ],
  };
  const own = source();
  const authorization = await own.authorization();
  for (const [name, [input, init]] of Object.entries(calls)) {
    const response = await own.fetch(input, init);
    assert.equal(await response.text(), "fine", name);
    const { method, path, headers } = /** @type {Recorded} */ (api.requests.pop());
    const arrived = [method, path, headers["x-mine"], headers.accept, headers.authorization];
    assert.deepEqual(arrived, ["POST", "/users?a=1", "kept", "text/plain", authorization], name);
  }
});

test("the caller's objects stay as they were, and an authorization of theirs does not count", async () => {
  const headers = new Headers({ authorization: "Basic mine" });
  const init = Object.freeze({ headers });
  const own = source();
  await own.fetch(api.origin, init);
  assert.equal(headers.get("authorization"), "Basic mine");
  assert.equal(api.requests[0].headers.authorization, await own.authorization());
});

test("a Request of another library goes to the `apiFetch` that knows it, as it is", async () => {
  /** @type {[unknown, RequestInit][]} */
  const calls = [];
  const own = source({
    async apiFetch(input, init) {
      calls.push([input, init]);
      return new Response("fine");
    },
  });
  const request = /** @type {any} */ ({
    url: api.origin,
    method: "GET",
    headers: { "x-mine": "kept" },
    body: null,
    redirect: "follow",
  });
  assert.equal((await own.fetch(request)).status, 200);
  const [[input, init]] = calls;
  assert.deepEqual(
    [input === request, Object.fromEntries(new Headers(init.headers))],
    [true, { "x-mine": "kept", authorization: await own.authorization() }],
  );
  await failure(
    () => own.fetch({ ...request, url: "https://elsewhere.example" }),
    "origin_refused",
  );
  assert.equal(calls.length, 1);
});

test("its functions need no `this`", async () => {
  const { fetch } = source();
  assert.equal((await fetch(zitadel.apiUrl)).status, 200);
});

test("an origin that is not allowed gets nothing, nor is a token asked for", async () => {
  const own = source({ allowedOrigins: [] });
  for (const input of [`${api.origin}/secret-path`, new URL(api.origin), new Request(api.origin)]) {
    const error = await failure(() => own.fetch(input), "origin_refused");
    assert.equal(error.category, "misuse");
    assert.ok(error.hint.includes(`\`allowedOrigins: ["${api.origin}"]\``), error.hint);
    assert.ok(!inspect(error, { depth: 9 }).includes("secret-path"));
  }
  assert.deepEqual([api.requests.length, zitadel.requests.length], [0, 0]);
});

test("what is fetched is what was checked, whatever an object says of itself", async (t) => {
  const evil = await startApi();
  t.after(evil.stop);
  const own = source();
  const good = `${api.origin}/good`;
  class Lying extends Request {
    get url() {
      return good;
    }
  }
  let asked = 0;
  /** @type {Record<string, any>} */
  const inputs = {
    "a URL with a `url`": Object.assign(new URL(evil.origin), { url: good }),
    "an object with a `url` and a `toString`": { url: good, toString: () => evil.origin },
    "an object that changes its mind": {
      toString() {
        asked += 1;
        return asked === 1 ? good : evil.origin;
      },
    },
    "a Request of a class that lies": new Lying(evil.origin),
    "a Request with a `url` of its own": Object.defineProperty(new Request(evil.origin), "url", {
      value: good,
    }),
    "a proxy of a Request": new Proxy(new Request(evil.origin), {
      get: (target, name) => (name === "url" ? good : Reflect.get(target, name, target)),
    }),
  };
  for (const [name, input] of Object.entries(inputs)) {
    await own.fetch(input).then(
      () => {},
      (error) =>
        assert.ok(
          ["origin_refused", "option_invalid", "network_failed"].includes(error.code),
          `${name}: ${inspect(error)}`,
        ),
    );
    assert.deepEqual(evil.requests, [], name);
  }

  Object.defineProperty(Object.prototype, "url", { value: good, configurable: true });
  t.after(() => Reflect.deleteProperty(Object.prototype, "url"));
  const calls = /** @type {unknown[]} */ ([]);
  const other = source({
    apiFetch: async (url) => {
      calls.push(url);
      return new Response();
    },
  });
  for (const one of [own, other])
    await failure(() => one.fetch(new URL(evil.origin)), "origin_refused");
  assert.deepEqual([evil.requests, calls], [[], []]);
});

test("an origin is compared whole", async () => {
  const { port } = new URL(zitadel.issuer);
  const own = source({ allowedOrigins: [] });
  for (const url of [
    `https://127.0.0.1:${port}`,
    `http://127.0.0.1`,
    `http://127.0.0.1.example:${port}`,
    `http://localhost:${port}`,
  ]) {
    await failure(() => own.fetch(url), "origin_refused");
  }
  assert.equal(zitadel.requests.length, 0);
});

test("allowed are the issuer's origin and those given", async () => {
  const { issuer } = zitadel;
  const own = source({ tokenEndpoint: undefined, issuer });
  assert.equal((await own.fetch(zitadel.apiUrl)).status, 200);
  assert.equal((await own.fetch(api.origin)).status, 200);
});

test("what is more than an origin is refused with the value to paste", async () => {
  for (const [given, origin] of [
    ["https://api.example/", "https://api.example"],
    ["https://api.example/v1", "https://api.example"],
    ["https://API.example", "https://api.example"],
    ["https://api.example:443", "https://api.example"],
    ["http://127.0.0.1:8080/v1", "http://127.0.0.1:8080"],
  ]) {
    const error = await failure(() => source({ allowedOrigins: [given] }), "option_invalid");
    assert.ok(
      error.message.includes("allowedOrigins") && error.hint.includes(`\`${origin}\``),
      inspect(error),
    );
  }
  await failure(() => source({ allowedOrigins: ["http://api.example"] }), "url_insecure");
  for (const given of ["api.example", "*", "", "https://*.example"])
    await failure(() => source({ allowedOrigins: [given] }), "option_invalid");
});

test("a redirect is handed back, unless the caller wants it followed", async () => {
  const own = source();
  const location = `${zitadel.issuer}/elsewhere`;
  api.answer = ({ path }) =>
    path === "/moved" ? { status: 302, headers: { location } } : { body: "fine" };
  await own.get();
  zitadel.requests.length = 0;
  for (const input of [`${api.origin}/moved`, new Request(`${api.origin}/moved`)]) {
    const response = await own.fetch(input);
    assert.deepEqual([response.status, response.headers.get("location")], [302, location]);
  }
  assert.equal(zitadel.requests.length, 0);
  const followed = await own.fetch(`${api.origin}/moved`, { redirect: "follow" });
  assert.deepEqual([followed.status, followed.redirected], [404, true]);
  assert.equal(zitadel.requests[0].headers.authorization, undefined);
  await failure(
    () => own.fetch(new Request(`${api.origin}/moved`, { redirect: "error" })),
    "network_failed",
  );
});

test("an abort while the token is waited for rejects with its reason, and the API hears nothing", async () => {
  for (const how of ["init", "Request"]) {
    zitadel.script({ delay: 150, body: { access_token: "late", token_type: "Bearer" } });
    const controller = new AbortController();
    const { signal } = controller;
    const reason = new RangeError("the caller's own");
    const own = source();
    const call =
      how === "init"
        ? own.fetch(api.origin, { signal })
        : own.fetch(new Request(api.origin, { signal }));
    setTimeout(() => controller.abort(reason), 30);
    await assert.rejects(call, (error) => error === reason);
    // Nobody waited any longer for the request that was under way.
    assert.notEqual((await own.get()).accessToken, "late");
    await wait(20);
    assert.equal(api.requests.length, 0);
  }
});

test("an abort during the API's call rejects with its reason", async () => {
  const own = source();
  await own.get();
  api.answer = () => ({ delay: 1_000 });
  for (const how of ["init", "Request"]) {
    const controller = new AbortController();
    const { signal } = controller;
    const call =
      how === "init"
        ? own.fetch(api.origin, { signal })
        : own.fetch(new Request(api.origin, { signal }));
    setTimeout(() => controller.abort("enough"), 50);
    await assert.rejects(call, (error) => error === "enough");
  }
  assert.equal(api.requests.length, 2);
});

test("an API that cannot be reached is an AuthError that shows no more than its origin", async () => {
  const origin = await closedOrigin();
  const own = source({ allowedOrigins: [origin] });
  const error = await failure(
    () => own.fetch(`${origin}/c4nary?c4nary#c4nary`, { headers: { "x-mine": "c4nary" } }),
    "network_failed",
  );
  assert.deepEqual(
    [error.category, error.retryable, error.message],
    ["unavailable", true, `${origin} cannot be reached`],
  );
  assert.ok(!inspect(error, { depth: 9, showHidden: true }).includes("c4nary"));
});

test("a signal that is none, and a response that is none", async () => {
  for (const signal of [SIGNAL, {}, 5, { aborted: false, addEventListener() {} }]) {
    const error = await failure(
      () => source().fetch(api.origin, { signal: /** @type {any} */ (signal) }),
      "option_invalid",
    );
    assert.ok(!inspect(error).includes(SIGNAL));
    await failure(() => source().get({ signal: /** @type {any} */ (signal) }), "option_invalid");
  }
  for (const answer of [undefined, null, SIGNAL, {}]) {
    const own = source({
      apiFetch: async () => /** @type {any} */ (answer),
    });
    const error = await failure(() => own.fetch(api.origin), "callback_failed");
    assert.ok(!inspect(error).includes(SIGNAL));
  }
  assert.equal(api.requests.length, 0);
});

test("an address that is none", async () => {
  const own = source();
  for (const input of ["/users", "users", "", "http://", "api.example", "http://c4nary c4nary"]) {
    const error = await failure(() => own.fetch(input), "option_invalid");
    assert.ok(!inspect(error).includes("c4nary"));
  }
  for (const none of [undefined, null]) {
    const { message } = await failure(() => own.fetch(/** @type {any} */ (none)), "option_invalid");
    assert.equal(message, `the address to fetch is ${none}: is the binding set?`);
  }
  assert.deepEqual([api.requests.length, zitadel.requests.length], [0, 0]);
});

test("a name or a password in the address is refused, and not shown", async () => {
  for (const allowedOrigins of [[api.origin], []]) {
    for (const before of ["user:c4nary@", "c4nary@", ":c4nary@"]) {
      const error = await failure(
        () => source({ allowedOrigins }).fetch(api.origin.replace("//", `//${before}`)),
        "option_invalid",
      );
      assert.ok(!inspect(error, { depth: 9, showHidden: true }).includes("c4nary"));
    }
  }
  assert.equal(api.requests.length, 0);
});

test("a call that fails before anything is sent leaves the Request's body unread", async () => {
  const post = (/** @type {string} */ url) =>
    new Request(url, { method: "PUT", body: "kept", headers: { "x-mine": "kept" } });
  const own = source();
  const elsewhere = post("https://elsewhere.example");
  await failure(() => own.fetch(elsewhere), "origin_refused");
  await assert.rejects(own.fetch(elsewhere, { signal: AbortSignal.abort() }));
  const request = post(api.origin);
  zitadel.script({ status: 429 });
  const error = await failure(() => own.fetch(request), "rate_limited");
  assert.deepEqual([elsewhere.bodyUsed, request.bodyUsed, error.retryable], [false, false, true]);
  assert.equal((await source().fetch(request)).status, 200);
  assert.deepEqual(
    api.requests.map(({ method, headers, body }) => [method, headers["x-mine"], body]),
    [["PUT", "kept", "kept"]],
  );

  const used = await failure(() => source().fetch(request), "option_invalid");
  assert.match(used.hint, /make a new one for each call/);
  assert.equal((await source().fetch(request, { body: "another" })).status, 200);
  assert.deepEqual(
    api.requests.map(({ method, headers, body }) => [method, headers["x-mine"], body])[1],
    ["PUT", "kept", "another"],
  );
});

test("a Request of another library is refused where no `apiFetch` knows it", async () => {
  const error = await failure(
    () =>
      source().fetch(
        /** @type {any} */ ({ url: api.origin, method: "POST", headers: {}, body: "x" }),
      ),
    "option_invalid",
  );
  assert.equal(
    error.hint,
    "pass its address instead, or give the source an `apiFetch` that knows it",
  );
  assert.equal(api.requests.length, 0);
});

test("a stream is sent without being told that it is one", async () => {
  const stream = new Blob(["streamed"]).stream();
  assert.equal((await source().fetch(api.origin, { method: "POST", body: stream })).status, 200);
  assert.equal(api.requests[0].body, "streamed");
});

/**
 * A source of its own.
 *
 * @param {Partial<Options>} [changes]
 */
function source(changes) {
  return freshSource(zitadel, { allowedOrigins: [api.origin], ...changes });
}
