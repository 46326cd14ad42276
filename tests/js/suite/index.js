// @ts-check
// The one suite. It uses nothing but the language and web standards, so that every runtime can run
// it: a runner of a few lines gathers the context, runs the cases and reports.
import { flow } from "./flow.js";
import { keys } from "./keys.js";
import { leaks } from "./leaks.js";
import { options } from "./options.js";
import { verify } from "./verify.js";
import { vectors } from "./vectors.js";
import { zitadel } from "./zitadel.js";

/** @typedef {typeof import("edge-credentials")} Package */
/**
 * @typedef {{
 *   issuer: string;
 *   clientId: string;
 *   clientSecret: string;
 *   apiUrl: string;
 *   api: Api;
 * }} Server
 */
/**
 * @typedef {{ audience: string; projectId?: string; clientId: string; clientSecret: string }} Api
 *   an API whose tokens the server gives out: whom they are for, and its own credentials
 */
/**
 * @typedef {{
 *   issuer: string;
 *   audience: string;
 *   tokens: { algorithm: string; jwk: Record<string, unknown>; token: string }[];
 * }} Signed
 *   JWTs, with the public keys
 */
/**
 * @typedef {object} Keys what every server knows the public keys of
 * @property {import("../../../www/server/provider-keys.js").UserKeyFile} user
 * @property {import("../../../www/server/provider-keys.js").ApplicationKeyFile} application
 * @property {ClientKey[]} clients one for each algorithm; the keys are the service user's, too
 */
/**
 * @typedef {{
 *   algorithm: import("edge-credentials").SignatureAlgorithm;
 *   clientId: string;
 *   keyId: string;
 *   jwk: Record<string, unknown>;
 *   pem: string;
 * }} ClientKey
 */
/**
 * @typedef {object} Context all but `ec` travels as JSON
 * @property {Package} ec the package under test
 * @property {Record<string, { cases: any[] }>} vectors tests/vectors, by file name without `.json`
 * @property {Record<string, Server>} servers running ones, by name
 * @property {Keys} keys private ones, which are good there
 * @property {Signed} signed one token for each algorithm
 */
/** @typedef {{ name: string; run: () => void | Promise<void> }} Case */

/** @typedef {(context: Context) => Case[]} Suite */

/** @type {Record<string, Suite>} */
const PARTS = { vectors, options, zitadel, leaks, flow, keys, verify };

/** @type {(context: Context) => (Case & { part: string })[]} */
export function suite(context) {
  return Object.entries(PARTS).flatMap(([part, casesOf]) =>
    casesOf(context).map((one) => ({ part, ...one })),
  );
}
