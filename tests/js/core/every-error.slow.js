// @ts-check
// One error of each code, made where the secret and the token are about, printed in eight ways: none
// shows them, and each says what to do.
import assert from "node:assert/strict";
import { Console } from "node:console";
import { readFileSync } from "node:fs";
import { Writable } from "node:stream";
import { after, test } from "node:test";
import { format, inspect } from "node:util";
import * as ec from "edge-credentials";
import { root } from "../../../scripts/run.js";
import { takeTime } from "../support/clock.js";
import { settled } from "../support/promises.js";
import { verifierFixture } from "../support/fixtures/token-verifier.js";
import { CASES, KEY_SET } from "../token-verifier/jwt/forged/index.js";

const SECRET = "Qz7-s3cret-of-this-test-9kX";
const ENDPOINT = "https://idp.example/token";
const CLIENT = { clientId: "a-client", clientSecret: SECRET };

takeTime({ after });

/** By its code, the first error that has it. @type {Map<string, ec.AuthError>} */
const errors = new Map();

/** @param {() => unknown} run */
async function collect(run) {
  const error = await (async () => run())().then(
    () => undefined,
    (thrown) => thrown,
  );
  if (error === undefined) return;
  assert.ok(error instanceof ec.AuthError, inspect(error));
  if (!errors.has(error.code)) errors.set(error.code, error);
}

/** @param {string} name */
const cases = (name) => JSON.parse(readFileSync(`${root}tests/vectors/${name}.json`, "utf8")).cases;

/** An answer that quotes the secret wherever it says anything. @param {any} response */
function quoting(response) {
  const { body } = response;
  if (typeof body !== "string" || !body.includes('"error_description":"')) return response;
  return { ...response, body: body.replaceAll('"error_description":"', `$&${SECRET} `) };
}

async function collectAll() {
  const request = ec.buildTokenRequest({ tokenEndpoint: ENDPOINT, ...CLIENT });
  for (const { response } of cases("token_response").filter(hasText))
    await collect(() =>
      ec.parseTokenResponse(quoting(response), { requestedAt: 1, now: 1, request }),
    );
  for (const { response, context } of cases("metadata_response").filter(hasText))
    await collect(() => ec.parseMetadataResponse(response, context));
  const asked = ec.buildIntrospectionRequest({
    introspectionEndpoint: ENDPOINT,
    token: "t0ken-of-a-caller-1",
    ...CLIENT,
  });
  for (const { response } of cases("verify/introspection").filter(hasText))
    await collect(() =>
      ec.parseIntrospectionResponse(quoting(response), { now: 1, request: asked }),
    );
  for (const { options } of cases("token_request"))
    await collect(() => ec.buildTokenRequest({ ...options, clientSecret: SECRET }));
  for (const { key } of cases("signing_key")) await collect(() => ec.importKey(key));
  await collectOfVerifier();
  await collectOfSource();
}

/** @param {{ response?: { body?: unknown } }} given */
function hasText({ response }) {
  return typeof response?.body === "string";
}

async function collectOfVerifier() {
  const introspection = { clientId: "api", clientSecret: SECRET };
  const options = { jwksUri: "https://idp.example/oauth/v2/keys", scope: "read" };
  /** @type {{ after: () => void }} */
  const t = { after() {} };
  const { verifier, server } = verifierFixture(/** @type {any} */ (t));
  server.keys = KEY_SET;
  for (const { token } of CASES) await collect(() => verifier.verify(token));
  const good = CASES.find(({ expected }) => expected === "good")?.token ?? "";
  await collect(() => verifier.verify(good, { scope: "admin" }));
  await collect(() => verifier.verify(good, { role: { role: "admin", project: "1" } }));
  await collect(() => verifier.verify(good, { claims: { level: "9" } }));
  await collect(() => verifier.verify(good, { audience: "another" }));
  await collect(() => verifier.verify(server.jwt({}, { kid: "strange" })));

  const { verifier: asking, server: other } = verifierFixture(/** @type {any} */ (t), {
    introspection,
    ...options,
  });
  await collect(() => settled(asking.verify("Qz7-opaque-token-that-nobody-knows")));
  other.always = { fails: true };
  await collect(() => settled(asking.verify("Qz7-another-opaque-token")));
}

