// @ts-check
// A credential in the wrong variable: neither as an address, nor as the name of an option or of a
// requirement is it shown.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import test from "node:test";
import { inspect } from "node:util";
import {
  buildMetadataRequest,
  buildTokenRequest,
  tokenSource,
  tokenVerifier,
} from "edge-credentials";
import { failure } from "../support/errors.js";
import { lacks } from "../support/canary.js";
import { importSources } from "../support/core/sources.js";

const [, { quoted }] = await importSources("pkg/src/entries/inline.ts", "pkg/src/core/quoted.ts");

/** Shaped as what servers and providers give out. */
const SECRETS = [
  "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",
  "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.c2lnbmF0dXJl",
  "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
  "xoxb-17653672481-19874698323-pdFZKVeTuE8sk7oOcHrzqqgy",
  "sk_live_51H8xYzAbCdEfGhIj",
  "AKIAIOSFODNN7EXAMPLE",
  "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  "Q0FOQVJZIGNhbmFyeSBjYW5hcnk=",
  "abcdefghijklmnopqrst",
  "kTqWmZbXwLcRhYpNvJsD",
  "deadbeefcafe0123456789abcdef0123",
];

/**
 * Eight characters in a row are too many.
 *
 * @param {string} secret
 */
const marks = (secret) =>
  Array.from({ length: secret.length - 7 }, (_, at) => secret.slice(at, at + 8));

test("a credential where an address belongs", async () => {
  const client = { clientId: "id", clientSecret: "x" };
  const issuer = "https://idp.example";
  for (const secret of SECRETS) {
    for (const make of [
      () => tokenSource({ tokenEndpoint: secret, ...client }),
      () => tokenSource({ issuer: secret, ...client }),
      () => tokenSource({ issuer, allowedOrigins: [secret], ...client }),
      () => tokenSource({ issuer, allowedOrigins: `${secret}/x`, .../** @type {any} */ (client) }),
      // Of a `resource` nobody knows what it looks like: only what no text can hold is refused.
      () => tokenSource({ issuer, resource: `${secret}\u0007`, ...client }),
      () => tokenSource({ issuer, clientAuth: /** @type {any} */ (secret), ...client }),
      () => tokenSource({ issuer, ...client }).fetch(secret),
      () => tokenSource({ issuer, key: secret, assertionAudience: `${secret}\n`, clientId: "id" }),
      () =>
        tokenSource({
          issuer,
          key: () => "",
          algorithm: /** @type {any} */ (secret),
          clientId: "id",
        }),
      () => tokenVerifier({ issuer: secret, audience: "a" }),
      () => tokenVerifier({ issuer, audience: "a", jwksUri: secret }),
      () =>
        tokenVerifier({
          issuer,
          audience: "a",
          introspection: client,
          introspectionEndpoint: secret,
        }),
      () => buildMetadataRequest({ issuer: secret }),
      () => buildMetadataRequest({ issuer, wellKnown: /** @type {any} */ (secret) }),
      () => buildTokenRequest({ tokenEndpoint: secret, ...client }),
      () => buildTokenRequest({ tokenEndpoint: `//${secret}`, ...client }),
    ])
      lacks(await failure(make), marks(secret), String(make));
  }
});

test("a credential for the name of an option", async () => {
  const client = { issuer: "https://idp.example", clientId: "id", clientSecret: "x" };
  for (const secret of SECRETS) {
    for (const make of [
      () => tokenSource(/** @type {any} */ ({ ...client, [secret]: "x" })),
      () =>
        tokenVerifier(
          /** @type {any} */ ({ issuer: "https://idp.example", audience: "a", [secret]: 1 }),
        ),
      () =>
        tokenVerifier(
          /** @type {any} */ ({
            issuer: "https://idp.example",
            audience: "a",
            introspection: { ...client, [secret]: 1 },
          }),
        ),
      () =>
        tokenVerifier(
          /** @type {any} */ ({
            issuer: "https://idp.example",
            audience: "a",
            role: { role: "a", project: "1", [secret]: 1 },
          }),
        ),
    ]) {
      const error = await failure(make, "option_invalid");
      lacks(error, marks(secret), inspect(make));
    }
  }
});

test("names that people write are shown", async () => {
  const names = [
    "clientSecrt",
    "client_secret",
    "constructor",
    "revocationEndpoint",
    "token_endpoint_auth_method",
    "clientID",
    "CLIENT_SECRET",
    "tokenURL",
    "timeoutMs",
    "a",
  ];
  const scopes = [
    "openid",
    "read:v1",
    "app.admin",
    "user.role-admin",
    "urn:zitadel:iam:org:project:id:283746501928374650:aud",
    "api://0f8fad5b-d9cb-469f-a165-70867728950e/.default",
    "https://www.googleapis.com/auth/cloud-platform",
    "Directory.AccessAsUser.All",
  ];
  for (const name of [...names, ...scopes]) assert.equal(quoted(name), `\`${name}\``);
  for (const name of names) {
    const options = /** @type {any} */ ({
      issuer: "https://idp.example",
      audience: "a",
      [name]: "x",
    });
    assert.equal(
      (await failure(() => tokenVerifier(options), "option_invalid")).message,
      `\`${name}\` is no option of tokenVerifier`,
    );
  }
});

test("of secrets made at random hardly one in a thousand has the shape of a name", () => {
  /** @type {Record<string, () => string>} */
  const kinds = {
    "16 bytes in hexadecimal digits": () => randomBytes(16).toString("hex"),
    "12 bytes in base64": () => randomBytes(12).toString("base64"),
    "24 bytes in base64": () => randomBytes(24).toString("base64"),
    "32 bytes in base64url": () => randomBytes(32).toString("base64url"),
    "16 small letters": () =>
      Array.from(randomBytes(16), (byte) => String.fromCharCode(97 + (byte % 26))).join(""),
  };
  for (const [kind, make] of Object.entries(kinds)) {
    const shown = Array.from({ length: 20_000 }, make).filter(
      (secret) => quoted(secret) !== undefined,
    );
    assert.ok(shown.length < 100, `${kind}: ${shown.length} of 20,000`);
  }
});

test("the shape of a name is told in no time, whatever the name", () => {
  const start = performance.now();
  for (const part of ["a", "a.", "aB", "a1", "aA", "A", "Aa", "1", "ID", "URL", "-", "aID"])
    assert.equal(quoted(`${part.repeat(100 / part.length)}!`), undefined);
  for (const part of ["a", "a.", "aB", "a1", "aA", "A", "Aa", "1", "ID", "URL", "-", "aID"])
    assert.equal(quoted(`${part.repeat(99 / part.length)}!`.slice(-100)), undefined);
  assert.ok(performance.now() - start < 200);
});
