// @ts-check
// Assertions (RFC 7523) for the tests of the servers, made by jose: the servers must not be wrong
// in the way in which the package is.
import { createPrivateKey, randomUUID } from "node:crypto";
import { SignJWT } from "jose";

/**
 * A good one, except for what is said.
 *
 * @param {object} options
 * @param {string} options.key PEM
 * @param {string} options.keyId
 * @param {string} [options.algorithm]
 * @param {string} options.id issuer and subject
 * @param {string} options.audience
 * @param {Record<string, unknown>} [options.claims] others than usual; undefined leaves one out
 * @param {Record<string, unknown>} [options.header] the same of the header
 */
export function makeAssertion({ key, keyId, algorithm = "RS256", id, audience, claims, header }) {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({
    iss: id,
    sub: id,
    aud: audience,
    iat: now - 10,
    exp: now + 300,
    jti: randomUUID(),
    ...claims,
  })
    .setProtectedHeader({ alg: algorithm, kid: keyId, ...header })
    .sign(createPrivateKey(key));
}
