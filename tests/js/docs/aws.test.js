// @ts-check
// The blocks of docs/recipes/aws.md, run as they stand, with events as AWS documents them.
import assert from "node:assert/strict";
import test, { after } from "node:test";
import { tokenSource, zitadel } from "edge-credentials";
import { fakeIssuer } from "edge-credentials/testing";
import { readDocs } from "../support/docs.js";
import { startQuietProvider } from "../support/servers/provider.js";

const page = readDocs("docs/recipes/aws.md");
after(page.remove);

const provider = await startQuietProvider();
const { issuer, projectId, jwtClientId: clientId, clientSecret } = provider;
const env = { ISSUER: issuer, PROJECT_ID: projectId };
const AUDIENCE = ["openid", zitadel.scopes.audience(projectId)];

/** @type {(scope: string[]) => Promise<string>} */
const authorization = (scope) =>
  tokenSource({ issuer, clientId, clientSecret, scope }).authorization();
const WRITER = await authorization([...AUDIENCE, zitadel.scopes.roles()]);
const READER = await authorization(AUDIENCE);

/**
 * What the recipes log is no notice of the provider's.
 *
 * @param {import("node:test").TestContext} t
 */
const silence = (t) => t.mock.method(console, "warn", () => {});

test("each section with code is run here", () => {
  assert.deepEqual(page.headings, [
    "An authorizer of an HTTP API",
    "An authorizer of a REST API",
    "Lambda@Edge",
  ]);
});

test("an authorizer of an HTTP API", async (t) => {
  silence(t);
  const { handler } = await page.run("An authorizer of an HTTP API", env);
  const event = (/** @type {string} */ authorization) => ({
    version: "2.0",
    type: "REQUEST",
    routeArn: "arn:aws:execute-api:eu-central-1:123456789012:abcdef123/test/GET/things",
    identitySource: [authorization],
    headers: { authorization },
  });
  assert.deepEqual(await handler(event(WRITER)), {
    isAuthorized: true,
    context: { sub: clientId },
  });
  assert.deepEqual(await handler(event(READER)), { isAuthorized: false });
  assert.deepEqual(await handler(event("Bearer a.b.c")), { isAuthorized: false });
});

test("an authorizer of a REST API", async (t) => {
  silence(t);
  const { handler } = await page.run("An authorizer of a REST API", env);
  const event = (/** @type {string} */ authorizationToken) => ({
    type: "TOKEN",
    authorizationToken,
    methodArn: "arn:aws:execute-api:eu-central-1:123456789012:abcdef123/test/GET/things/1",
  });
  const policy = (/** @type {string} */ Effect) => ({
    Version: "2012-10-17",
    Statement: [
      {
        Action: "execute-api:Invoke",
        Effect,
        Resource: "arn:aws:execute-api:eu-central-1:123456789012:abcdef123/test/*",
      },
    ],
  });
  assert.deepEqual(await handler(event(WRITER)), {
    principalId: clientId,
    policyDocument: policy("Allow"),
  });
  assert.deepEqual(await handler(event(READER)), {
    principalId: "nobody",
    policyDocument: policy("Deny"),
  });
  await assert.rejects(handler(event("Bearer a.b.c")), { message: "Unauthorized" });
});

test("Lambda@Edge", async (t) => {
  silence(t);
  const idp = fakeIssuer({ issuer: "https://acme.zitadel.cloud" });
  t.mock.method(globalThis, "fetch", idp.fetch);
  const { handler } = await page.run("Lambda@Edge", {});
  const project = "317905284016571148";
  const roles = { [`urn:zitadel:iam:org:project:${project}:roles`]: { writer: { 1: "acme" } } };
  const ask = (/** @type {string[]} */ ...values) => {
    const list = values.map((value) => ({ key: "Authorization", value }));
    const request = { uri: "/things", method: "GET", headers: { authorization: list } };
    return handler({ Records: [{ cf: { request } }] });
  };
  const token = await idp.sign({ aud: [project], ...roles });
  assert.equal((await ask(`Bearer ${token}`)).uri, "/things");
  const { status, headers } = await ask();
  assert.equal(status, "401");
  assert.deepEqual(headers["www-authenticate"], [{ key: "www-authenticate", value: "Bearer" }]);
  assert.equal((await ask(`Bearer ${await idp.sign({ aud: [project] })}`)).status, "403");
});
