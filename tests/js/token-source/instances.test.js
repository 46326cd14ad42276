// @ts-check
// Equal options give the same source, unequal ones never share a token, and no number of them fills
// the memory.
import assert from "node:assert/strict";
import { after, before, mock, test } from "node:test";
import { inspect } from "node:util";
import { runInNewContext } from "node:vm";
import { tokenSource } from "edge-credentials";
import { failure } from "../support/errors.js";
import { keyTenants, secretTenants } from "../support/fleet/tenants.js";
import { startZitadel } from "../support/zitadel/server.js";

/** @typedef {import("edge-credentials").TokenSourceOptions} Options */

/** How many sources are remembered. */
const MOST = 1_000;

/** @type {Awaited<ReturnType<typeof startZitadel>>} */
let zitadel;
let clients = 0;

before(async () => {
  zitadel = await startZitadel();
});
after(() => zitadel.stop());

test("equal options give the same source, in whatever order and form", () => {
  const { clientId } = fresh();
  const base = { tokenEndpoint: "https://idp.example/token", clientId, clientSecret: "secret" };
  const more = {
    ...base,
    insecureHttp: false,
    scope: ["a", "b"],
    resource: ["https://a.example/"],
    params: { a: "1", b: "2" },
    allowedOrigins: ["https://a.example", "https://b.example"],
  };
  /** @type {[Options, Options][]} */
  const pairs = [
    [base, { ...base }],
    [base, { clientSecret: "secret", clientId, tokenEndpoint: base.tokenEndpoint }],
    [
      base,
      {
        ...base,
        insecureHttp: false,
        timeout: 20_000,
        scope: "",
        resource: [],
        params: {},
        allowedOrigins: [],
      },
    ],
    [more, structuredClone(more)],
    [more, { ...more, params: { b: "2", a: "1" } }],
    [more, { ...more, params: runInNewContext('({ a: "1", b: "2" })') }],
    [more, { ...more, scope: "a b", resource: "https://a.example/" }],
    [
      more,
      { ...more, allowedOrigins: ["https://b.example", "https://a.example", "https://b.example"] },
    ],
    [
      { ...base, allowedOrigins: ["https://a.example"] },
      { ...base, allowedOrigins: /** @type {any} */ ("https://a.example") },
    ],
  ];
  for (const [a, b] of pairs) assert.equal(tokenSource(a), tokenSource(b), inspect(b));
  assert.notEqual(tokenSource(base), tokenSource(more));
});

test("whatever differs, the source differs", () => {
  const { clientId } = fresh();
  const base = { tokenEndpoint: "https://idp.example/token", clientId, clientSecret: "secret" };
  const all = /** @type {any[]} */ ([
    ...secretTenants(base),
    ...keyTenants({ tokenEndpoint: base.tokenEndpoint }),
    { ...base, clientSecret: () => "secret" },
    { ...base, fetch },
  ]);
  assert.equal(new Set(all.map(tokenSource)).size, all.length);
  assert.equal(new Set(all.map(tokenSource)).size, all.length);
});

test("a source does not follow changes of the options it was made with", async () => {
  const options = { ...fresh(), params: { n: "before" } };
  const source = tokenSource(options);
  options.params.n = "after";
  await source.get();
  assert.ok(zitadel.requests.at(-1)?.body.includes("n=before"));
  assert.notEqual(tokenSource(options), source);
});

test("a wrong secret is denied, though the client's token is kept", async () => {
  const options = fresh();
  const { accessToken } = await tokenSource(options).get();
  for (const clientSecret of ["wrong", `${options.clientSecret} `, () => "wrong"]) {
    const error = await failure(
      () => tokenSource({ ...options, clientSecret }).get(),
      "credentials_refused",
    );
    assert.equal(error.category, "denied");
  }
  assert.equal((await tokenSource(options).get()).accessToken, accessToken);
});

test("callers with equal options share one token request", async () => {
  const options = fresh();
  zitadel.requests.length = 0;
  const tokens = await Promise.all(
    Array.from({ length: 50 }, () => tokenSource({ ...options }).get()),
  );
  assert.deepEqual([new Set(tokens).size, zitadel.requests.length], [1, 1]);
});

