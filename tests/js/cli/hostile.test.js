// @ts-check
// A server that repeats what it was sent, in every place that the doctor prints.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import test, { after } from "node:test";
import { examine } from "../support/cli/cli.js";
import { jwt, makeKey } from "../support/keys/jwt.js";
import { close, listen } from "../support/http/listen.js";

const SECRET = "c4nary s3cret/+%";
const API_SECRET = "c4nary of the API";
const ESCAPE = "\u001b[31mred\u009b2J";
const key = makeKey("RS256");
const server = createServer((request, response) => {
  const path = request.url ?? "";
  const { status = 200, headers = {}, body = {} } = answers(path);
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
});
const { origin } = await listen(server);
after(() => close(server));

/** @type {Record<string, unknown>} */
let tokenAnswer = {};

/**
 * @type {(path: string) => {
 *   status?: number;
 *   headers?: Record<string, string>;
 *   body?: unknown;
 * }}
 */
function answers(path) {
  if (path.includes("/.well-known/")) return { body: metadata() };
  if (path === "/oauth/v2/keys") return { body: { keys: [key.jwk] } };
  if (path === "/oauth/v2/token") return { body: tokenAnswer };
  return { status: 401, headers: { "www-authenticate": `Bearer realm="${btoa(SECRET)}"` } };
}

function metadata() {
  return {
    issuer: origin,
    token_endpoint: `${origin}/oauth/v2/token`,
    jwks_uri: `${origin}/oauth/v2/keys`,
    token_endpoint_auth_methods_supported: ["client_secret_basic", SECRET, ESCAPE],
  };
}

/** @param {Record<string, unknown>} claims */
function tokenOf(claims) {
  const now = Math.floor(Date.now() / 1000);
  return jwt(key, { iss: origin, sub: "1", iat: now, exp: now + 300, ...claims });
}

test("nothing of it is printed", async () => {
  const project = "317905284016571148";
  const roles = { [SECRET]: { 1: "x" }, [ESCAPE]: { 1: "x" }, [API_SECRET]: { 1: "x" } };
  const token = tokenOf({
    aud: [encodeURIComponent(SECRET), API_SECRET, ESCAPE, project],
    [`urn:zitadel:iam:org:project:${project}:roles`]: roles,
    [`urn:zitadel:iam:org:project:${SECRET}:roles`]: roles,
  });
  tokenAnswer = { access_token: token, token_type: "Bearer", expires_in: 300, scope: SECRET };
  const env = {
    ISSUER: origin,
    CLIENT_ID: "svc",
    CLIENT_SECRET: SECRET,
    SCOPE: `openid ${"x".repeat(300)}`,
    PROJECT_ID: project,
    API_CLIENT_ID: "1",
    API_CLIENT_SECRET: API_SECRET,
    API_URL: `${origin}/api?c4nary`,
  };
  const { lines } = await examine(env, { secrets: [SECRET, API_SECRET, token, "c4nary"] });
  const all = lines.join("\n");
  assert.match(all, /^[\x20-\x7e\n…]*$/, "nothing that controls a terminal");
  assert.match(all, /\[redacted\]/);
  for (const line of lines) assert.ok(line.length < 900, line);
});

test("an error that repeats the request is redacted by the package", async () => {
  tokenAnswer = { error: "invalid_client", error_description: `no ${SECRET}, no ${ESCAPE}` };
  const env = { ISSUER: origin, CLIENT_ID: "svc", CLIENT_SECRET: SECRET };
  const { lines } = await examine(env, { secrets: [SECRET, "c4nary"] });
  assert.match(lines.join("\n"), /^[\x20-\x7e\n…]*$/);
});
