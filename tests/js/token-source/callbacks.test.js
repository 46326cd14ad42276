// @ts-check
// No secret and no token in anything of a source that can be logged, whatever the caller's own
// functions and options do.
import assert from "node:assert/strict";
import test from "node:test";
import { AuthError, tokenSource } from "edge-credentials";
import { failure } from "../support/errors.js";
import { clean, hostile, json, make, SECRET, server, thrown, TOKEN } from "../support/canary.js";

/** @typedef {import("edge-credentials").SecretSourceOptions} Options */

test("a fetch of the caller's that throws, for the token and for the API", async () => {
  await Promise.all(
    Object.entries(thrown()).flatMap(([name, makeThrown]) => [
      offeredToken(name, (_, init) => Promise.reject(makeThrown(init))),
      offeredToken(name, (_, init) => {
        throw makeThrown(init);
      }),
      offeredApi(name, makeThrown),
    ]),
  );

  /** @type {(name: string, fetch: NonNullable<Options["fetch"]>) => Promise<void>} */
  async function offeredToken(name, fetch) {
    const { source, events } = make({ fetch });
    const error = await failure(source.get);
    assert.ok(["network_failed", "callback_failed"].includes(error.code), error.code);
    clean(error, name);
    events.forEach((event) => clean(event, name));
  }

  /** @type {(name: string, makeThrown: (init: RequestInit) => unknown) => Promise<void>} */
  async function offeredApi(name, makeThrown) {
    const { source } = make({
      apiFetch: (_, init) => Promise.reject(makeThrown(init)),
    });
    const error = await failure(
      () => source.fetch(server.origin, { headers: { "x-mine": SECRET } }),
      "network_failed",
    );
    clean(error, name);
  }
});

test("a fetch of the caller's that gives no good answer", async () => {
  const broken = () =>
    new ReadableStream({ start: (controller) => controller.error(new Error(SECRET)) });
  const nasty = () => {
    throw new Error(SECRET);
  };
  /** @type {unknown[]} */
  const answers = [
    undefined,
    null,
    SECRET,
    {},
    { status: SECRET, headers: new Headers(), text: () => "" },
    { status: 200, headers: SECRET, text: async () => SECRET },
    { status: 200, headers: {}, text: nasty },
    new Response(broken()),
    {
      get status() {
        return nasty();
      },
    },
    hostile(),
  ];
  await Promise.all(
    answers.map(async (answer) => {
      const { source, events } = make({ fetch: async () => /** @type {Response} */ (answer) });
      [await failure(source.get), ...events].forEach((shown) => clean(shown));
    }),
  );
});

test("headers of a fetch of the caller's that throw what passes for an error of ours", async () => {
  const forged = new AuthError({
    code: "option_invalid",
    category: "misuse",
    message: SECRET,
    hint: SECRET,
  });
  const throwing = () => {
    throw forged;
  };
  for (const headers of [
    { get: throwing },
    {
      get get() {
        return throwing();
      },
    },
    { get: () => ({ toString: throwing }) },
    new Proxy({}, { get: throwing, ownKeys: throwing }),
  ]) {
    const { source, events } = make({
      fetch: async () => /** @type {any} */ ({ status: 500, headers, text: async () => "" }),
    });
    [await failure(source.get), ...events].forEach((shown) => clean(shown));
  }
  const { source } = make();
  for (const init of [
    {
      get headers() {
        return throwing();
      },
    },
    new Proxy({}, { ownKeys: throwing }),
  ])
    clean(await failure(() => source.fetch(server.origin, init), "option_invalid"));
  clean(
    await failure(
      () =>
        source.invalidate(
          /** @type {any} */ ({
            get accessToken() {
              return throwing();
            },
          }),
        ),
      "option_invalid",
    ),
  );
});

test("a function `clientSecret` that throws", async () => {
  for (const [name, makeThrown] of Object.entries(thrown())) {
    for (const clientSecret of [
      () => {
        throw makeThrown();
      },
      () => Promise.reject(makeThrown()),
    ]) {
      const { source, events } = make({ clientSecret });
      const error = await failure(source.get, "callback_failed");
      assert.equal(error.category, "misuse");
      [error, ...events].forEach((shown) => clean(shown, name));
    }
  }
});

