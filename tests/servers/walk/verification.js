// @ts-check
// JWTs by the issuer's keys: whose are accepted, and whose not.
import { outcomeOf } from "./step.js";

/** @typedef {import("./types.js").Case} Case */
/** @typedef {import("./types.js").Running} Running */
/** @typedef {import("./types.js").Login} Login */
/** @typedef {import("./types.js").Step} Step */
/** @typedef {Partial<import("./types.js").VerifierOptions>} Options */

/** All that a verifier takes. */
const ALGORITHMS = [
  ...["RS", "PS", "ES"].flatMap((family) => [256, 384, 512].map((bits) => `${family}${bits}`)),
  "EdDSA",
  "Ed25519",
];

/** @type {(running: Running) => Case[]} */
export function verification({ signed, verifier }) {
  const [login] = Object.values(signed);
  const refused = refusals(login, verifier);
  // A project has ZITADEL's roles.
  const roles = verifier.projectId === undefined ? { roleClaim: "no_roles" } : {};
  return [
    ...ALGORITHMS.map((algorithm) => verified(algorithm, signed[algorithm], verifier)),
    refused("for another audience", "audience_refused", { audience: "urn:another" }),
    refused("without the scope", "scope_insufficient", { scope: "no-such-scope" }),
    refused("without the role", "role_insufficient", {
      role: "no-such-role",
      ...roles,
    }),
    refused("whose signature is another", "token_invalid", {}, otherSignature),
    refused("whose key is another", "token_invalid", {}, otherKey),
  ];
}

/** @type {(algorithm: string, login: Login | undefined, options: Options) => Case} */
function verified(algorithm, login, options) {
  return {
    name: `JWT by ${algorithm}`,
    expected: `accepted, ${algorithm}`,
    known: login !== undefined,
    async run({ source, verifier }) {
      const { accessToken } = await source(login ?? {}).get();
      const outcome = await outcomeOf(verifier(options).verify(accessToken), "accepted");
      return `${outcome}, ${partsOf(accessToken)[0].alg}`;
    },
  };
}

/**
 * @type {(
 *   login: Login | undefined,
 *   options: Options,
 * ) => (what: string, expected: string, more: Options, change?: (token: string) => string) => Case}
 */
function refusals(login, options) {
  return (what, expected, more, change = (token) => token) => ({
    name: `JWT ${what}`,
    expected,
    known: login !== undefined,
    async run({ source, verifier }) {
      const { accessToken } = await source(login ?? {}).get();
      const verify = verifier({ ...options, ...more }).verify(change(accessToken));
      return outcomeOf(verify, "accepted");
    },
  });
}

/** @param {string} token */
function otherSignature(token) {
  const [header, claims, signature] = token.split(".");
  const bytes = Buffer.from(signature, "base64url");
  bytes[bytes.length >> 1] ^= 1;
  return [header, claims, bytes.toString("base64url")].join(".");
}

/** @param {string} token */
function otherKey(token) {
  const [, claims, signature] = token.split(".");
  const header = Buffer.from(JSON.stringify({ ...partsOf(token)[0], kid: "another" }));
  return [header.toString("base64url"), claims, signature].join(".");
}

/**
 * @param {string} token
 * @returns {any[]}
 */
function partsOf(token) {
  const parts = token.split(".").slice(0, 2);
  return parts.map((part) => JSON.parse(Buffer.from(part, "base64url").toString()));
}
