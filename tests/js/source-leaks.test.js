// @ts-check
// The canary: no secret and no token in anything of a source that can be logged, whatever servers and callbacks do.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { inspect } from "node:util";
import { AuthError, tokenSource } from "edge-credentials";
import { closedOrigin, failure, startApi } from "./api.js";

/** @typedef {import("edge-credentials").TokenSourceOptions} Options */
/** @typedef {import("edge-credentials").SourceEvent} SourceEvent */

const SECRET = 'c4nary s3cret/+"\\ü%';
const TOKEN = "t0ken.c4nary";
const BASIC = Buffer.from(`id:${encodeURIComponent(SECRET).replaceAll("%20", "+")}`).toString("base64");
const MARKS = ["c4nary", "C4NARY", "s3cret", "ü%", "t0ken", BASIC.slice(4, 20)];

/** Plays the token endpoint, the issuer and the API. @type {Awaited<ReturnType<typeof startApi>>} */
let server;
let clients = 0;

before(async () => {
  server = await startApi();
});
beforeEach(() => {
  server.answer = ({ path }) => (path === "/token" ? json({ access_token: TOKEN, token_type: "Bearer", expires_in: 3600 }) : {});
});
after(() => server.stop());

test("the source, its functions and its events show nothing", async () => {
  const { source, events } = make();
  const token = await source.get();
  assert.equal(await source.authorization(), `Bearer ${TOKEN}`);
  server.answer = ({ path }) => (path === "/token" ? json({ access_token: `${TOKEN}2`, token_type: "Bearer", expires_in: 3600 }) : { status: 401 });
  assert.equal((await source.fetch(server.origin)).status, 401);
  source.reject(await source.get());
  source.reject("another");
  assert.deepEqual(events.map(({ type }) => type), ["fetch", "reject", "fetch", "reject"]);
  [source, ...Object.values(source), ...events].forEach(clean);
  assert.deepEqual([Object.isFrozen(source), Object.isFrozen(token), Object.keys(source)], [true, true, ["get", "authorization", "fetch", "reject"]]);
});

test("the canary is found where it is", () => {
  for (const leak of [new Error(SECRET), { a: { b: [SECRET] } }, new Error("", { cause: { name: TOKEN } }), Object.assign(() => {}, { SECRET }), `Basic ${BASIC}`]) {
    assert.throws(() => clean(leak), /^AssertionError.*: leaked/);
  }
  const hidden = Object.defineProperty(new Error("x"), "request", { value: { headers: { a: SECRET } }, enumerable: false });
  assert.throws(() => clean(hidden), /: leaked/);
});

test("a server that quotes the request", async () => {
  /** @type {((quote: string) => unknown)[]} */
  const bodies = [
    (quote) => ({ error: "invalid_client", error_description: `wrong: ${quote} for id` }),
    (quote) => ({ error: quote, error_description: quote, error_uri: quote }),
    (quote) => ({ access_token: `${TOKEN} ${quote}`, token_type: "Bearer" }),
    (quote) => ({ access_token: TOKEN, token_type: quote }),
    (quote) => ({ access_token: TOKEN, token_type: "Bearer", expires_in: quote, scope: [quote] }),
    (quote) => quote,
    () => `{"access_token":"${TOKEN}`,
  ];
  /** @type {{ clientAuth: NonNullable<Options["clientAuth"]>, status: number, body: (quote: string) => unknown }[]} */
  const cases = [];
  for (const clientAuth of /** @type {const} */ (["client_secret_basic", "client_secret_post"])) {
    for (const status of [200, 302, 400, 401, 404, 429, 500, 503]) for (const body of bodies) cases.push({ clientAuth, status, body });
  }
  server.answer = ({ path, headers, body }) => {
    const { status, body: quoting } = cases[Number(path.slice(1))];
    const quote = [headers.authorization, body, decodeURIComponent(body.replaceAll("+", " ")), SECRET, encodeURIComponent(SECRET), SECRET.toUpperCase()].join(" ");
    const answer = quoting(quote);
    return { ...json(answer), status, headers: { "content-type": "application/json", "retry-after": "9", location: `https://x.example/?${encodeURIComponent(quote)}` } };
  };
  await Promise.all(
    cases.map(async ({ clientAuth, status, body }, n) => {
      const { source, events } = make({ tokenEndpoint: `${server.origin}/${n}`, clientAuth });
      const what = `${clientAuth} ${status} ${body}`;
      for (const ask of [source.get, source.authorization, () => source.fetch(server.origin)]) clean(await failure(ask), what);
      assert.equal(events.at(-1)?.type, "fail", what);
      events.forEach((event) => clean(event, what));
    }),
  );
});

