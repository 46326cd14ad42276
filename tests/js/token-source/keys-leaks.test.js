// @ts-check
// Nothing of a private key or of an assertion reaches an error, an event, a log or what is printed,
// whatever goes wrong.
import assert from "node:assert/strict";
import test, { mock } from "node:test";
import { inspect } from "node:util";
import {
  AuthError,
  importKey,
  prepareAssertion,
  tokenSource,
  completeAssertion,
  buildTokenRequest,
} from "edge-credentials";
import { json, make, server } from "../support/canary.js";
import { generateKey } from "../../../www/server/generate-key.js";

const ec = generateKey("ec", { namedCurve: "P-256" });
const PEM = String(ec.export({ type: "sec1", format: "pem" }));
const JWK = /** @type {Record<string, string>} */ (ec.export({ format: "jwk" }));
const FILE = { type: "serviceaccount", keyId: "7", key: PEM, userId: "42" };

/**
 * Twelve characters of it are enough to be found again.
 *
 * @param {string} text
 */
const pieces = (text) =>
  Array.from({ length: Math.max(0, text.length - 11) }, (_, at) => text.slice(at, at + 12));
const base64 = PEM.split("\n").slice(1, -2).join("");
const KEY_MARKS = new Set([
  ...pieces(base64),
  ...pieces(JWK.d),
  ...pieces(Buffer.from(JWK.d, "base64url").toString("hex")),
]);

/** @type {(value: unknown, what: string, secrets?: Iterable<string>) => void} */
function clean(value, what, secrets = []) {
  const shown = [
    inspect(value, { depth: 9, showHidden: true, getters: true }),
    JSON.stringify(value) ?? "",
    String(value),
  ];
  for (let one = /** @type {any} */ (value); one instanceof Error; one = one.cause)
    shown.push(`${one.message} ${one.stack}`);
  const text = shown.join("\n").replaceAll(/\\n|\s/g, "");
  for (const mark of KEY_MARKS) assert.ok(!text.includes(mark), `${what}: the key leaked`);
  for (const secret of secrets)
    for (const mark of pieces(secret))
      assert.ok(!text.includes(mark), `${what}: ${mark} leaked: ${text}`);
}

/**
 * @param {() => unknown} run
 * @returns {Promise<unknown>}
 */
const thrownBy = (run) =>
  (async () => run())().then(
    () => undefined,
    (error) => error,
  );

test("the canary would be found", () => {
  for (const leak of [PEM, FILE, JWK, JWK.d, new Error(PEM), { cause: base64.slice(20, 40) }])
    assert.throws(() => clean(leak, "on purpose"), /the key leaked/);
});

test("what importKey gives, and sources, show nothing", async () => {
  for (const key of [PEM, JWK, JSON.stringify(JWK), FILE, JSON.stringify(FILE)])
    clean(await importKey(key), "a signing key");
  for (const options of [{ key: FILE }, { key: PEM, clientId: "me" }])
    clean(tokenSource({ issuer: "https://idp.example", ...options }), "a source");
});

test("keys that are damaged in every place", async () => {
  const texts = [PEM, JSON.stringify(JWK), JSON.stringify(FILE)];
  /** @type {string[]} */
  const damaged = [];
  for (const text of texts) {
    for (let at = 0; at < text.length; at += 3) {
      damaged.push(
        text.slice(0, at),
        text.slice(at),
        text.slice(0, at) + text.slice(at + 1),
        `${text.slice(0, at)}*${text.slice(at + 1)}`,
      );
      damaged.push(`${text.slice(0, at)}${text[at] === "A" ? "B" : "A"}${text.slice(at + 1)}`);
    }
  }
  let refused = 0;
  for (const key of damaged) {
    const error = await thrownBy(() => importKey(key));
    if (error === undefined) continue;
    refused += 1;
    assert.ok(error instanceof AuthError && error.code === "option_invalid", inspect(error));
    clean(error, "a damaged key");
    clean(
      await thrownBy(() => tokenSource({ issuer: "https://idp.example", key })),
      "a damaged key of a source",
    );
  }
  assert.ok(refused > damaged.length / 2, `${refused} of ${damaged.length}`);
});

