// @ts-check
// Replays what servers answered to a login (tests/vectors/servers/logins.json), at an origin of
// this machine and at today's time.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { root } from "../../../../scripts/run.js";
import { makeKey, jwt } from "../keys/jwt.js";
import { close, listen } from "../http/listen.js";

/** @typedef {"ZITADEL, July 2026" | "Keycloak 26.7.3"} Server */
/** @typedef {{ server: string; case: string; status: number; headers: object; body: string }} Case */
/**
 * @typedef {object} Answers the names of the cases that are answered
 * @property {string} [discovery]
 * @property {string} [token]
 * @property {string} [introspection]
 * @property {string} [api]
 * @property {Record<string, unknown>} [claims] changes of the claims of Keycloak's token
 * @property {number} [ahead] how far the server's clock is ahead, ms
 */

/** @type {Case[]} */
const CASES = read("logins.json").cases;
/** @type {{ server: string; case: string; claims: Record<string, unknown> }[]} */
const TOKENS = read("tokens.json");
/** In the place of the origin that was recorded. */
const ORIGINS = /https:\/\/(?:idp|zitadel)\.example/g;
const REALM = "/realms/walk";
/** ZITADEL's opaque tokens have five parts. */
const OPAQUE = `eyJhbGciOiJBMjU2R0NNS1ci.${"c4naryt0ken".repeat(4)}.a.b.c`;

/**
 * @param {Server} server
 * @param {Answers} answers
 */
export async function startRecorded(server, answers) {
  const isKeycloak = server.startsWith("Keycloak");
  const key = makeKey("RS256");
  const { discovery = "discovery", introspection, api, ahead = 0 } = answers;
  const { token = isKeycloak ? "token ok" : "cc basic, openid" } = answers;
  const http = createServer((request, response) => {
    const path = request.url ?? "";
    if (path.endsWith("/oauth/v2/keys") || path.endsWith("/certs"))
      return send(response, json({ keys: [key.jwk] }));
    send(response, answerOf(path));
  });
  const { origin } = await listen(http);
  const issuer = isKeycloak ? origin + REALM : origin;
  const claims = TOKENS.find(
    (one) => one.server === "keycloak 26.7.3" && one.case === "client credentials",
  )?.claims;
  const seconds = Math.floor(Date.now() / 1000);
  const now = { iat: seconds, nbf: seconds, exp: seconds + 300, iss: issuer };
  const accessToken = isKeycloak ? jwt(key, { ...claims, ...now, ...answers.claims }) : OPAQUE;

  /** @param {string} path */
  function answerOf(path) {
    if (path.includes("/.well-known/openid-configuration")) return find(discovery);
    if (path.includes("/.well-known/")) return { ...json({}), status: 404 };
    if (path.endsWith("/token")) return find(token);
    if (path.includes("introspect") && introspection) return find(introspection);
    if (api) return find(api);
    throw new Error(`no answer to ${path} is scripted`);
  }

  /** @param {string} name */
  function find(name) {
    const found = CASES.find((one) => one.server === server && one.case === name);
    if (!found) throw new Error(`there is no case ${name}`);
    return { ...found, body: today(found.body) };
  }

  /** @param {string} body */
  function today(body) {
    const here = body.replaceAll(ORIGINS, origin);
    if (!here.startsWith("{")) return here;
    const answer = JSON.parse(here);
    if (answer.access_token) Object.assign(answer, { access_token: accessToken });
    if (answer.active && "exp" in answer) Object.assign(answer, now);
    return JSON.stringify(answer);
  }

  /**
   * @type {(
   *   response: import("node:http").ServerResponse,
   *   answer: Omit<Case, "server" | "case">,
   * ) => void}
   */
  function send(response, { status, headers, body }) {
    // Keycloak sends none.
    response.sendDate = false;
    const date = { date: new Date(Date.now() + ahead).toUTCString() };
    response.writeHead(status, { ...headers, ...(!isKeycloak && date) }).end(body);
  }

  return { issuer, origin, accessToken, stop: () => close(http) };
}

/** @param {object} body */
function json(body) {
  const headers = { "content-type": "application/json" };
  return { status: 200, headers, body: JSON.stringify(body) };
}

/** @param {string} name */
function read(name) {
  return JSON.parse(readFileSync(join(root, "tests/vectors/servers", name), "utf8"));
}
