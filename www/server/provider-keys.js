// @ts-check
// Whoever proves with a key who it is, at the embedded provider: clients by `private_key_jwt` (RFC
// 7523 section 2.2), one for each algorithm, and the service user by the grant that ZITADEL calls
// JWT profile (section 2.1).
import { createPublicKey } from "node:crypto";
import { jwtVerify } from "jose";
import { generateKey } from "./generate-key.js";
// @ts-expect-error it brings no types
const { InvalidGrant, InvalidRequest } = await import("oidc-provider/lib/helpers/errors.js");
// @ts-expect-error it brings no types
const { default: instance } = await import("oidc-provider/lib/helpers/weak_cache.js");

/** @typedef {import("node:crypto").KeyObject} KeyObject */
/** @typedef {"RS256" | "PS256" | "ES256" | "EdDSA"} Algorithm */
/** @typedef {import("node:crypto").JsonWebKey & { kid: string; alg: string }} PrivateJwk */
/**
 * @typedef {{
 *   algorithm: Algorithm;
 *   clientId: string;
 *   keyId: string;
 *   jwk: PrivateJwk;
 *   pem: string;
 * }} ClientKey
 *   `pem` is PKCS#8
 */
/** @typedef {{ type: "serviceaccount"; keyId: string; key: string; userId: string }} UserKeyFile */
/**
 * @typedef {{
 *   type: "application";
 *   keyId: string;
 *   key: string;
 *   appId: string;
 *   clientId: string;
 * }} ApplicationKeyFile
 */

export const ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"];
export const JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/** ZITADEL's: seconds since `iat`. */
const LONGEST_AGE = 3600;
const RSA_ID = "317905284016571147";
const APPLICATION_KEY_ID = "317905284016636683";

/**
 * New ones at every start. There is one RSA key for all who use RSA, since each takes a tenth of a
 * second to make.
 *
 * @param {{ userId: string; applicationId: string }} ids
 */
export function makeKeys({ userId, applicationId }) {
  const rsa = generateKey("rsa", { modulusLength: 2048 });
  const ec = generateKey("ec", { namedCurve: "P-256" });
  const ed = generateKey("ed25519");
  const keyIds = new Map([
    [rsa, RSA_ID],
    [ec, "317905284016702219"],
    [ed, "317905284016767755"],
  ]);

  /** @type {(algorithm: Algorithm, key: KeyObject) => ClientKey} */
  const clientKey = (algorithm, key) => {
    const keyId = String(keyIds.get(key));
    const jwk = { ...key.export({ format: "jwk" }), kid: keyId, alg: algorithm };
    return {
      algorithm,
      clientId: `${algorithm.toLowerCase()}@demo.localhost`,
      keyId,
      jwk,
      pem: pem(key, "pkcs8"),
    };
  };
  const file = { key: pem(rsa, "pkcs1") };

  return {
    clientKeys: [
      clientKey("RS256", rsa),
      clientKey("PS256", rsa),
      clientKey("ES256", ec),
      clientKey("EdDSA", ed),
    ],
    userKeyFile: /** @type {UserKeyFile} */ ({
      type: "serviceaccount",
      keyId: RSA_ID,
      ...file,
      userId,
    }),
    applicationKeyFile: /** @type {ApplicationKeyFile} */ ({
      type: "application",
      keyId: APPLICATION_KEY_ID,
      ...file,
      appId: "317905284016833291",
      clientId: applicationId,
    }),
    /** The public keys of the service user: it has them all. */
    userKeys: new Map(Array.from(keyIds, ([key, keyId]) => [keyId, createPublicKey(key)])),
  };
}

/** @type {(key: KeyObject, type: "pkcs1" | "pkcs8") => string} */
function pem(key, type) {
  return String(key.export({ type, format: "pem" }));
}

/**
 * The clients, as `oidc-provider` wants to have them described.
 *
 * @param {ReturnType<typeof makeKeys>} keys
 */
export function clientsWithKeys({ clientKeys, userKeyFile, applicationKeyFile }) {
  /** @type {(clientId: string, keyId: string, key: string, algorithm: string) => object} */
  const client = (clientId, keyId, key, algorithm) => {
    const jwk = createPublicKey(key).export({ format: "jwk" });
    return {
      client_id: clientId,
      grant_types: ["client_credentials"],
      token_endpoint_auth_method: "private_key_jwt",
      token_endpoint_auth_signing_alg: algorithm,
      jwks: { keys: [{ ...jwk, kid: keyId, alg: algorithm, use: "sig" }] },
    };
  };

  return [
    ...clientKeys.map(({ clientId, keyId, pem, algorithm }) =>
      client(clientId, keyId, pem, algorithm),
    ),
    client(applicationKeyFile.clientId, applicationKeyFile.keyId, applicationKeyFile.key, "RS256"),
    {
      client_id: userKeyFile.userId,
      grant_types: [JWT_BEARER],
      token_endpoint_auth_method: "none",
    },
  ];
}

/**
 * Teaches the provider the JWT profile: after the assertion is verified, the grant goes on as
 * client credentials do. The request names no client, and the provider has no grant without one, so
 * the service user has to be put in as the client.
 *
 * @param {any} provider
 * @param {{ userId: string; userKeys: Map<string, KeyObject> }} user
 */
export function addJwtProfile(provider, { userId, userKeys }) {
  const clientCredentials = instance(provider).grantTypeHandlers.get("client_credentials");
  const handler = async (/** @type {any} */ ctx) => {
    const { assertion } = ctx.oidc.params;
    if (!assertion) throw new InvalidRequest("missing required parameter(s) assertion");
    const { jti, exp } = await verify(assertion, { userId, userKeys, issuer: provider.issuer });
    if (!(await provider.ReplayDetection.unique(userId, jti, exp)))
      throw new InvalidGrant("the assertion was used before");
    await clientCredentials(ctx);
  };
  provider.registerGrantType(JWT_BEARER, handler, ["assertion", "scope", "resource"], ["resource"]);
}

/**
 * @type {(
 *   assertion: string,
 *   expected: { userId: string; userKeys: Map<string, KeyObject>; issuer: string },
 * ) => Promise<import("jose").JWTPayload>}
 */
async function verify(assertion, { userId, userKeys, issuer }) {
  const keyOf = (/** @type {import("jose").JWTHeaderParameters} */ { kid = "" }) => {
    const key = userKeys.get(kid);
    if (!key) throw new Error("unknown key id");
    return key;
  };
  try {
    const { payload } = await jwtVerify(assertion, keyOf, {
      issuer: userId,
      subject: userId,
      audience: issuer,
      algorithms: ALGORITHMS,
      maxTokenAge: LONGEST_AGE,
      requiredClaims: ["exp", "jti"],
    });
    return payload;
  } catch (error) {
    // What is wrong is for the provider's log: the answer never says it.
    throw new InvalidGrant(String(error));
  }
}
