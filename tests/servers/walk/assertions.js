// @ts-check
// Assertions that are not as they should be, as client authentication and as a grant.
import {
  buildMetadataRequest,
  buildTokenRequest,
  completeAssertion,
  importKey,
  parseMetadataResponse,
  parseTokenResponse,
  prepareAssertion,
} from "edge-credentials";
import { makePem } from "../../js/support/keys/jwt.js";
import { outcomeOf } from "./step.js";

/** @typedef {import("./types.js").Login} Login */
/** @typedef {import("./types.js").Case} Case */
/** @typedef {import("edge-credentials").RequestData} RequestData */
/** @typedef {import("edge-credentials").AuthorizationServer} AuthorizationServer */
/**
 * @typedef {object} Change
 * @property {number} [off] by how much the clock is ahead, ms
 * @property {string | undefined} [key] another one
 * @property {(server: AuthorizationServer) => string} [audience]
 * @property {boolean} [twice] whether the same assertion was used before
 */

const HOURS = 3_600_000;
/** How far the clocks of machines may be apart without harm, ms. */
const OFF = 25_000;

/** @type {(running: import("./types.js").Running) => Case[]} */
export function assertions({ issuer, logins, asserted = {} }) {
  return ["private_key_jwt", "JWT profile"].flatMap((kind) => {
    const [login] = Object.entries(logins).filter(([name]) => name.startsWith(kind));
    const of = casesOf(issuer, kind, asserted[kind] ?? login?.[1]);
    return [
      of("expired", "credentials_refused", { off: -2 * HOURS }),
      of("of the future", "credentials_refused", { off: 2 * HOURS }),
      of("by a clock that is behind", "token", { off: -OFF }),
      of("by a clock that is ahead", "token", { off: OFF }),
      of("used twice", "credentials_refused", { twice: true }),
      of("by another key", "credentials_refused", { key: makePem("rsa", { modulusLength: 2048 }) }),
      of("for somebody else", "credentials_refused", { audience: () => "https://other.example" }),
      of("for the issuer", "token", { audience: ({ issuer }) => String(issuer) }),
      of("for the token endpoint", "token", { audience: ({ tokenEndpoint }) => tokenEndpoint }),
    ];
  });
}

/**
 * @type {(
 *   issuer: string,
 *   kind: string,
 *   login: Login | undefined,
 * ) => (what: string, expected: string, change: Change) => Case}
 */
function casesOf(issuer, kind, login) {
  return (what, expected, { twice, ...change }) => ({
    name: `${kind} ${what}`,
    expected,
    known: login !== undefined,
    async run({ fetch }) {
      const server = await serverOf(issuer);
      const assertion = await assertionOf(login ?? {}, change, server);
      const { clientId, clientSecret, scope, resource, params } = /** @type {any} */ (login);
      const isGrant = kind === "JWT profile";
      const client = { ...(clientId && { clientId }), ...(clientSecret && { clientSecret }) };
      const request = buildTokenRequest({
        tokenEndpoint: server.tokenEndpoint,
        ...(isGrant ? { assertion, ...client } : { clientId, clientAssertion: assertion }),
        ...(scope && { scope }),
        ...(resource && { resource }),
        ...(params && { params }),
      });
      if (twice) await fetch(request.url, request);
      return outcomeOf(answered(await fetch(request.url, request), request), "token");
    },
  });
}

/** @type {(response: Response, request: RequestData) => Promise<unknown>} */
async function answered(response, request) {
  const answer = await read(response);
  return parseTokenResponse(answer, { request, requestedAt: Date.now() });
}

/** @type {(issuer: string) => Promise<AuthorizationServer>} */
async function serverOf(issuer) {
  const answer = await read(await fetch(buildMetadataRequest({ issuer }).url));
  const { tokenEndpoint } = parseMetadataResponse(answer, { issuer });
  if (!tokenEndpoint) throw new Error("the metadata name no token endpoint");
  return { issuer, tokenEndpoint };
}

/** @type {(login: Login, change: Change, server: AuthorizationServer) => Promise<string>} */
async function assertionOf(login, { key, audience, off = 0 }, server) {
  const { algorithm, userId, clientId, assertionAudience } = /** @type {any} */ (login);
  const own = await importKey(/** @type {any} */ (login.key), algorithm && { algorithm });
  const signing = key === undefined ? own : await importKey(key);
  const input = prepareAssertion({
    key: { algorithm: signing.algorithm, keyId: String(login.keyId ?? own.keyId) },
    subject: userId ?? clientId ?? own.userId ?? own.clientId,
    audience: audience?.(server) ?? assertionAudience ?? String(server.issuer),
    now: Date.now() + off,
  });
  return completeAssertion(input, await signing.sign(input));
}

/** @param {Response} response */
async function read(response) {
  return { status: response.status, headers: response.headers, body: await response.text() };
}
