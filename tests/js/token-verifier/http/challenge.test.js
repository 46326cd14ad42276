// @ts-check
// What an API answers to a request whose token was not taken (RFC 6750 section 3): every code,
// exactly, and nothing of the error's texts.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { AuthError, tokenVerifier } from "edge-credentials";
import { advance, jump, START, takeTime } from "../../support/clock.js";
import { fails, thrown } from "../../support/errors.js";
import { CLIENT, ISSUER, verifierFixture } from "../../support/fixtures/token-verifier.js";

/** @typedef {ConstructorParameters<typeof AuthError>[0]} Details */

const MARK = "hidden";
const { challenge } = tokenVerifier({ issuer: ISSUER, audience: "challenge" });

/**
 * The answers where the class alone does not say it.
 *
 * @type {Record<string, [number, string | null]>}
 */
const OWN = {
  token_missing: [401, "Bearer"],
  token_malformed: [400, 'Bearer error="invalid_request"'],
  scope_insufficient: [403, 'Bearer error="insufficient_scope"'],
  role_insufficient: [403, 'Bearer error="insufficient_scope"'],
  claim_refused: [403, 'Bearer error="insufficient_scope"'],
};
/** @type {Record<string, [number, string | null]>} */
const BY_CATEGORY = {
  rejected: [401, 'Bearer error="invalid_token"'],
  unavailable: [503, null],
  malformed: [503, null],
  misuse: [500, null],
  denied: [500, null],
  internal: [500, null],
};

/**
 * The codes of docs/errors.md, which other tests compare with the core's.
 *
 * @returns {[code: string, whose: string][]}
 */