test("functions are compared by identity, and the fourth new one is warned of, once", (t) => {
  const warn = t.mock.method(console, "warn", () => {});
  for (const name of ["clientSecret", "fetch"]) {
    warn.mock.resetCalls();
    const options = fresh();
    const given = () => ({ ...options, [name]: async () => "" });
    const known = given();
    assert.equal(tokenSource(known), tokenSource({ ...known }));
    const all = [known, given(), given()].map(tokenSource);
    for (let i = 0; i < 9; i += 1) tokenSource(known);
    assert.deepEqual([new Set(all).size, warn.mock.callCount()], [3, 0]);
    tokenSource(given());
    assert.equal(warn.mock.callCount(), 1, name);
    for (let i = 5; i < 20; i += 1) tokenSource(given());
    assert.equal(warn.mock.callCount(), 1, name);
    const [text, ...others] = warn.mock.calls[0].arguments;
    assert.deepEqual(others, []);
    assert.match(text, /^edge-credentials: .*define the functions once, at module level$/);
  }
});

test("of whom was warned is forgotten too, after 1,000 others", (t) => {
  const warn = t.mock.method(console, "warn", () => {});
  const options = fresh();
  const four = () =>
    Array.from({ length: 4 }, () => tokenSource({ ...options, fetch: async () => new Response() }));
  four();
  const others = fresh();
  for (let n = 0; n < MOST; n += 1) tokenSource({ ...others, params: { n: String(n) }, fetch });
  four();
  assert.equal(warn.mock.callCount(), 2);
});

test("a new onEvent is no new source, and the latest one is told", async (t) => {
  const warn = t.mock.method(console, "warn", () => {});
  const options = fresh();
  const listeners = Array.from({ length: 6 }, () => mock.fn());
  const [source, ...others] = listeners.map((onEvent) => tokenSource({ ...options, onEvent }));
  assert.deepEqual(new Set(others), new Set([source]));
  assert.equal(tokenSource(options), source);
  await source.get();
  assert.deepEqual(
    listeners.map(({ mock }) => mock.callCount()),
    [0, 0, 0, 0, 0, 1],
  );
  assert.equal(warn.mock.callCount(), 0);
});

test("a listener given during a flight is told how it ends", async () => {
  const options = fresh();
  const early = mock.fn();
  const late = mock.fn();
  const flight = tokenSource({ ...options, onEvent: early }).get();
  tokenSource({ ...options, onEvent: late });
  await flight;
  assert.deepEqual([early.mock.callCount(), late.mock.callCount()], [0, 1]);
});

test("options that are refused are not remembered", async () => {
  const options = { ...fresh(), scope: 'not "allowed' };
  await failure(() => tokenSource(options), "option_invalid");
  await failure(() => tokenSource(options), "option_invalid");
});

test("1,000 sources are remembered, and the least recently used one is forgotten", () => {
  const base = fresh();
  const nth = (/** @type {number} */ n) => tokenSource({ ...base, params: { n: String(n) } });
  const first = nth(1);
  const second = nth(2);
  for (let n = 3; n <= MOST; n += 1) nth(n);
  assert.equal(nth(1), first);
  nth(MOST + 1);
  assert.equal(nth(1), first);
  assert.notEqual(nth(2), second);
});

test("a source that is forgotten during a flight still brings its callers the token, and goes on working", async () => {
  const options = fresh();
  zitadel.script({
    delay: 200,
    body: { access_token: "late", token_type: "Bearer", expires_in: 3600 },
  });
  const source = tokenSource(options);
  const callers = [source.get(), source.get()];
  fill();
  const other = tokenSource(options);
  assert.notEqual(other, source);
  const tokens = await Promise.all(callers);
  assert.deepEqual(
    tokens.map(({ accessToken }) => accessToken),
    ["late", "late"],
  );
  zitadel.requests.length = 0;
  assert.equal(await source.get(), tokens[0]);
  source.invalidate(tokens[0]);
  assert.notEqual((await source.get()).accessToken, (await other.get()).accessToken);
  assert.equal(zitadel.requests.length, 2);
});

test("a forgotten source tells its listener that it is, and goes on telling it", async () => {
  const onEvent = mock.fn();
  const source = tokenSource({ ...fresh(), onEvent });
  fill();
  await source.get();
  assert.deepEqual(
    onEvent.mock.calls.map(({ arguments: [{ type }] }) => type),
    ["drop", "fetch"],
  );
});

/** Has every source forgotten that was there before. */
function fill() {
  const base = fresh();
  for (let n = 0; n < MOST; n += 1) tokenSource({ ...base, params: { n: String(n) } });
}

/** Options that no test had before. */
function fresh() {
  const { tokenEndpoint, state } = zitadel;
  const { clientId, clientSecret } = state;
  clients += 1;
  return { tokenEndpoint, clientId, clientSecret, scope: ["openid", `urn:test:${clients}`] };
}
