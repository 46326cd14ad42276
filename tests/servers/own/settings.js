// @ts-check
// The user's own server, by the variables of `npx edge-credentials doctor`.
import { importKey } from "edge-credentials";
import { Stop } from "../../../scripts/run.js";

/** @typedef {import("../walk/types.js").Login} Login */
/** @typedef {Record<string, string | undefined>} Variables */

/**
 * The ways to log in, by the names of the walk's cases.
 *
 * @param {Variables} variables
 * @returns {Promise<Record<string, Login>>}
 */
export async function loginsOf(variables) {
  const { CLIENT_ID: clientId, CLIENT_SECRET: clientSecret, KEY_FILE: key } = variables;
  const { SCOPE: scope = "openid", RESOURCE: resource } = variables;
  const more = { ...(scope && { scope }), ...(resource && { resource }) };
  const secret = clientId && clientSecret ? { clientId, clientSecret, ...more } : undefined;
  if (!secret && !key)
    throw new Stop("set CLIENT_ID and CLIENT_SECRET, or KEY_FILE to the text of a key file");
  return {
    ...(secret && {
      client_secret_basic: { ...secret, clientAuth: "client_secret_basic" },
      client_secret_post: { ...secret, clientAuth: "client_secret_post" },
    }),
    ...(key && (await keyLogin(key, { clientId, more }))),
  };
}

/**
 * @type {(
 *   key: string,
 *   options: { clientId?: string; more: Login },
 * ) => Promise<Record<string, Login>>}
 */
async function keyLogin(key, { clientId, more }) {
  const { algorithm, userId, clientId: named } = await importKey(key);
  if (userId !== null) return { [`JWT profile ${algorithm}`]: { key, ...more } };
  const client = clientId ?? named;
  if (client === null) throw new Stop("set CLIENT_ID: the key does not say whose it is");
  return { [`private_key_jwt ${algorithm}`]: { key, clientId: client, ...more } };
}
