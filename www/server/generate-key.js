// @ts-check
// Makes keys for Node's crypto. Node 20 can stand still for ever, signals included, where a key
// comes straight from `generateKeyPair`: while it exports such a key, it may collect what is left
// of the making, and both lock the same mutex. A key that was read from its DER has its own.
import { createPrivateKey, generateKeyPairSync } from "node:crypto";

/**
 * @param {"rsa" | "ec" | "ed25519" | "ed448" | (string & {})} type
 * @param {{ modulusLength?: number; namedCurve?: string }} [options] those of `generateKeyPair`
 * @returns the private key, of which `createPublicKey` makes the public one
 */
export function generateKey(type, options) {
  const { privateKey } = generateKeyPairSync(/** @type {any} */ (type), {
    ...options,
    publicKeyEncoding: { type: "spki", format: "der" },
    privateKeyEncoding: { type: "pkcs8", format: "der" },
  });
  return createPrivateKey({ key: privateKey, type: "pkcs8", format: "der" });
}
