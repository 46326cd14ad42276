// @ts-check
// `doctor --mcp`: mistakes planted at an MCP server, beside the embedded provider.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import test, { after } from "node:test";
import { tokenVerifier } from "edge-credentials";
import { mcpGate } from "edge-credentials/mcp";
import { examine } from "../support/cli/cli.js";
import { assertFound } from "../support/cli/planted.js";
import { close, listen } from "../support/http/listen.js";
import { startQuietProvider } from "../support/servers/provider.js";

const provider = await startQuietProvider();
const { issuer, projectId, apiClient } = provider;
const AUDIENCE = `urn:zitadel:iam:org:project:id:${projectId}:aud`;
const ROLES = "urn:zitadel:iam:org:projects:roles";
const USUAL = {
  ISSUER: issuer,
  CLIENT_ID: provider.clientId,
  CLIENT_SECRET: provider.clientSecret,
  SCOPE: `openid ${AUDIENCE} ${ROLES}`,
};

const verifier = tokenVerifier({
  issuer,
  audience: projectId,
  projectId,
  role: "writer",
  introspection: apiClient,
});
const server = createServer();
const { origin } = await listen(server);
after(() => close(server));
const url = `${origin}/mcp`;
const scopes = ["openid", AUDIENCE, ROLES];
/** @type {{ path: string; authorization: string | undefined; body: string }[]} */
const requests = [];
let gate = mcpGate(verifier, { resource: url, scopes });
let answer = 200;

server.on("request", async (request, response) => {
  const { method, headers } = request;
  let body = "";
  for await (const chunk of request) body += chunk;
  const path = request.url ?? "";
  requests.push({ path, authorization: headers.authorization, body });
  const { authorization = "" } = headers;
  const asked = new Request(origin + path, { method, headers: { authorization } });
  const told = await gate(asked);
  if (!(told instanceof Response)) {
    response.writeHead(answer, { location: "/" }).end();
    return;
  }
  response.writeHead(told.status, Object.fromEntries(told.headers));
  response.end(await told.text());
});

/** @typedef {Omit<import("../support/cli/planted.js").Planted, "answers" | "check">} Planted */
/** @type {(Planted & { gate?: object; answer?: number; args?: string[]; sends?: boolean })[]} */
const PLANTED = [
  {
    name: "nothing is wrong",
    status: "ok",
    message: /^its metadata name ISSUER, and it takes the token \(200\)$/,
    sends: true,
    exitCode: 0,
  },
  {
    name: "it takes the token, and names a scope that is not asked for",
    gate: { scopes: [...scopes, "profile"] },
    status: "warn",
    message: /^it takes the token \(200\), and names scopes that SCOPE lacks$/,
    fix: /^add profile to SCOPE, if you expect it$/,
    sends: true,
    exitCode: 0,
  },
  {
    name: "without the role's scope: 403, and which scope to add",
    env: { SCOPE: `openid ${AUDIENCE}` },
    message: /^the server answers 403: Bearer error="insufficient_scope"/,
    fix: /^add urn:zitadel:iam:org:projects:roles to SCOPE, if you expect it$/,
    sends: true,
    exitCode: 6,
  },
  {
    name: "without the project's scope: 401, and which scope to add",
    env: { SCOPE: "openid" },
    message: /^the server answers 401: Bearer error="invalid_token"/,
    fix: /^add urn:zitadel:iam:org:project:id:\d+:aud urn:\S+ to SCOPE, if you expect it$/,
    sends: true,
    exitCode: 6,
  },
  {
    name: "its metadata name another issuer",
    gate: { authorizationServers: ["https://other.example"] },
    code: "issuer_mismatch",
    message: /takes no tokens of http:\/\/127\.0\.0\.1:\d+$/,
    fix: /^no token was sent there: it names https:\/\/other\.example\/$/,
    exitCode: 2,
  },
  {
    name: "its metadata are those of another address",
    args: [`--mcp=${origin}/other`],
    code: "endpoint_not_found",
    message: /has no metadata at \S+\/\.well-known\/oauth-protected-resource\/other \(401\)$/,
    fix: /^no token was sent there/,
    exitCode: 2,
  },
  {
    name: "it redirects",
    answer: 307,
    message: /^the server answers 307$/,
    fix: /^see that it redirects to your server, and pass that address$/,
    sends: true,
    exitCode: 2,
  },
  {
    name: "it is broken",
    answer: 500,
    message: /^the server answers 500$/,
    fix: /log$/,
    sends: true,
    exitCode: 5,
  },
  {
    name: "it is not there",
    args: ["--mcp=http://127.0.0.1:1/mcp"],
    code: "network_failed",
    message: /cannot be reached$/,
    fix: /check the address/,
    exitCode: 5,
  },
  {
    name: "over http",
    args: ["--mcp=http://mcp.example/mcp"],
    code: "url_insecure",
    message: /^--mcp is http and not on loopback$/,
    fix: /^use https/,
    exitCode: 2,
  },
  {
    name: "no address",
    args: ["--mcp=mcp"],
    code: "option_invalid",
    message: /^--mcp is no URL$/,
    fix: /write it out/,
    exitCode: 2,
  },
];

for (const one of PLANTED) {
  test(one.name, async () => {
    requests.length = 0;
    gate = mcpGate(verifier, { resource: url, scopes, ...one.gate });
    answer = one.answer ?? 200;
    const env = { ...USUAL, ...one.env };
    const report = await examine(env, {
      args: one.args ?? [`--mcp=${url}`],
      secrets: [env.CLIENT_SECRET],
    });
    assertFound(report, { ...one, check: "mcp" });
    const sent = requests.filter(({ authorization }) => authorization !== undefined);
    // `examine` runs the doctor twice: in words, and as JSON.
    assert.equal(sent.length, one.sends ? 2 : 0, "a token goes only where it may");
  });
}

test("without the option there is no such check", async () => {
  const { checks } = await examine(USUAL, { secrets: [USUAL.CLIENT_SECRET] });
  assert.ok(!checks.some(({ name }) => name === "mcp"));
});