test("what a server says and is no secret is shown", async () => {
  server.answer = () => ({ ...json({ error: "tenant_suspended", error_description: `tenant acme of ${SECRET} is suspended` }), status: 400 });
  const error = await failure(make().source.get);
  assert.deepEqual([error.error, error.errorDescription, error.status], ["tenant_suspended", "tenant acme of [redacted] is suspended", 400]);
});

test("an issuer whose metadata hold what is not theirs to know", async () => {
  const issuer = server.origin;
  for (const metadata of [{ issuer: SECRET }, { issuer, token_endpoint: SECRET }, { issuer, token_endpoint: `https://id:${TOKEN}@idp.example` }, { issuer, token_endpoint: `${issuer}/token`, token_endpoint_auth_methods_supported: [SECRET, "none"] }, SECRET]) {
    server.answer = () => json(metadata);
    const { source, events } = make({ issuer });
    clean(await failure(source.get), inspect(metadata));
    events.forEach((event) => clean(event));
  }
});

test("a server that cannot be reached", async () => {
  const { source, events } = make({ tokenEndpoint: `${await closedOrigin()}/token` });
  const error = await failure(source.get, "network_failed");
  assert.deepEqual(error.cause, { name: "TypeError", code: "ECONNREFUSED" });
  assert.deepEqual(events.map(({ type }) => type), ["retry", "retry", "fail"]);
  [error, ...events].forEach((shown) => clean(shown));
});

test("a fetch of the caller's that throws, for the token and for the API", async () => {
  await Promise.all(
    Object.entries(thrown()).flatMap(([name, make]) => [
      offeredToken(name, (_, init) => Promise.reject(make(init))),
      offeredToken(name, (_, init) => { throw make(init); }),
      offeredApi(name, make),
    ]),
  );

  /** @type {(name: string, fetch: NonNullable<Options["fetch"]>) => Promise<void>} */
  async function offeredToken(name, fetch) {
    const { source, events } = make({ fetch });
    const error = await failure(source.get, "network_failed");
    clean(error, name);
    events.forEach((event) => clean(event, name));
  }

  /** @type {(name: string, make: (init: RequestInit) => unknown) => Promise<void>} */
  async function offeredApi(name, make_) {
    const { source } = make({ fetch: (url, init) => (url.endsWith("/token") ? fetch(url, init) : Promise.reject(make_(init))) });
    const error = await failure(() => source.fetch(server.origin, { headers: { "x-mine": SECRET } }), "network_failed");
    clean(error, name);
  }
});

test("a fetch of the caller's that gives no good answer", async () => {
  const broken = () => new ReadableStream({ start: (controller) => controller.error(new Error(SECRET)) });
  const nasty = () => { throw new Error(SECRET); };
  /** @type {unknown[]} */
  const answers = [undefined, null, SECRET, {}, { status: SECRET, headers: new Headers(), text: () => "" }, { status: 200, headers: SECRET, text: async () => SECRET }, { status: 200, headers: {}, text: nasty }, new Response(broken()), { get status() { return nasty(); } }, hostile()];
  await Promise.all(
    answers.map(async (answer) => {
      const { source, events } = make({ fetch: async () => /** @type {Response} */ (answer) });
      [await failure(source.get), ...events].forEach((shown) => clean(shown));
    }),
  );
});

test("headers of a fetch of the caller's that throw what passes for an error of ours", async () => {
  const forged = new AuthError({ code: "option_invalid", class: "misuse", message: SECRET, hint: SECRET });
  const throwing = () => { throw forged; };
  for (const headers of [{ get: throwing }, { get get() { return throwing(); } }, { get: () => ({ toString: throwing }) }, new Proxy({}, { get: throwing, ownKeys: throwing })]) {
    const { source, events } = make({ fetch: async () => /** @type {any} */ ({ status: 500, headers, text: async () => "" }) });
    [await failure(source.get), ...events].forEach((shown) => clean(shown));
  }
  const { source } = make();
  for (const init of [{ get headers() { return throwing(); } }, new Proxy({}, { ownKeys: throwing })]) clean(await failure(() => source.fetch(server.origin, init), "option_invalid"));
  clean(await failure(() => source.reject(/** @type {any} */ ({ get accessToken() { return throwing(); } })), "option_invalid"));
});

test("a polluted prototype adds no cause", async (t) => {
  Object.defineProperty(Object.prototype, "cause", { value: { name: SECRET }, configurable: true });
  t.after(() => Reflect.deleteProperty(Object.prototype, "cause"));
  server.answer = () => ({ ...json({ error: "invalid_client" }), status: 401 });
  const { source } = make();
  for (const error of [await failure(source.get), await failure(source.get)]) assert.ok(!Object.hasOwn(error, "cause"));
});

