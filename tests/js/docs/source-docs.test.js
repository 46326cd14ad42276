// @ts-check
// The blocks of docs/token-source.md and docs/recipes/inner-addresses.md, run as they stand.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import test, { after } from "node:test";
import { timeLeft } from "edge-credentials";
import { execaNode } from "execa";
import { startProvider } from "../../../www/server/provider.js";
import { readDocs } from "../support/docs.js";
import { jwt, makeKey, makePem } from "../support/keys/jwt.js";
import { close, listen } from "../support/http/listen.js";

const KMS = `export const signed = [];
export async function signWithKms(claims) {
  signed.push(claims);
  const encode = (part) => Buffer.from(JSON.stringify(part)).toString("base64url");
  return [encode({ alg: "RS256" }), encode(claims), "c2lnbmF0dXJl"].join(".");
}
`;
const page = readDocs("docs/token-source.md", { "kms.mjs": KMS });
const recipe = readDocs("docs/recipes/inner-addresses.md");
after(page.remove);
after(recipe.remove);

const provider = await startProvider();
after(provider.stop);

const PUBLIC = "https://id.example";
const key = makeKey();
/**
 * @type {{
 *   url: string;
 *   form: Record<string, string>;
 *   headers: import("node:http").IncomingHttpHeaders;
 * }[]}
 */
const requests = [];

/** @type {(url: string, issuer: string) => object} */
function answerTo(url, issuer) {
  if (url === "/keys") return { keys: [key.jwk] };
  if (url.includes("/.well-known/"))
    return { issuer, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/keys` };
  return { access_token: "a-token", token_type: "Bearer", expires_in: 60 };
}

/** A server that names itself by what a proxy says, or by its own address. */
const server = createServer(async (request, response) => {
  let body = "";
  for await (const chunk of request) body += chunk;
  const { url = "", headers } = request;
  requests.push({ url, form: Object.fromEntries(new URLSearchParams(body)), headers });
  const { "x-forwarded-host": host, "x-forwarded-proto": proto } = headers;
  const issuer = host ? `${proto}://${host}` : `http://${headers.host}`;
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(answerTo(url, issuer)));
});
const { origin } = await listen(server);
after(() => close(server));

const last = () => requests[requests.length - 1];

test("each section with code is run here", () => {
  assert.deepEqual(page.headings, [
    "In Node",
    "Events",
    "With a key, or with a token",
    "An assertion from elsewhere",
    "A client assertion from elsewhere",
    "What a server wants in an assertion",
    "A request of your own",
    "APIs that answer 403 to a token that has ended",
  ]);
  assert.deepEqual(recipe.headings, [
    "Name the inner endpoints",
    "Or send public addresses the inner way",
  ]);
});

test("the program says how long its token is good", async () => {
  const { issuer: ISSUER, clientId: CLIENT_ID, clientSecret: CLIENT_SECRET } = provider;
  const env = { ISSUER, CLIENT_ID, CLIENT_SECRET };
  const { stdout } = await execaNode(page.write("In Node"), { env });
  assert.equal(stdout, "a Bearer token, good for 720 min");
});

test("the events: metadata are no token, and a refusal is told", async (t) => {
  const { issuer: ISSUER, clientId: CLIENT_ID } = provider;
  const log = t.mock.method(console, "log", () => {});
  const fails = t.mock.method(console, "error", () => {});
  const { source } = await page.run("Events", { ISSUER, CLIENT_ID, CLIENT_SECRET: "wrong" });
  await assert.rejects(source.get());
  assert.equal(log.mock.callCount(), 0);
  const [what, code, at] = fails.mock.calls[0].arguments;
  assert.deepEqual([what, code], ["token", "credentials_refused"]);
  assert.ok(at > Date.now());
});

test("by a key, or with a token", async () => {
  const { sources } = await page.run("With a key, or with a token", {});
  const { issuer: ISSUER, apiUrl: API_URL, userKeyFile, clientKeys } = provider;
  const [{ clientId: CLIENT_ID, pem: CLIENT_KEY }] = clientKeys;
  const [byFile, byKey, byToken] = sources({
    ISSUER,
    API_URL,
    KEY_FILE: JSON.stringify(userKeyFile),
    CLIENT_ID,
    CLIENT_KEY,
    PAT: "pat",
  });
  for (const source of [byFile, byKey]) assert.equal(timeLeft(await source.get()) > 0, true);
  assert.equal(await byToken.authorization(), "Bearer pat");
  assert.equal((await byToken.fetch(API_URL)).status, 401);
});

test("an assertion from elsewhere, in either place", async () => {
  const grant = await page.run("An assertion from elsewhere", { ISSUER: origin });
  assert.equal((await grant.source.get()).accessToken, "a-token");
  const claimsIn = (/** @type {string} */ assertion) =>
    JSON.parse(Buffer.from(assertion.split(".")[1], "base64url").toString());
  assert.deepEqual(claimsIn(last().form.assertion), { sub: "42", aud: origin });
  assert.equal(last().form.scope, "orders:read");

  const client = await page.run("A client assertion from elsewhere", { ISSUER: origin });
  await client.source.get();
  assert.deepEqual(claimsIn(last().form.client_assertion), { sub: "orders-worker", aud: origin });
});

test("what a server wants in an assertion", async () => {
  const TOKEN_ENDPOINT = `${origin}/token`;
  const { source } = await page.run("What a server wants in an assertion", {
    TOKEN_ENDPOINT,
    PRIVATE_KEY: makePem(),
  });
  await source.get();
  const [header, claims] = last()
    .form.assertion.split(".")
    .slice(0, 2)
    .map((part) => JSON.parse(Buffer.from(part, "base64url").toString()));
  assert.equal(header.x5t, "hOBcHZi846VCHSJbFAs52Go9VTQ");
  assert.equal(claims.aud, TOKEN_ENDPOINT);
  assert.match(claims.scope, /devstorage/);
});

test("a request of one's own", async () => {
  const { source } = await page.run("A request of your own", {
    TOKEN_ENDPOINT: `${origin}/token`,
    ACCOUNT_ID: "7",
    CLIENT: "id:secret",
  });
  assert.equal((await source.get()).accessToken, "a-token");
  assert.equal(last().url, "/token?grant_type=account_credentials&account_id=7");
  assert.equal(last().headers.authorization, `Basic ${btoa("id:secret")}`);
});

test("an API that answers 403 to a token that has ended", async (t) => {
  /** @type {(string | undefined)[]} */
  const sent = [];
  const api = createServer((request, response) => {
    sent.push(request.headers.authorization);
    response.writeHead(sent.length === 1 ? 403 : 200).end();
  });
  const { origin: API_URL } = await listen(api);
  t.after(() => close(api));
  const { call } = await page.run("APIs that answer 403 to a token that has ended", {
    ISSUER: provider.issuer,
    CLIENT_ID: provider.clientId,
    CLIENT_SECRET: provider.clientSecret,
    API_URL,
  });
  assert.equal((await call()).status, 200);
  assert.equal(new Set(sent).size, 2, "each with another token");
});

for (const heading of recipe.headings) {
  test(`a public issuer: ${heading}`, async () => {
    const { source, verifier } = await recipe.run(heading, {
      ISSUER: PUBLIC,
      INNER: origin,
      CLIENT_ID: heading,
      CLIENT_SECRET: "secret",
    });
    assert.equal((await source.get()).accessToken, "a-token");
    const exp = Math.floor(Date.now() / 1000) + 60;
    const token = jwt(key, { iss: PUBLIC, aud: "orders-api", sub: "1", exp });
    assert.equal((await verifier.verify(token)).sub, "1");
  });
}