test("a function `clientSecret` that gives no secret", async () => {
  for (const given of [
    undefined,
    null,
    5,
    { c4nary: SECRET },
    [SECRET],
    new String(SECRET),
    () => SECRET,
    hostile(),
  ]) {
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
  const { source } = make({
    clientSecret: () => {
      calls += 1;
      if (calls > 1) throw new Error(SECRET);
      return SECRET;
    },
  });
  server.answer = ({ headers }) => ({
    ...json({ error: "invalid_client", error_description: headers.authorization }),
    status: 401,
  });
  clean(await failure(source.get, "credentials_refused"));
  assert.equal(calls, 2);
});

test("a header that no request can carry", async () => {
  const { source } = make();
  for (const headers of [
    { "x-mine": `${SECRET}\nx: y` },
    [["x-mine", `${SECRET}\u0000`]],
    { [SECRET]: "1" },
    [[SECRET]],
    { "x-mine": "\u0100c4nary" },
  ]) {
    const error = await failure(
      () => source.fetch(server.origin, { headers: /** @type {any} */ (headers) }),
      "option_invalid",
    );
    assert.equal(error.message, "`headers` hold a name or a value that no header can have");
    clean(error);
  }
  for (const init of [
    {
      get headers() {
        throw new Error(SECRET);
      },
    },
    hostile(),
  ])
    clean(await failure(() => source.fetch(server.origin, init), "option_invalid"));
  clean(await failure(() => source.fetch(/** @type {any} */ (hostile())), "option_invalid"));
});

test("an onEvent that throws breaks nothing, and what it throws is not shown", async (t) => {
  const warn = t.mock.method(console, "warn", () => {});
  for (const makeThrown of Object.values(thrown())) {
    // A rejection that nobody hears ends the process.
    for (const onEvent of [
      () => {
        throw makeThrown();
      },
      async () => {
        throw makeThrown();
      },
    ]) {
      warn.mock.resetCalls();
      const { source } = make({ onEvent });
      assert.equal((await source.get()).accessToken, TOKEN);
      await new Promise((done) => setImmediate(done));
      assert.deepEqual(
        warn.mock.calls.map(({ arguments: texts }) => texts),
        [["edge-credentials: onEvent threw an error"]],
      );
    }
  }
});

test("a console that throws breaks nothing", async (t) => {
  t.mock.method(console, "warn", () => {
    throw new Error(SECRET);
  });
  for (const onEvent of [
    () => {
      throw new Error(SECRET);
    },
    async () => {
      throw new Error(SECRET);
    },
  ]) {
    assert.equal((await make({ onEvent }).source.get()).accessToken, TOKEN);
  }
  for (let i = 0; i < 5; i += 1)
    make({ params: { n: "console" }, fetch: async () => new Response() });
  await new Promise((done) => setImmediate(done));
});

test("options that cannot be right are refused at once", async () => {
  /** @type {[changes: object, message: RegExp, code?: string][]} */
  const rows = [
    [{ clientSecrt: "x" }, /^`clientSecrt` is no option of tokenSource$/],
    [{ [SECRET]: 1 }, /^one of the names given is no option/],
    [{ clientSecret: undefined }, /^`clientSecret` is undefined: is the binding set\?$/],
    [
      { clientSecret: 5 },
      /^`clientSecret` must be a string or a function that gives one, not a number$/,
    ],
    [{ clientSecret: Promise.resolve(SECRET) }, /^`clientSecret` must be .*, not a promise$/],
    [{ clientSecret: "" }, /^the client secret is empty$/],
    [{ tokenEndpoint: undefined }, /^`tokenEndpoint` is undefined/],
    [
      { tokenEndpoint: `https://id:${TOKEN}@idp.example` },
      /^the token endpoint has no plain host name$/,
    ],
    [
      { tokenEndpoint: "http://idp.example/token" },
      /^the token endpoint is http, /,
      "url_insecure",
    ],
    [{ timeout: 0 }, /^`timeout` must be a number of milliseconds, more than 0$/],
    [{ timeout: -1 }, /^`timeout` must be/],
    [{ timeout: NaN }, /^`timeout` must be/],
    [{ clientAuth: "none" }, /^the client authentication is unknown$/],
    [{ scope: SECRET }, /^a scope holds characters/],
    [{ resource: "größe" }, /^a resource holds characters that it cannot/],
    [{ params: { grant_type: SECRET } }, /^an extra parameter would override one/],
    [{ allowedOrigins: [`https://id:${TOKEN}@api.example`] }, /^one of `allowedOrigins` /],
    [{ allowedOrigins: [SECRET] }, /^one of `allowedOrigins` /],
    [{ fetch: SECRET }, /^`fetch` must be a function/],
    [{ onEvent: SECRET }, /^`onEvent` must be a function/],
    [
      {
        get scope() {
          throw new Error(SECRET);
        },
      },
      /^an option threw when it was read$/,
    ],
  ];
  const options = { tokenEndpoint: `${server.origin}/token`, clientId: "id", clientSecret: SECRET };
  for (const [changes, message, code = "option_invalid"] of rows) {
    const given = Object.create(null, {
      ...Object.getOwnPropertyDescriptors(options),
      ...Object.getOwnPropertyDescriptors(changes),
    });
    const error = await failure(() => tokenSource(given), code);
    assert.match(error.message, message);
    assert.equal(error.category, "misuse");
    clean(error, String(message));
  }
  const { tokenEndpoint, ...without } = options;
  assert.match(
    (await failure(() => tokenSource(without), "option_invalid")).message,
    /^`issuer` or `tokenEndpoint` is missing$/,
  );
  for (const given of [undefined, null, SECRET, [options], Promise.resolve(options), hostile()])
    clean(await failure(() => tokenSource(/** @type {any} */ (given)), "option_invalid"));
  const { source } = make();
  for (const given of [SECRET, { [SECRET]: 1 }, { signal: SECRET }, hostile()])
    clean(await failure(() => source.get(/** @type {any} */ (given)), "option_invalid"));
  for (const given of [undefined, null, 5, {}, { accessToken: { SECRET } }])
    clean(await failure(() => source.invalidate(/** @type {any} */ (given)), "option_invalid"));
});