test("a function `clientSecret` that throws", async () => {
  for (const [name, make_] of Object.entries(thrown())) {
    for (const clientSecret of [() => { throw make_(); }, () => Promise.reject(make_())]) {
      const { source, events } = make({ clientSecret });
      const error = await failure(source.get, "callback_failed");
      assert.equal(error.class, "misuse");
      [error, ...events].forEach((shown) => clean(shown, name));
    }
  }
});

test("a function `clientSecret` that gives no secret", async () => {
  for (const given of [undefined, null, 5, { c4nary: SECRET }, [SECRET], new String(SECRET), () => SECRET, hostile()]) {
    const { source } = make({ clientSecret: /** @type {any} */ (() => given) });
    clean(await failure(source.get, "callback_failed"));
  }
  for (const given of [`${SECRET}\ud800`, `${SECRET}\n`, ""]) {
    const { source } = make({ clientSecret: async () => given, clientAuth: "client_secret_basic" });
    server.answer = () => ({ ...json({ error: "invalid_client" }), status: 401 });
    clean(await failure(source.get));
  }
});

test("a function `clientSecret` that fails when it is asked again", async () => {
  let calls = 0;
  const { source } = make({ clientSecret: () => { if ((calls += 1) > 1) throw new Error(SECRET); return SECRET; } });
  server.answer = ({ headers }) => ({ ...json({ error: "invalid_client", error_description: headers.authorization }), status: 401 });
  clean(await failure(source.get, "credentials_refused"));
  assert.equal(calls, 2);
});

test("a header that no request can carry", async () => {
  const { source } = make();
  for (const headers of [{ "x-mine": `${SECRET}\nx: y` }, [["x-mine", `${SECRET}\u0000`]], { [SECRET]: "1" }, [[SECRET]], { "x-mine": "\u0100c4nary" }]) {
    const error = await failure(() => source.fetch(server.origin, { headers: /** @type {any} */ (headers) }), "option_invalid");
    assert.equal(error.message, "`headers` hold a name or a value that no header can have");
    clean(error);
  }
  for (const init of [{ get headers() { throw new Error(SECRET); } }, hostile()]) clean(await failure(() => source.fetch(server.origin, init), "option_invalid"));
  clean(await failure(() => source.fetch(/** @type {any} */ (hostile())), "option_invalid"));
});

test("an onEvent that throws breaks nothing, and what it throws is not shown", async (t) => {
  const warn = t.mock.method(console, "warn", () => {});
  for (const make_ of Object.values(thrown())) {
    // A rejection that nobody hears ends the process.
    for (const onEvent of [() => { throw make_(); }, async () => { throw make_(); }]) {
      warn.mock.resetCalls();
      const { source } = make({ onEvent });
      assert.equal((await source.get()).accessToken, TOKEN);
      await new Promise((done) => setImmediate(done));
      assert.deepEqual(warn.mock.calls.map(({ arguments: texts }) => texts), [["edge-credentials: onEvent threw an error"]]);
    }
  }
});

test("a console that throws breaks nothing", async (t) => {
  t.mock.method(console, "warn", () => { throw new Error(SECRET); });
  for (const onEvent of [() => { throw new Error(SECRET); }, async () => { throw new Error(SECRET); }]) {
    assert.equal((await make({ onEvent }).source.get()).accessToken, TOKEN);
  }
  for (let i = 0; i < 5; i += 1) make({ params: { n: "console" }, fetch: async () => new Response() });
  await new Promise((done) => setImmediate(done));
});