function table() {
  const page = readFileSync(new URL("../../../../docs/errors.md", import.meta.url), "utf8");
  let category = "";
  /** @type {[string, string][]} */
  const codes = [];
  for (const [, heading, code] of page.matchAll(/^## (\w+): |^### `([a-z_]+)`$/gm)) {
    if (heading) category = heading;
    else codes.push([code, category]);
  }
  return codes;
}

/** @param {{ [K in keyof Details]?: unknown }} details */
function errorOf(details) {
  return new AuthError(
    /** @type {any} */ ({
      code: "token_invalid",
      category: "rejected",
      message: MARK,
      hint: MARK,
      error: MARK,
      errorDescription: MARK,
      status: 418,
      cause: { name: MARK, code: MARK },
      ...details,
    }),
  );
}

/** @param {Response} response */
const shown = async ({ status, statusText, headers, body }) => ({
  status,
  statusText,
  headers: Object.fromEntries(headers),
  body,
});

test("every code has its answer: status, challenge, Retry-After, no body, never stored", async (t) => {
  takeTime(t);
  const codes = table();
  const declared = readFileSync(
    new URL("../../../../pkg/src/core/errors.ts", import.meta.url),
    "utf8",
  )
    .match(/type ErrorCode =([^;]*);/)?.[1]
    .match(/"\w+"/g);
  assert.deepEqual(
    codes.map(([code]) => code).sort(),
    declared?.map((code) => code.slice(1, -1)).sort(),
  );
  for (const [code, category] of codes) {
    const [status, authenticate] = OWN[code] ?? BY_CATEGORY[category];
    const headers = {
      "cache-control": "no-store",
      ...(authenticate && { "www-authenticate": authenticate }),
      ...(status === 503 && { "retry-after": "1" }),
    };
    assert.deepEqual(
      await shown(challenge(errorOf({ code, category }))),
      { status, statusText: "", headers, body: null },
      code,
    );
  }
});

test("nothing of an error's texts is in the answer", async () => {
  for (const [code, category] of table()) {
    const response = challenge(errorOf({ code, category, retryAt: START }));
    assert.ok(!JSON.stringify([await shown(response), await response.text()]).includes(MARK), code);
  }
});

test("Retry-After is what is left until then, in whole seconds, and at least one", async (t) => {
  takeTime(t);
  const after = (/** @type {unknown} */ retryAt) =>
    challenge(errorOf({ code: "rate_limited", category: "unavailable", retryAt })).headers.get(
      "retry-after",
    );
  for (const [millis, seconds] of [
    [40_000, "40"],
    [39_001, "40"],
    [1_001, "2"],
    [1_000, "1"],
    [1, "1"],
    [0, "1"],
    [-5_000, "1"],
    [300_000, "300"],
  ])
    assert.equal(after(START + Number(millis)), seconds, String(millis));
  for (const nonsense of [undefined, NaN, -Infinity, "soon", null, {}])
    assert.equal(after(nonsense), "1", String(nonsense));
  for (const far of [START + 301_000, Number.MAX_SAFE_INTEGER]) assert.equal(after(far), "300");
  jump(10_000);
  assert.equal(after(START + 40_000), "30");
});

test("who lacks something is told all scopes that were required, in a quoted string, and by that verifier alone", async (t) => {
  const { server, verifier } = verifierFixture(t, { introspection: CLIENT, scope: "read" });
  const error = await fails(
    () =>
      verifier.verify(server.opaque({ scope: "openid" }), {
        scope: ["write", "urn:a:b/c?d=e&f,;'!#$%()*+@[]^_`{|}~", "read write"],
      }),
    "scope_insufficient",
  );
  const expected =
    'Bearer error="insufficient_scope", ' +
    `scope="read write urn:a:b/c?d=e&f,;'!#$%()*+@[]^_\`{|}~"`;
  for (let i = 0; i < 2; i += 1)
    assert.equal(verifier.challenge(error).headers.get("www-authenticate"), expected);
  assert.equal(
    challenge(error).headers.get("www-authenticate"),
    'Bearer error="insufficient_scope"',
    "another one's",
  );
  const copy = errorOf({ ...error, message: "", hint: "" });
  assert.equal(
    verifier.challenge(copy).headers.get("www-authenticate"),
    'Bearer error="insufficient_scope"',
  );
});

test("with `resourceMetadata`: every challenge names the address, no other answer does", () => {
  const resourceMetadata = "https://api.example/.well-known/oauth-protected-resource";
  for (const [category, [status, usual]] of Object.entries(BY_CATEGORY)) {
    const { headers } = challenge(errorOf({ category }), { resourceMetadata });
    const told = usual && `${usual}, resource_metadata="${resourceMetadata}"`;
    assert.equal(headers.get("www-authenticate"), told, String(status));
  }
  const missing = errorOf({ code: "token_missing" });
  const { headers } = challenge(missing, { resourceMetadata });
  assert.equal(headers.get("www-authenticate"), `Bearer resource_metadata="${resourceMetadata}"`);
});

test("with `scope`: a 401 names it too, each scope once", () => {
  const by = (/** @type {any} */ scope) =>
    challenge(errorOf({}), { scope }).headers.get("www-authenticate");
  const told = 'Bearer error="invalid_token", scope="read write"';
  assert.equal(by("read write"), told);
  assert.equal(by(["read", "write", "read"]), told);
});

test("what could end the quotes of a challenge is a mistake", () => {
  const make = (/** @type {any} */ options, /** @type {any} */ code = "option_invalid") =>
    thrown(() => challenge(errorOf({}), options), code);
  make({ resourceMetadata: 'https://api.example/"' });
  make({ resourceMetadata: 'https://api"a.example/' });
  make({ resourceMetadata: "https://api.example/\r\nset-cookie: a=b" });
  make({ resourceMetadata: "" });
  make({ resourceMetadata: "http://api.example/" }, "url_insecure");
  make({ scope: 'a"' });
  make({ scope: "" });
  make({ scope: "a  b" });
  make({ scope: ["a\r\n"] });
  make({ scopes: "a" });
});

test("concurrent calls that lack different scopes are each told their own", async (t) => {
  const { server, verifier } = verifierFixture(t, { introspection: CLIENT });
  const introspect = server.introspect;
  server.introspect = (token) => ({ ...introspect(token), delay: 500 });
  const token = server.opaque({ scope: "openid" });
  const errors = Promise.all(
    ["a", "b", "c"].map((scope) =>
      fails(() => verifier.verify(token, { scope }), "scope_insufficient"),
    ),
  );
  await advance(1_000);
  assert.deepEqual(
    (await errors).map((error) => verifier.challenge(error).headers.get("www-authenticate")),
    ["a", "b", "c"].map((scope) => `Bearer error="insufficient_scope", scope="${scope}"`),
  );
  assert.equal(server.introspections(), 1);
});

test("what is no AuthError is our fault: 500, and no challenge", async () => {
  const things = [
    undefined,
    null,
    "",
    "token_missing",
    401,
    5n,
    Symbol("a"),
    () => {},
    [],
    {},
    new Error(MARK),
    new DOMException(MARK, "AbortError"),
    { code: "token_missing", category: "rejected" },
    Object.freeze({}),
    Object.create(null),
    new Response(MARK, { status: 401 }),
  ];
  for (const thing of things)
    assert.deepEqual(await shown(challenge(thing)), {
      status: 500,
      statusText: "",
      headers: { "cache-control": "no-store" },
      body: null,
    });
});

test("an error of another copy of the package is known; what only looks like one injects nothing", async () => {
  const brand = Symbol.for("edge-credentials.AuthError");
  const texts = [
    "x\r\nset-cookie: a=b",
    'x", scope="admin',
    "\u0000",
    "é",
    "a".repeat(100_000),
    "__proto__",
    "constructor",
    "toString",
  ];
  /** @param {Record<string, unknown>} members */
  const foreign = (members) => challenge({ [brand]: true, ...members });
  assert.equal(
    foreign({ code: "token_missing", category: "rejected" }).headers.get("www-authenticate"),
    "Bearer",
  );
  assert.equal(foreign({ code: "rate_limited", category: "unavailable" }).status, 503);
  for (const text of texts) {
    assert.deepEqual(
      (await shown(foreign({ code: text, category: "rejected", message: text, scope: text })))
        .headers,
      { "cache-control": "no-store", "www-authenticate": 'Bearer error="invalid_token"' },
    );
    assert.equal(foreign({ code: "token_invalid", category: text, retryAt: text }).status, 500);
    assert.equal(
      foreign({ code: text, category: "unavailable", retryAt: text }).headers.get("retry-after"),
      "1",
    );
  }
});

test("answers are new ones each time, which a caller may change", async () => {
  const error = errorOf({});
  const one = challenge(error);
  const other = challenge(error);
  one.headers.set("access-control-allow-origin", "*");
  assert.notEqual(one, other);
  assert.equal(other.headers.get("access-control-allow-origin"), null);
});

test("what verify throws in each situation has the answer that its caller can act on", async (t) => {
  const { server, verifier } = verifierFixture(t, { introspection: CLIENT });
  /** @param {Promise<unknown>} promise */
  const answer = async (promise) => {
    const { status, headers } = verifier.challenge(await fails(() => promise));
    return [status, headers.get("www-authenticate"), headers.get("retry-after")]
      .filter((value) => value !== null)
      .join(" ");
  };
  const request = new Request("https://api.example/");
  assert.equal(await answer(verifier.verify(request)), "401 Bearer");
  assert.equal(await answer(verifier.verify("a b")), '400 Bearer error="invalid_request"');
  assert.equal(await answer(verifier.verify("a")), '401 Bearer error="invalid_token"');
  assert.equal(
    await answer(verifier.verify(`${server.jwt()}A`)),
    '401 Bearer error="invalid_token"',
  );
  assert.equal(
    await answer(verifier.verify(server.jwt({ exp: 1 }))),
    '401 Bearer error="invalid_token"',
  );
  assert.equal(
    await answer(verifier.verify(server.jwt({ aud: "other" }))),
    '401 Bearer error="invalid_token"',
  );
  assert.equal(
    await answer(verifier.verify(server.opaque({ aud: "other" }), { scope: "a" })),
    '401 Bearer error="invalid_token"',
  );
  assert.equal(
    await answer(verifier.verify(server.jwt(), { scope: "a b" })),
    '403 Bearer error="insufficient_scope", scope="a b"',
  );
  assert.equal(
    await answer(verifier.verify(server.jwt(), /** @type {any} */ ({ scopes: "a" }))),
    "500",
  );
  server.introspect = () => ({ status: 400, body: { error: "unauthorized_client" } });
  assert.equal(await answer(verifier.verify("b")), "500");
  await advance(1_001);
  server.introspect = () => ({ body: "<html>" });
  assert.equal(await answer(verifier.verify("c")), "503 1");
  server.introspect = () => ({ status: 503, headers: { "retry-after": "7" }, body: "" });
  assert.equal(await answer(verifier.verify("d")), "503 7");
  const unknown = server.jwt(undefined, { kid: "unknown" });
  assert.equal(await answer(verifier.verify(unknown)), '401 Bearer error="invalid_token"');
  // Until the issuer may be asked again.
  assert.match(await answer(verifier.verify(unknown)), /^503 \d\d?$/);
});
