// @ts-check
// Tenants of one program: options that differ in one thing each, and must never share a token.
import assert from "node:assert/strict";
import { tokenSource } from "edge-credentials";
import { makePem } from "../keys/jwt.js";

/** @typedef {Record<string, unknown>} Options */

/** What changes nothing of the token, or cannot be compared across isolates. */
const NO_TENANT = ["store", "maxInstances", "onEvent", "fetch"];

/**
 * Sources with a secret, the base among them.
 *
 * @param {Options} base `tokenEndpoint`, `clientId`, `clientSecret`
 * @returns {Options[]}
 */
export function secretTenants(base) {
  const all = [
    ...tenants(base),
    { ...base, clientId: "another-client" },
    { ...base, clientSecret: "Secret" },
    { ...base, clientAuth: "client_secret_basic" },
    { ...base, clientAuth: "client_secret_post" },
  ];
  return complete(all, base);
}

/**
 * Sources with a key, the base among them.
 *
 * @param {Pick<Options, "tokenEndpoint">} server
 * @returns {Options[]}
 */
export function keyTenants(server) {
  const [key, other] = [makePem("rsa", { modulusLength: 2048 }), makePem("ed25519")];
  const base = { ...server, key, keyId: "key", userId: "user", assertionAudience: "a" };
  const { userId, ...withoutUser } = base;
  const all = [
    ...tenants(base),
    { ...base, key: other },
    { ...base, keyId: "key2" },
    { ...base, userId: `${userId}2` },
    { ...withoutUser, clientId: userId, clientAuth: "private_key_jwt" },
    { ...base, algorithm: "PS256" },
    { ...base, assertionAudience: "b" },
    { ...base, assertionHeader: { typ: "client-authentication+jwt" } },
    { ...base, assertionClaims: { groups: "a" } },
    { ...base, assertionClaims: { groups: "b" } },
  ];
  return complete(all, base);
}

/** @param {Options} base @returns {Options[]} */
function tenants(base) {
  const { tokenEndpoint, ...rest } = base;
  return [
    base,
    { ...base, tokenEndpoint: `${tokenEndpoint}2` },
    { ...rest, issuer: "https://idp.example" },
    { ...rest, issuer: "https://idp.example/token" },
    { ...base, scope: "a" },
    { ...base, scope: "a b" },
    { ...base, scope: "b a" },
    { ...base, scope: "ab" },
    { ...base, resource: "https://a.example/" },
    { ...base, resource: ["https://a.example/", "https://b.example/"] },
    { ...base, params: { audience: "a" } },
    { ...base, params: { audience: "a,b", c: "d" } },
    { ...base, params: { audience: "a", "b,c": "d" } },
    { ...base, params: { audience: "b" } },
    { ...base, params: { a: "1", audience: "a" } },
    { ...base, allowedOrigins: ["https://a.example"] },
    { ...base, allowedOrigins: ["https://b.example"] },
    { ...base, apiFetch: fetch },
    { ...base, timeout: 19_999 },
    { ...base, retries: 0 },
    { ...base, insecureHttp: true },
    { ...base, name: "a" },
    { ...base, name: "b" },
  ];
}

/**
 * Asserts that each option which the source takes differs somewhere. @param {Options[]} all @param
 * {Options} base
 */
function complete(all, base) {
  let hint = "";
  try {
    tokenSource(/** @type {any} */ ({ ...base, noOption: 1 }));
  } catch (error) {
    hint = /** @type {import("edge-credentials").AuthError} */ (error).hint;
  }
  const options = /^it takes (.+)$/.exec(hint)?.[1].split(", ") ?? [];
  assert.ok(options.length > 15, hint);
  const isDifferent = (/** @type {string} */ name) => all.some((one) => one[name] !== base[name]);
  const missing = options.filter((name) => !NO_TENANT.includes(name) && !isDifferent(name));
  assert.deepEqual(missing, []);
  return all;
}