test("options that cannot be right are refused at once", async () => {
  /** @type {[changes: object, message: RegExp, code?: string][]} */
  const rows = [
    [{ clientSecrt: "x" }, /^`clientSecrt` is no option of tokenSource$/],
    [{ [SECRET]: 1 }, /^one of the names given is no option/],
    [{ clientSecret: undefined }, /^`clientSecret` is undefined: is the binding set\?$/],
    [{ clientSecret: 5 }, /^`clientSecret` must be a string or a function that gives one, not a number$/],
    [{ clientSecret: Promise.resolve(SECRET) }, /^`clientSecret` must be .*, not a promise$/],
    [{ clientSecret: "" }, /^the client secret is empty$/],
    [{ tokenEndpoint: undefined }, /^`tokenEndpoint` is undefined/],
    [{ tokenEndpoint: `https://id:${TOKEN}@idp.example` }, /^the token endpoint has no plain host name$/],
    [{ tokenEndpoint: "http://idp.example/token" }, /^the token endpoint is http, /, "url_insecure"],
    [{ timeout: 0 }, /^`timeout` is 0$/],
    [{ timeout: -1 }, /^`timeout` must be/],
    [{ timeout: NaN }, /^`timeout` must be/],
    [{ clientAuth: "none" }, /^the client authentication is unknown$/],
    [{ scope: SECRET }, /^a scope holds characters/],
    [{ resource: "users" }, /^a resource is not an absolute URI/],
    [{ params: { grant_type: SECRET } }, /^an extra parameter would override one/],
    [{ allowedOrigins: [`https://id:${TOKEN}@api.example`] }, /^one of `allowedOrigins` /],
    [{ allowedOrigins: [SECRET] }, /^one of `allowedOrigins` /],
    [{ fetch: SECRET }, /^`fetch` must be a function/],
    [{ onEvent: SECRET }, /^`onEvent` must be a function/],
    [{ get scope() { throw new Error(SECRET); } }, /^an option threw when it was read$/],
  ];
  const options = { tokenEndpoint: `${server.origin}/token`, clientId: "id", clientSecret: SECRET };
  for (const [changes, message, code = "option_invalid"] of rows) {
    const given = Object.create(null, { ...Object.getOwnPropertyDescriptors(options), ...Object.getOwnPropertyDescriptors(changes) });
    const error = await failure(() => tokenSource(given), code);
    assert.match(error.message, message);
    assert.equal(error.class, "misuse");
    clean(error, String(message));
  }
  const { tokenEndpoint, ...without } = options;
  assert.match((await failure(() => tokenSource(without), "option_invalid")).message, /^`issuer` or `tokenEndpoint` is missing$/);
  for (const given of [undefined, null, SECRET, [options], Promise.resolve(options), hostile()]) clean(await failure(() => tokenSource(/** @type {any} */ (given)), "option_invalid"));
  const { source } = make();
  for (const given of [SECRET, { [SECRET]: 1 }, { signal: SECRET }, hostile()]) clean(await failure(() => source.get(/** @type {any} */ (given)), "option_invalid"));
  for (const given of [undefined, null, 5, {}, { accessToken: { SECRET } }]) clean(await failure(() => source.reject(/** @type {any} */ (given)), "option_invalid"));
});

/** What callbacks throw. @returns {Record<string, (init?: RequestInit) => unknown>} */
function thrown() {
  return {
    "an Error that holds the request": (init) => Object.assign(new TypeError(`${SECRET} ${init?.body}`, { cause: new Error(SECRET) }), { request: init, code: SECRET }),
    "names and codes": () => Object.assign(new Error("x", { cause: { code: SECRET } }), { name: SECRET, code: TOKEN }),
    "an AuthError": () => new AuthError({ code: "option_invalid", class: "misuse", message: SECRET, hint: SECRET, cause: { name: SECRET } }),
    "what passes for an AuthError": () => ({ [Symbol.for("edge-credentials.AuthError")]: true, message: SECRET, code: SECRET, class: SECRET, hint: SECRET }),
    "a text": () => SECRET,
    "nothing": () => undefined,
    "null": () => null,
    "a symbol": () => Symbol(SECRET),
    "a hostile proxy": hostile,
  };
}

/** Throws whatever one does with it. @returns {any} */
function hostile() {
  const trap = () => { throw new Error(SECRET); };
  return new Proxy({}, Object.fromEntries(Reflect.ownKeys(Reflect).filter((name) => typeof name === "string").map((name) => [name, trap])));
}

/** A source of its own, and what it tells. @param {Partial<Options>} [changes] */
function make(changes = {}) {
  /** @type {SourceEvent[]} */
  const events = [];
  const where = changes.issuer ? {} : { tokenEndpoint: `${server.origin}/token` };
  const params = { n: String((clients += 1)) };
  const source = tokenSource({ ...where, clientId: "id", clientSecret: SECRET, params, allowedOrigins: [server.origin], onEvent: (event) => events.push(event), ...changes });
  return { source, events };
}

/** @param {unknown} body */
function json(body) {
  return { headers: { "content-type": "application/json" }, body: typeof body === "string" ? body : JSON.stringify(body) };
}

/** @type {(value: unknown, what?: unknown) => void} */
function clean(value, what) {
  const shown = [inspect(value, { depth: 9, showHidden: true }), JSON.stringify(value) ?? ""];
  for (let one = /** @type {any} */ (value); one; one = one.cause) {
    shown.push(String(one));
    if (typeof one === "object") for (const name of Reflect.ownKeys(one)) shown.push(String(name), String(Reflect.get(one, name)));
  }
  for (const mark of MARKS) assert.ok(!shown.some((text) => text.includes(mark)), `leaked ${mark}: ${what}: ${shown[0]}`);
}
