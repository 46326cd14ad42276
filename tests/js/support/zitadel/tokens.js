// @ts-check
// The tokens that ZITADEL gives out: their shapes, whom they are for, which roles they name, and
// the keys that sign those that are JWTs.
import { createPublicKey, randomBytes, sign } from "node:crypto";
import { generateKey } from "../../../../www/server/generate-key.js";
import { serverNow } from "./clock.js";

/** @typedef {import("./rules.js").State} State */
/**
 * @typedef {"opaque" | "pat" | "jwe" | "jwt"} TokenShape the shapes of tokens; only the last one is
 *   a JWT
 */
/** @typedef {{ kid: string; privateKey: import("node:crypto").KeyObject }} SigningKey of RSA */
/**
 * @typedef {Record<string, Record<string, Record<string, string>>>} Grants organizations and their
 *   domains, by role, by project
 */
/**
 * @typedef {object} Issued
 * @property {string} token
 * @property {string[]} scopes
 * @property {Record<string, any>} claims
 * @property {boolean} [isPersonal] a personal access token, which is for any API
 */

export const USER_ID = "317905284016374539";
/** What the scope with `zitadel` for a project's id stands for. */
const ZITADELS_PROJECT = "317905284015915787";
const ROLES = "urn:zitadel:iam:org:project:roles";

/** @type {SigningKey | undefined} */
let made;

/**
 * What the server signs with, the first of them; all are published. One for all servers, and not
 * before one is needed: RSA's are slow to make.
 *
 * @param {State} state
 */
export function signingKeys(state) {
  if (state.signingKeys.length === 0) {
    made ??= makeSigningKey("317905284016505611");
    state.signingKeys.push(made);
  }
  return state.signingKeys;
}

/**
 * @param {string} kid
 * @returns {SigningKey}
 */
export function makeSigningKey(kid) {
  return { kid, privateKey: generateKey("rsa", { modulusLength: 2048 }) };
}

/** @param {State} state */
export function answerKeys(state) {
  const keys = signingKeys(state).map(({ kid, privateKey }) => ({
    use: "sig",
    ...createPublicKey(privateKey).export({ format: "jwk" }),
    kid,
    alg: "RS256",
  }));
  return { status: 200, headers: { "cache-control": "max-age=300" }, body: { keys } };
}

/**
 * @type {(
 *   state: State,
 *   options: { scopes: string[]; clientId: string; shape: TokenShape; isPersonal?: boolean },
 * ) => Issued}
 */
export function issueToken(state, { scopes, clientId, shape, isPersonal }) {
  const now = Math.floor(serverNow() / 1000);
  const aud = audienceOf(scopes, clientId);
  const times = { exp: now + state.expiresIn, iat: now, nbf: now };
  const claims = {
    iss: state.issuer,
    sub: USER_ID,
    aud,
    ...times,
    client_id: clientId,
    jti: `V2_${randomBytes(9).toString("hex")}`,
  };
  const token =
    shape === "jwt"
      ? signed(state, { ...claims, ...rolesFor(state, scopes, aud, aud[0]) })
      : random(shape);
  const issued = { token, scopes, claims, isPersonal };
  state.issued.push(issued);
  return issued;
}

/** @type {(scopes: string[], clientId: string) => string[]} */
function audienceOf(scopes, clientId) {
  const projects = scopes
    .map((scope) => /^urn:zitadel:iam:org:project:id:(.+):aud$/.exec(scope)?.[1])
    .filter((id) => id !== undefined);
  return projects.length
    ? projects.map((id) => (id === "zitadel" ? ZITADELS_PROJECT : id))
    : [clientId];
}

/**
 * The claims about roles, where a scope asks for them.
 *
 * @param {State} state
 * @param {string[]} scopes
 * @param {string[]} projects whose roles are named
 * @param {string} own of which project the claim speaks that names none
 */
export function rolesFor({ grants }, scopes, projects, own) {
  const isAsked = scopes.some(
    (scope) =>
      scope === "urn:zitadel:iam:org:projects:roles" ||
      scope.startsWith("urn:zitadel:iam:org:project:role:"),
  );
  if (!isAsked) return {};
  const granted = projects.filter((id) => Object.hasOwn(grants, id));
  const claims = granted.map((id) => [`urn:zitadel:iam:org:project:${id}:roles`, grants[id]]);
  return Object.fromEntries([...claims, ...(granted.includes(own) ? [[ROLES, grants[own]]] : [])]);
}

/** @type {(state: State, claims: object) => string} */
function signed(state, claims) {
  const [{ kid, privateKey }] = signingKeys(state);
  const input = `${encode({ alg: "RS256", kid, typ: "JWT" })}.${encode(claims)}`;
  return `${input}.${sign("sha256", Buffer.from(input), privateKey).toString("base64url")}`;
}

/** @param {Exclude<TokenShape, "jwt">} shape */
function random(shape) {
  if (shape === "opaque") return letters(104);
  if (shape === "pat") return letters(71);
  return [
    encode({ alg: "RSA-OAEP-256", enc: "A256GCM", kid: "317905284016505611" }),
    letters(342),
    letters(16),
    letters(150),
    letters(22),
  ].join(".");
}

/**
 * It expires when it is issued, as some of ZITADEL's do (zitadel/zitadel#11060), and no key fits
 * the signature: a client has no business with it.
 *
 * @param {State} state
 */
export function idToken({ issuer, clientId }) {
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: issuer, sub: USER_ID, aud: [clientId], exp: now, iat: now };
  return [
    encode({ alg: "RS256", kid: "317905284016505611", typ: "JWT" }),
    encode(claims),
    letters(342),
  ].join(".");
}

/** @param {object} value */
function encode(value) {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

/** @param {number} length */
function letters(length) {
  return randomBytes(length).toString("base64url").slice(0, length);
}
