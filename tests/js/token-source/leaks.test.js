// @ts-check
// No secret and no token in anything of a source that can be logged, whatever servers do.
import assert from "node:assert/strict";
import test from "node:test";
import { inspect } from "node:util";
import { closedOrigin } from "../support/http/api-server.js";
import { failure } from "../support/errors.js";
import { BASIC, clean, json, make, SECRET, server, TOKEN } from "../support/canary.js";

/** @typedef {import("edge-credentials").SecretSourceOptions} Options */

test("the source, its functions and its events show nothing", async () => {
  const { source, events } = make();
  const token = await source.get();
  assert.equal(await source.authorization(), `Bearer ${TOKEN}`);
  server.answer = ({ path }) =>
    path === "/token"
      ? json({ access_token: `${TOKEN}2`, token_type: "Bearer", expires_in: 3600 })
      : { status: 401 };
  assert.equal((await source.fetch(server.origin)).status, 401);
  source.invalidate(await source.get());
  source.invalidate("another");
  assert.deepEqual(
    events.map(({ type }) => type),
    ["fetch", "invalidate", "fetch", "invalidate"],
  );
  [source, ...Object.values(source), ...events].forEach(clean);
  assert.deepEqual(
    [Object.isFrozen(source), Object.isFrozen(token), Object.keys(source)],
    [true, true, ["get", "authorization", "fetch", "invalidate"]],
  );
});

test("the canary is found where it is", () => {
  for (const leak of [
    new Error(SECRET),
    { a: { b: [SECRET] } },
    new Error("", { cause: { name: TOKEN } }),
    Object.assign(() => {}, { SECRET }),
    `Basic ${BASIC}`,
  ]) {
    assert.throws(() => clean(leak), /^AssertionError.*: leaked/);
  }
  const hidden = Object.defineProperty(new Error("x"), "request", {
    value: { headers: { a: SECRET } },
    enumerable: false,
  });
  assert.throws(() => clean(hidden), /: leaked/);
});

test("a server that quotes the request", async () => {
  /** @type {((quote: string) => unknown)[]} */
  const bodies = [
    (quote) => ({ error: "invalid_client", error_description: `wrong: ${quote} for id` }),
    (quote) => ({ error: quote, error_description: quote, error_uri: quote }),
    (quote) => ({ access_token: `${TOKEN} ${quote}`, token_type: "Bearer" }),
    (quote) => ({ access_token: TOKEN, token_type: quote }),
    // What only describes (`scope`, `expires_in`) is no error any more, whatever it is.
    (quote) => ({ access_token: { [quote]: TOKEN }, token_type: "Bearer", expires_in: quote }),
    (quote) => quote,
    () => `{"access_token":"${TOKEN}`,
  ];
  /**
   * @type {{
   *   clientAuth: NonNullable<Options["clientAuth"]>;
   *   status: number;
   *   body: (quote: string) => unknown;
   * }[]}
   */
  const cases = [];
  for (const clientAuth of /** @type {const} */ (["client_secret_basic", "client_secret_post"])) {
    for (const status of [200, 302, 400, 401, 404, 429, 500, 503])
      for (const body of bodies) cases.push({ clientAuth, status, body });
  }
  server.answer = ({ path, headers, body }) => {
    const { status, body: quoting } = cases[Number(path.slice(1))];
    const quote = [
      headers.authorization,
      body,
      decodeURIComponent(body.replaceAll("+", " ")),
      SECRET,
      encodeURIComponent(SECRET),
      SECRET.toUpperCase(),
    ].join(" ");
    const answer = quoting(quote);
    return {
      ...json(answer),
      status,
      headers: {
        "content-type": "application/json",
        "retry-after": "9",
        location: `https://x.example/?${encodeURIComponent(quote)}`,
      },
    };
  };
  await Promise.all(
    cases.map(async ({ clientAuth, status, body }, n) => {
      const { source, events } = make({ tokenEndpoint: `${server.origin}/${n}`, clientAuth });
      const what = `${clientAuth} ${status} ${body}`;
      for (const ask of [source.get, source.authorization, () => source.fetch(server.origin)])
        clean(await failure(ask), what);
      assert.equal(events.at(-1)?.type, "fail", what);
      events.forEach((event) => clean(event, what));
    }),
  );
});

test("what a server says and is no secret is shown", async () => {
  server.answer = () => ({
    ...json({
      error: "tenant_suspended",
      error_description: `tenant acme of ${SECRET} is suspended`,
    }),
    status: 400,
  });
  const error = await failure(make().source.get);
  assert.deepEqual(
    [error.error, error.errorDescription, error.status],
    ["tenant_suspended", "tenant acme of [redacted] is suspended", 400],
  );
});

test("an issuer whose metadata hold what is not theirs to know", async () => {
  const issuer = server.origin;
  for (const metadata of [
    { issuer: SECRET },
    { issuer, token_endpoint: SECRET },
    { issuer, token_endpoint: `https://id:${TOKEN}@idp.example` },
    {
      issuer,
      token_endpoint: `${issuer}/token`,
      token_endpoint_auth_methods_supported: [SECRET, "none"],
    },
    SECRET,
  ]) {
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
  assert.deepEqual(
    events.map(({ type }) => type),
    ["retry", "retry", "fail"],
  );
  [error, ...events].forEach((shown) => clean(shown));
});

test("a polluted prototype adds no cause", async (t) => {
  Object.defineProperty(Object.prototype, "cause", { value: { name: SECRET }, configurable: true });
  t.after(() => Reflect.deleteProperty(Object.prototype, "cause"));
  server.answer = () => ({ ...json({ error: "invalid_client" }), status: 401 });
  const { source } = make();
  for (const error of [await failure(source.get), await failure(source.get)])
    assert.ok(!Object.hasOwn(error, "cause"));
});