async function collectOfSource() {
  const make = (/** @type {object} */ more) => {
    const where = "issuer" in more ? {} : { tokenEndpoint: ENDPOINT };
    return ec.tokenSource(/** @type {any} */ ({ ...where, ...CLIENT, retries: 0, ...more }));
  };
  const answer = (/** @type {number} */ status, /** @type {object} */ body) => async () =>
    Response.json(body, { status });
  const never = () => new Promise(() => {});
  let n = 0;
  for (const [status, body] of /** @type {[number, object][]} */ ([
    [302, {}],
    [404, {}],
    [405, {}],
    [418, {}],
    [429, {}],
    [500, { error: SECRET }],
    [503, {}],
    [400, { error: "invalid_scope" }],
    [400, { error: "invalid_target" }],
    [400, { error: "unsupported_grant_type" }],
    [401, { error: "invalid_client" }],
  ])) {
    n += 1;
    const fetch = answer(status, body);
    await collect(() => settled(make({ fetch, params: { n: `${n}` } }).get()));
  }
  for (const words of ["Errors.User.Machine.Secret.NotExisting", "Errors.User.NotActive"]) {
    n += 1;
    const fetch = answer(400, { error: "invalid_client", error_description: words });
    await collect(() => settled(make({ fetch, params: { n: `${n}` } }).get()));
  }
  const large = async () => new Response("x".repeat(2 ** 20));
  await collect(() => settled(make({ fetch: large, params: { n: "l" } }).get()));
  const issuer = "https://idp.example";
  const metadata = answer(200, {
    issuer,
    token_endpoint: ENDPOINT,
    token_endpoint_auth_methods_supported: ["private_key_jwt"],
  });
  await collect(() => settled(make({ issuer, fetch: metadata }).get()));
  await collect(() =>
    ec.prepareAssertion({
      key: { algorithm: "ES256", keyId: "1", userId: "2", expiresAt: 1_000 },
      audience: issuer,
      now: 2_000,
    }),
  );
  await collect(() => settled(make({ fetch: never, timeout: 100, params: { n: "t" } }).get()));
  const broken = async () => {
    throw new TypeError(`fetch failed for ${SECRET}`);
  };
  await collect(() => settled(make({ fetch: broken, params: { n: "b" } }).get()));
  // As workerd says it.
  const limited = async () => {
    throw new Error(`Too many subrequests. ${SECRET}`);
  };
  await collect(() => settled(make({ fetch: limited, params: { n: "s" } }).get()));
  const callback = () => {
    throw new Error(SECRET);
  };
  await collect(() => settled(make({ clientSecret: callback }).get()));
  await collect(() => make({ allowedOrigins: ["https://a.example"] }).fetch("https://b.example"));
  await collect(() => make({ tokenEndpoint: "http://idp.example/token" }));
}

/** @type {Record<string, (error: ec.AuthError) => string>} */
const WAYS = {
  "as a text": (error) => `${error} ${error.message}`,
  "its stack": (error) => String(error.stack),
  inspected: (error) => inspect(error, { depth: 9, showHidden: true }),
  "in a list, in a map": (error) => inspect([new Map([["error", error]])], { depth: 9 }),
  "as JSON": (error) => JSON.stringify({ error, copy: { ...error } }),
  formatted: (error) => format("%s %o %O %j", error, error, error, error),
  "by the console": (error) => {
    let text = "";
    const sink = new Writable({
      write(chunk, _, done) {
        text += chunk;
        done();
      },
    });
    const console = new Console(sink);
    console.error("failed:", error);
    console.table([error]);
    console.dir(error, { showHidden: true });
    return text;
  },
  "as a cause, and cloned": (error) =>
    inspect(new Error("failed", { cause: error })) + inspect(structuredClone({ ...error })),
};

/** Every code. @type {string[]} */
const CODES = Array.from(
  (
    /ErrorCode =([^;]+);/.exec(readFileSync(`${root}pkg/src/core/errors.ts`, "utf8"))?.[1] ?? ""
  ).matchAll(/"(\w+)"/g),
  ([, code]) => code,
);
/** What this runtime and this build cannot bring about, and why. */
const ELSEWHERE = {
  module_missing: "the module is there (tests/js/packaging/entries.test.js)",
  internal: "a build for tests alone traps (tests/js/core/trap.test.js)",
};

test("an error of every code, printed in eight ways", async () => {
  await collectAll();
  assert.equal(Object.keys(WAYS).length, 8);
  assert.ok(CODES.length >= 42, CODES.join());
  const missing = CODES.filter((code) => !errors.has(code));
  assert.deepEqual(missing, Object.keys(ELSEWHERE));
  const basic = Buffer.from(`${CLIENT.clientId}:${SECRET}`).toString("base64");
  for (const [code, error] of errors) {
    for (const [way, print] of Object.entries(WAYS)) {
      const text = print(error);
      for (const mark of [SECRET, "s3cret", basic.slice(8, 30), "t0ken-of", "Qz7-"])
        assert.ok(!text.includes(mark), `${code}, ${way}: shows ${mark}: ${text}`);
      // Plain names in a token tell its caller what is wrong; the rest of it is nobody's.
      assert.doesNotMatch(text, /CANARY-(jti|stranger|admin)/, `${code}, ${way}`);
    }
    assert.ok(WAYS.inspected(error).includes(code), code);
    assert.ok(error.hint.length > 10 && error.message.length > 10, code);
  }
});
