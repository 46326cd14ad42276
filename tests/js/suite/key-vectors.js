// @ts-check
// The vectors about keys and assertions. What Rust sees of a key, its PKCS#8, cannot be seen here;
// that it is right, its signatures show.
import { equal, ok } from "./assert.js";

const AUDIENCE = "https://acme.zitadel.cloud";
/** Messages of the crate alone, where functions ask for a certain kind of key. */
export const OF_THE_CRATE =
  /^(the key's JSON is no JWK|the key is no key file of ZITADEL's, but a bare key)$/;

/** @type {(ec: import("./index.js").Package) => Record<string, (given: any) => Promise<any>>} */
export function keyVectors(ec) {
  return {
    async signing_key({ key, result }) {
      const { algorithm, keyId, sign } = await ec.importKey(key);
      ok((await sign("text")).length >= 64, "a signature");
      return { result: { ...result, algorithm, keyId } };
    },
    async key_file({ key, result, want, now }) {
      if (want === "userId") return ec.tokenSource({ issuer: AUDIENCE, key });
      if (want === "clientId")
        return ec.tokenSource({ issuer: AUDIENCE, key, clientAuth: "private_key_jwt" });
      const imported = await ec.importKey(key);
      if (want === "now") return ec.prepareAssertion({ key: imported, audience: AUDIENCE, now });
      const { sign, ...rest } = imported;
      return { result: { ...result, ...rest } };
    },
    async prepared_assertion({ options: { algorithm, keyId, ...options }, claims }) {
      const input = ec.prepareAssertion({ key: { algorithm, keyId }, ...options });
      const [head, body] = input.split(".").map(decoded);
      const { jti, ...rest } = JSON.parse(body);
      ok(/^[\w-]{22}$/.test(jti), "sixteen random bytes");
      const { jti: other, ...expected } = JSON.parse(claims);
      equal(rest, expected, "the claims");
      return { header: head };
    },
    async completed_assertion({ key, algorithm, input, signature }) {
      const bytes = Uint8Array.from(binary(signature), (one) => one.charCodeAt(0));
      if (key) {
        const { sign, ...imported } = await ec.importKey(key);
        equal(imported.algorithm, algorithm, "the algorithm");
        const own = await sign(input);
        // Of the others, the same text has always the same signature.
        if (algorithm === "ES256") ok(await verifies(key, own, input), "ES256's signature is good");
        else equal([...own], [...bytes], "the signature");
      }
      equal(
        ec.completeAssertion(input, bytes.buffer),
        ec.completeAssertion(input, bytes),
        "from a buffer",
      );
      return { jwt: ec.completeAssertion(input, bytes) };
    },
  };
}

/** @type {(jwk: any, signature: Uint8Array, text: string) => Promise<boolean>} */
async function verifies({ kty, crv, x, y }, signature, text) {
  const how = { name: "ECDSA", namedCurve: crv, hash: "SHA-256" };
  const key = await crypto.subtle.importKey("jwk", { kty, crv, x, y }, how, false, ["verify"]);
  return crypto.subtle.verify(
    how,
    key,
    /** @type {BufferSource} */ (signature),
    new TextEncoder().encode(text),
  );
}

/** @param {string} base64url */
function binary(base64url) {
  return atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
}

/** @param {string} base64url */
function decoded(base64url) {
  return new TextDecoder().decode(Uint8Array.from(binary(base64url), (one) => one.charCodeAt(0)));
}