test("keys where something else belongs", async () => {
  const issuer = "https://idp.example";
  // Nothing is discovered, so that whatever comes too late to be refused at once is refused before
  // anything is sent.
  const tokenEndpoint = `${issuer}/t`;
  const key = await importKey(FILE);
  const input = prepareAssertion({ key, audience: issuer });
  /** @type {(() => unknown)[]} */
  const runs = [
    ...[
      "issuer",
      "tokenEndpoint",
      "clientId",
      "keyId",
      "algorithm",
      "assertionAudience",
      "scope",
      "resource",
    ].map(
      (name) => () => tokenSource({ tokenEndpoint, key: PEM, clientId: "me", [name]: PEM }).get(),
    ),
    () => tokenSource({ tokenEndpoint, key: PEM, userId: PEM }).get(),
    () => tokenSource({ issuer, key: PEM, clientId: "me", [PEM]: 1 }),
    () => tokenSource({ issuer, key: /** @type {any} */ ([PEM]) }),
    () =>
      tokenSource(
        /** @type {any} */ ({ issuer, key: Object.assign(new Date(), { PEM }), clientId: "me" }),
      ),
    () => tokenSource({ issuer, clientId: PEM, clientSecret: "x" }),
    () => tokenSource({ accessToken: PEM }),
    () => importKey(FILE, { keyId: PEM, algorithm: /** @type {any} */ (PEM) }),
    () => importKey({ ...FILE, keyId: PEM }),
    () => importKey(/** @type {any} */ ({ ...JWK, kid: PEM, use: PEM, alg: PEM })),
    () => prepareAssertion({ key: { ...key, keyId: PEM }, audience: issuer }),
    () => prepareAssertion({ key, subject: PEM, audience: PEM }),
    () => prepareAssertion({ key: /** @type {any} */ (PEM), audience: issuer }),
    () => completeAssertion(PEM, new Uint8Array(64)),
    () => completeAssertion(input, new TextEncoder().encode(PEM)),
    () => buildTokenRequest({ tokenEndpoint, assertion: PEM }),
    () => buildTokenRequest({ tokenEndpoint: PEM, assertion: "a.b.c" }),
  ];
  for (const run of runs) {
    const error = await thrownBy(run);
    assert.ok(
      error instanceof AuthError && error.code === "option_invalid",
      `${run}: ${inspect(error)}`,
    );
    clean(error, String(run));
  }
});

test("servers that quote the assertion, and callbacks that throw the key", async () => {
  /** @type {string[]} */
  const sent = [];
  server.answer = ({ body }) => {
    const form = new URLSearchParams(body);
    const assertion = form.get("assertion") ?? form.get("client_assertion") ?? "";
    sent.push(...assertion.split(".").slice(1));
    const quotes = [
      assertion,
      body,
      encodeURIComponent(assertion),
      ...assertion.split("."),
      Buffer.from(assertion).toString("base64"),
      atob(assertion.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")),
    ];
    return {
      status: Number(form.get("status")),
      ...json({ error: form.get("say"), error_description: quotes.join(" "), error_uri: body }),
    };
  };
  const proofs = [{ key: FILE }, { key: PEM, clientId: "me" }];
  const answers = [200, 302, 400, 401, 429, 500, 503].flatMap((status) =>
    ["invalid_grant", "invalid_client", "server_error", "odd"].map((say) => ({
      status: String(status),
      say,
    })),
  );
  const made = proofs.flatMap((proof) =>
    answers.map((params) => make(/** @type {any} */ ({ ...proof, params }))),
  );
  const refused = await Promise.all(made.map(({ source }) => thrownBy(source.get)));
  for (const [at, error] of refused.entries()) {
    assert.ok(error instanceof AuthError);
    clean(error, error.message, sent);
    clean(made[at].events, `events of ${error.message}`, sent);
  }
  assert.ok(sent.length >= 2 * made.length);

  const log = mock.method(console, "warn", () => {});
  for (const fail of [
    () => {
      throw Object.assign(new Error(PEM), { code: base64 });
    },
    () => PEM.slice(0, 80),
    () => ({ ...FILE, type: PEM }),
    () => [PEM],
    () => Promise.reject(FILE),
  ]) {
    const { source, events } = make(/** @type {any} */ ({ key: fail }));
    const thrown = await thrownBy(source.get);
    assert.ok(thrown instanceof AuthError, inspect(thrown));
    clean(thrown, String(fail));
    clean(events, String(fail));
  }
  const { source } = make(
    /** @type {any} */ ({
      key: FILE,
      onEvent: () => {
        throw new Error(PEM);
      },
      fetch: (/** @type {string} */ url, /** @type {RequestInit} */ init) => {
        throw Object.assign(new Error(String(init.body)), { init, PEM });
      },
    }),
  );
  clean(await thrownBy(source.get), "a fetch that throws the request");
  for (const { arguments: words } of log.mock.calls) clean(words, "a warning");
  log.mock.restore();
});

test("a runtime's refusal of a key", async () => {
  const original = crypto.subtle.importKey;
  for (const [thrown, name] of /** @type {const} */ ([
    [Object.assign(new Error(PEM), { name: "DataError" }), "DataError"],
    [PEM, "Error"],
    [new DOMException(base64, "NotSupportedError"), "NotSupportedError"],
  ])) {
    crypto.subtle.importKey = () => Promise.reject(thrown);
    const error = await thrownBy(() => importKey(PEM)).finally(() => {
      crypto.subtle.importKey = original;
    });
    assert.ok(
      error instanceof AuthError && error.message === "the runtime does not sign with this key",
      inspect(error),
    );
    assert.deepEqual(error.cause, { name });
    clean(error, "a refusal of the runtime's");
  }
});
