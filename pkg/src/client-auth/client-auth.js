// How a client or a service user authenticates: by a secret, a key or the JWT profile.
import { completeAssertion, prepareAssertion } from "../protocol/assertion.js";
import { run } from "../core/wasm.js";
import { rotatingCredential } from "./rotating-credential.js";
import { invalidOption } from "../core/check-options.js";
import { keyText, readKey, toSigningKey } from "../protocol/webcrypto.js";

/**
 * How a source authenticates at the token endpoint.
 *
 * @typedef {"client_secret" | "private_key_jwt" | "jwt_profile"} AuthenticationMethod
 */

/**
 * @typedef {import("../protocol/token.js").SecretCredentials
 *   | import("../protocol/token.js").ClientAssertionCredentials
 *   | import("../protocol/token.js").AssertionCredentials} Credentials
 */

/** @typedef {import("../protocol/token.js").SecretCredentials["clientAuth"]} SecretAuth */

/**
 * Makes the credentials of a request.
 *
 * @typedef {object} ClientAuthentication
 * @property {AuthenticationMethod} method
 * @property {() => Credentials} check checks the options without I/O and returns placeholders, with
 *   which the rest of a request can be checked too
 * @property {() => Promise<Credentials>} get returns the credentials of one request
 * @property {() => Promise<boolean>} hasChanged calls the function for the secret or the key again,
 *   and tells whether the result is a new one
 */

/** @typedef {"client_secret_basic" | "client_secret_post" | "private_key_jwt"} ClientAuth */
/** @typedef {import("../protocol/import-key.js").KeyInput} KeyInput */
/** @typedef {import("../protocol/import-key.js").SigningKey} SigningKey */

/**
 * The options by which a client or a service user authenticates.
 *
 * @typedef {object} ClientAuthOptions
 * @property {string} [issuer]
 * @property {string} [tokenEndpoint]
 * @property {string} [clientId]
 * @property {string | (() => string | Promise<string>)} [clientSecret]
 * @property {ClientAuth} [clientAuth]
 * @property {string} [userId]
 * @property {KeyInput | (() => KeyInput | Promise<KeyInput>)} [key]
 * @property {string} [keyId]
 * @property {import("../protocol/import-key.js").SignatureAlgorithm} [algorithm]
 * @property {string} [assertionAudience]
 */

/** Stands for an assertion while options are checked. */
const PLACEHOLDER_ASSERTION = "-.-.-";

/** Stands for a secret or a client id while options are checked. */
const PLACEHOLDER = "-";

/**
 * @param {ClientAuthOptions} options
 * @returns {ClientAuthentication}
 */
export function clientAuthenticationOf(options) {
  return options.key === undefined ? secretAuthentication(options) : keyAuthentication(options);
}

/**
 * @param {ClientAuthOptions} options
 * @returns {ClientAuthentication}
 */
function secretAuthentication({ clientId = "", clientSecret = "", clientAuth }) {
  const client = {
    clientId,
    ...(clientAuth !== undefined && { clientAuth: /** @type {SecretAuth} */ (clientAuth) }),
  };
  const secret = rotatingCredential("clientSecret", clientSecret, (value) =>
    typeof value === "string" ? value : undefined,
  );

  return {
    method: "client_secret",
    check: () => ({
      ...client,
      clientSecret: typeof clientSecret === "string" ? clientSecret : PLACEHOLDER,
    }),
    get: async () => ({ ...client, clientSecret: await secret.get() }),
    hasChanged: secret.hasChanged,
  };
}

/**
 * @param {ClientAuthOptions} options
 * @returns {ClientAuthentication}
 */
function keyAuthentication(options) {
  const { issuer, tokenEndpoint, clientId, userId, key = "", keyId, algorithm } = options;
  const isClient = isClientKey(options);
  const owner = isClient ? "clientId" : "userId";
  const audience = options.assertionAudience ?? issuer ?? tokenEndpoint ?? "";
  const credential = rotatingCredential("key", key, keyText);
  /** @type {{ text: string; key: SigningKey } | undefined} */
  let imported;

  /** @param {string | undefined} text */
  const readChecked = (text) => {
    const read = readKey(text, { keyId, algorithm, holder: owner });
    checkOwner(read, options, owner);
    return read;
  };

  /** @type {(subject: string, assertion: string) => Credentials} */
  const credentialsOf = (subject, assertion) =>
    isClient ? { clientId: subject, clientAssertion: assertion } : { assertion };

  return {
    method: isClient ? "private_key_jwt" : "jwt_profile",

    check() {
      /** @type {Partial<import("../protocol/webcrypto.js").ReadKey>} */
      const read = typeof key === "function" ? {} : readChecked(/** @type {string} */ (key));
      const subject = clientId ?? userId ?? read[owner] ?? PLACEHOLDER;
      run("checkAssertion", {
        algorithm: read.algorithm ?? algorithm ?? "RS256",
        keyId,
        // A client's id is checked with the token request.
        subject: isClient ? PLACEHOLDER : subject,
        audience,
      });
      return credentialsOf(subject, PLACEHOLDER_ASSERTION);
    },

    async get() {
      const text = await credential.get();
      // Keeps the key, not a promise of it: on workerd a promise belongs to the request that made
      // it.
      if (imported?.text !== text) {
        imported = { text, key: await toSigningKey(readChecked(text)) };
      }
      const signingKey = imported.key;

      const subject = clientId ?? userId ?? signingKey[owner] ?? "";
      const signingInput = prepareAssertion({ key: signingKey, subject, audience });
      const signature = await signingKey.sign(signingInput);
      return credentialsOf(subject, completeAssertion(signingInput, signature));
    },

    hasChanged: credential.hasChanged,
  };
}

/**
 * Checks that a key's owner is known, and is the one that the options name.
 *
 * @param {import("../protocol/webcrypto.js").ReadKey} read
 * @param {ClientAuthOptions} options
 * @param {"clientId" | "userId"} owner
 */
function checkOwner(read, { clientId, userId }, owner) {
  if (userId !== undefined && (read.userId ?? userId) !== userId) {
    throw invalidOption(
      "`userId` is another than the key file's",
      "leave it out: the file says whose key it is",
    );
  }

  if ((clientId ?? userId ?? read[owner]) === undefined) {
    const missing = owner === "clientId" ? "`clientId`" : "`userId` or `clientId`";
    const hint =
      "a bare key does not say whose it is: set `userId` for ZITADEL's JWT profile, " +
      "`clientId` for `private_key_jwt`";
    throw invalidOption(`${missing} is missing`, hint);
  }
}

/**
 * Whether a key authenticates a client (`private_key_jwt`). Otherwise it belongs to a service user
 * (JWT profile).
 *
 * @param {Pick<ClientAuthOptions, "clientId" | "clientAuth">} options
 */
export function isClientKey({ clientId, clientAuth }) {
  return clientId !== undefined || clientAuth !== undefined;
}
