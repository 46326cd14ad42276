import { completeAssertion, prepareAssertion } from "../protocol/assertion.js";
import { run } from "../core/wasm.js";
import { rotatingCredential } from "./rotating-credential.js";
import { invalidOption } from "../core/check-options.js";
import { intoWebCrypto, keyText, readKey } from "../protocol/webcrypto.js";

/**
 * @typedef {"client_secret" | "private_key_jwt" | "jwt_profile"} AuthenticationMethod how a source
 *   proves who asks
 */

/**
 * @typedef {import("../protocol/token.js").SecretCredentials
 *   | import("../protocol/token.js").ClientAssertionCredentials
 *   | import("../protocol/token.js").AssertionCredentials} Credentials
 */
/** @typedef {import("../protocol/token.js").SecretCredentials["clientAuth"]} SecretAuth */

/**
 * What in a token request proves who asks, made anew for each.
 *
 * @typedef {object} ClientAuthentication
 * @property {AuthenticationMethod} method
 * @property {() => Credentials} check tells now what would be wrong later, and gives a stand-in
 * @property {() => Promise<Credentials>} get
 * @property {() => Promise<boolean>} hasChanged asks again for the secret or the key
 */

/** @typedef {"client_secret_basic" | "client_secret_post" | "private_key_jwt"} ClientAuth */
/** @typedef {import("../protocol/import-key.js").KeyInput} KeyInput */

/**
 * What of the options tells how a client or a service user proves who it is.
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

/**
 * @param {ClientAuthOptions} options
 * @returns {ClientAuthentication}
 */
export function clientAuthenticationOf(options) {
  return options.key === undefined ? bySecret(options) : byKey(options);
}

/**
 * @param {ClientAuthOptions} options
 * @returns {ClientAuthentication}
 */
function bySecret({ clientId = "", clientSecret = "", clientAuth }) {
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
      clientSecret: typeof clientSecret === "string" ? clientSecret : "-",
    }),
    get: async () => ({ ...client, clientSecret: await secret.get() }),
    hasChanged: secret.hasChanged,
  };
}

/**
 * @param {ClientAuthOptions} options
 * @returns {ClientAuthentication}
 */
function byKey({
  issuer,
  tokenEndpoint,
  clientId,
  clientAuth,
  userId,
  key = "",
  keyId,
  algorithm,
  assertionAudience,
}) {
  const isClient = isForClient({ clientId, clientAuth });
  const holder = isClient ? "clientId" : "userId";
  const audience = assertionAudience ?? issuer ?? tokenEndpoint ?? "";
  const asked = rotatingCredential("key", key, keyText);
  /** @type {{ text: string; key: import("../protocol/import-key.js").SigningKey } | undefined} */
  let known;

  /** @param {string | undefined} text */
  const read = (text) => {
    const found = readKey(text, { keyId, algorithm, holder });
    if (userId !== undefined && (found.userId ?? userId) !== userId) {
      throw invalidOption(
        "`userId` is another than the key file's",
        "leave it out: the file says whose key it is",
      );
    }
    if ((clientId ?? userId ?? found[holder]) === undefined) {
      const hint =
        "a bare key does not say whose it is: set `userId` for ZITADEL's JWT profile, `clientId` for `private_key_jwt`";
      throw invalidOption(
        isClient ? "`clientId` is missing" : "`userId` or `clientId` is missing",
        hint,
      );
    }
    return found;
  };

  return {
    method: isClient ? "private_key_jwt" : "jwt_profile",
    check() {
      /** @type {Partial<import("../protocol/webcrypto.js").ReadKey>} */
      const found = typeof key === "function" ? {} : read(/** @type {string} */ (key));
      const subject = clientId ?? userId ?? found[holder] ?? "-";
      run("checkAssertion", {
        algorithm: found.algorithm ?? algorithm ?? "RS256",
        keyId,
        subject: isClient ? "-" : subject,
        audience,
      });
      return isClient ? { clientId: subject, clientAssertion: "-.-.-" } : { assertion: "-.-.-" };
    },
    async get() {
      const text = await asked.get();
      // The key, not a promise of it: on workerd a promise belongs to the request that made it.
      if (known?.text !== text) known = { text, key: await intoWebCrypto(read(text)) };
      const subject = clientId ?? userId ?? known.key[holder] ?? "";
      const input = prepareAssertion({ key: known.key, subject, audience });
      const assertion = completeAssertion(input, await known.key.sign(input));
      return isClient ? { clientId: subject, clientAssertion: assertion } : { assertion };
    },
    hasChanged: asked.hasChanged,
  };
}

/**
 * Whether a key authenticates a client; else it is a service user's (JWT profile).
 *
 * @param {Pick<ClientAuthOptions, "clientId" | "clientAuth">} options
 */
export function isForClient({ clientId, clientAuth }) {
  return clientId !== undefined || clientAuth !== undefined;
}
