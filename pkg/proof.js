import { completeAssertion, prepareAssertion } from "./assertion.js";
import { credentialOf } from "./credential.js";
import { has, invalidOption } from "./options.js";
import { imported, keyText, readKey } from "./webcrypto.js";

/** @typedef {"client_secret" | "private_key_jwt" | "jwt_profile"} Way how a source proves who asks */

/** @typedef {import("./token.js").SecretProof | import("./token.js").ClientAssertionProof | import("./token.js").AssertionProof} Proven */
/** @typedef {import("./token.js").SecretProof["clientAuth"]} SecretAuth */

/**
 * What in a token request proves who asks, made anew for each.
 * @typedef {object} Proof
 * @property {Way} way
 * @property {() => Proven} check tells now what would be wrong later, and gives a stand-in
 * @property {() => Promise<Proven>} get
 * @property {() => Promise<boolean>} hasChanged asks again for the secret or the key
 */

/** @typedef {import("./source-options.js").AnySourceOptions} AnySourceOptions */

/** @param {AnySourceOptions} options @returns {Proof} */
export function proofOf(options) {
  return options.key === undefined ? bySecret(options) : byKey(options);
}

/** @param {AnySourceOptions} options @returns {Proof} */
function bySecret({ clientId = "", clientSecret = "", clientAuth }) {
  const client = { clientId, ...(clientAuth !== undefined && { clientAuth: /** @type {SecretAuth} */ (clientAuth) }) };
  const secret = credentialOf("clientSecret", clientSecret, (value) => (typeof value === "string" ? value : undefined));
  return {
    way: "client_secret",
    check: () => ({ ...client, clientSecret: typeof clientSecret === "string" ? clientSecret : "-" }),
    get: async () => ({ ...client, clientSecret: await secret.get() }),
    hasChanged: secret.hasChanged,
  };
}

/** @param {AnySourceOptions} options @returns {Proof} */
function byKey({ issuer, tokenEndpoint, clientId, clientAuth, userId, key = "", keyId, algorithm, assertionAudience }) {
  const isClient = clientId !== undefined || clientAuth !== undefined;
  const holder = isClient ? "clientId" : "userId";
  const audience = assertionAudience ?? issuer ?? tokenEndpoint ?? "";
  const asked = credentialOf("key", key, keyText);
  /** @type {{ text: string, key: import("./keys.js").SigningKey } | undefined} */
  let known;

  /** @param {string | undefined} text */
  const read = (text) => {
    const found = readKey(text, { keyId, algorithm, holder });
    if ((clientId ?? userId ?? found[holder]) === undefined) {
      const hint = "a bare key does not say whose it is: set `userId` for ZITADEL's JWT profile, `clientId` for `private_key_jwt`";
      throw invalidOption(isClient ? "`clientId` is missing" : "`userId` or `clientId` is missing", hint);
    }
    return found;
  };

  return {
    way: isClient ? "private_key_jwt" : "jwt_profile",
    check() {
      const found = typeof key === "function" ? undefined : read(keyText(key));
      return isClient ? { clientId: clientId ?? found?.clientId ?? "-", clientAssertion: "-.-.-" } : { assertion: "-.-.-" };
    },
    async get() {
      const text = await asked.get();
      // The key, not a promise of it: on workerd a promise belongs to the request that made it.
      if (known?.text !== text) known = { text, key: await imported(read(text)) };
      const subject = clientId ?? userId ?? known.key[holder] ?? "";
      const input = prepareAssertion({ key: known.key, subject, audience });
      const assertion = completeAssertion(input, await known.key.sign(input));
      return isClient ? { clientId: subject, clientAssertion: assertion } : { assertion };
    },
    hasChanged: asked.hasChanged,
  };
}

/**
 * The options by which a client proves who it is.
 * @param {unknown} options
 */
export function clientWay(options) {
  const proof = has(options, "clientAssertion") ? { clientAssertion: "string!" } : { clientSecret: "string!", clientAuth: "string" };
  return /** @type {const} */ ({ clientId: "string!", ...proof });
}
