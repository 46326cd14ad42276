// @ts-check
// The clients' keys, one for each algorithm, new at every run.
import { createPublicKey } from "node:crypto";
import { SignJWT } from "jose";
import { makePem } from "../../js/support/keys/jwt.js";

/**
 * @typedef {object} ClientKey
 * @property {string} algorithm
 * @property {string} keyId
 * @property {string} key PEM
 * @property {Record<string, unknown>} jwk the public half
 */

/** Each key is one a server may know by its `kid`, and each is of one algorithm. */
export function makeClientKeys() {
  const rsa = { modulusLength: 2048 };
  return [
    clientKey("RS256", makePem("rsa", rsa)),
    clientKey("PS256", makePem("rsa", rsa)),
    clientKey("ES256", makePem("ec", { namedCurve: "P-256" })),
    clientKey("EdDSA", makePem("ed25519")),
  ];
}

/** @type {(algorithm: string, key: string) => ClientKey} */
function clientKey(algorithm, key) {
  const keyId = `client-${algorithm.toLowerCase()}`;
  const jwk = createPublicKey(key).export({ format: "jwk" });
  return { algorithm, keyId, key, jwk: { ...jwk, kid: keyId, alg: algorithm, use: "sig" } };
}

/**
 * A source's options for client_secret_jwt, which the package leaves to its caller.
 *
 * @type {(clientId: string, clientSecret: string) => Record<string, unknown>}
 */
export function secretJwt(clientId, clientSecret) {
  return {
    clientId,
    clientAssertion: async (/** @type {import("edge-credentials").AuthorizationServer} */ server) =>
      new SignJWT()
        .setProtectedHeader({ alg: "HS256" })
        .setIssuer(clientId)
        .setSubject(clientId)
        .setAudience(String(server.issuer))
        .setJti(crypto.randomUUID())
        .setIssuedAt()
        .setExpirationTime("1m")
        .sign(Buffer.from(clientSecret)),
  };
}
