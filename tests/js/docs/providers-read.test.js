// @ts-check
// The blocks of docs/providers.md about servers that were not run, against answers as their
// documentation has them.
import assert from "node:assert/strict";
import test, { after } from "node:test";
import { readDocs } from "../support/docs.js";
import { answerAs, documented, tokenOf } from "../support/http/documented-server.js";
import { failure } from "../support/errors.js";
import { makePem } from "../support/keys/jwt.js";

const page = readDocs("docs/providers.md");
after(page.remove);

const secrets = { CLIENT_ID: "orders-worker", CLIENT_SECRET: "secret" };

/** The callers' tokens are good at the API. @param {string} heading */
async function assertGood(heading) {
  const { source, verifier } = await page.run(heading, secrets);
  const { accessToken } = await source.get();
  await verifier.verify(accessToken);
  return verifier;
}

test("Auth0", async (t) => {
  const issuer = "https://acme.eu.auth0.com/";
  const claims = {
    iss: issuer,
    sub: "orders-worker@clients",
    aud: "https://api.example",
    azp: "orders-worker",
    scope: "things:write",
    gty: "client-credentials",
  };
  const metadata = documented(issuer, `${issuer}oauth/token`, `${issuer}.well-known/jwks.json`);
  const requests = answerAs(t, { metadata, claims });
  const verifier = await assertGood("Auth0");
  assert.deepEqual(requests[0].form, {
    grant_type: "client_credentials",
    client_id: "orders-worker",
    client_secret: "secret",
    audience: "https://api.example",
  });
  await failure(() => verifier.verify(tokenOf({ ...claims, scope: "" })), "scope_insufficient");
});

const LOGIN = "https://login.microsoftonline.com";
const TENANT = "2f1f3a5e-9a51-4f6b-8a3e-0c8a5d1f2b3c";
const entra = (tenant = TENANT) => ({
  iss: `${LOGIN}/${tenant}/v2.0`,
  tid: tenant,
  aud: "9d4f2c1e-0b7a-4c53-8f7e-5a2b6c8d1e90",
  azp: "orders-worker",
  sub: "a7e6f7c2-e44f-49e5-bc43-9c9f2bf0b37a",
  roles: ["Things.Write"],
  ver: "2.0",
});
const entraMetadata = (tenant = TENANT) =>
  documented(
    `${LOGIN}/${tenant}/v2.0`,
    `${LOGIN}/${tenant}/oauth2/v2.0/token`,
    `${LOGIN}/${tenant}/discovery/v2.0/keys`,
  );

test("Entra", async (t) => {
  answerAs(t, { metadata: entraMetadata(), claims: entra() });
  const verifier = await assertGood("Entra, one tenant");
  const unassigned = { ...entra(), roles: undefined };
  await failure(() => verifier.verify(tokenOf(unassigned)), "role_insufficient");
});

test("Entra, many tenants", async (t) => {
  answerAs(t, { metadata: entraMetadata("{tenantid}") });
  const { verifier } = await page.run("Entra, many tenants", {});
  await verifier.verify(tokenOf(entra()));
  await verifier.verify(tokenOf(entra("6d0c3b8a-1f5e-4d27-9b44-7e1a2c3d4f50")));
  const stranger = entra("11111111-1f5e-4d27-9b44-7e1a2c3d4f50");
  await failure(() => verifier.verify(tokenOf(stranger)), "token_invalid");
});

test("Entra, certificates", async (t) => {
  const requests = answerAs(t, { metadata: entraMetadata(), claims: entra() });
  const PRIVATE_KEY = makePem("rsa", { modulusLength: 2048 });
  const THUMBPRINT = "A1bC2dE3fH4iJ5kL6mN7oP8qR9s";
  const { source } = await page.run("Entra, certificates", {
    ...secrets,
    PRIVATE_KEY,
    THUMBPRINT,
  });
  await source.get();
  const [header, claims] = requests[0].form.client_assertion
    .split(".", 2)
    .map((part) => JSON.parse(Buffer.from(part, "base64url").toString()));
  assert.deepEqual(header, { alg: "PS256", typ: "JWT", "x5t#S256": THUMBPRINT });
  assert.equal(claims.aud, `${LOGIN}/${TENANT}/oauth2/v2.0/token`);
  assert.deepEqual([claims.iss, claims.sub], ["orders-worker", "orders-worker"]);
});

test("Okta", async (t) => {
  const issuer = "https://acme.okta.com/oauth2/default";
  const claims = {
    iss: issuer,
    aud: "api://default",
    sub: "orders-worker",
    cid: "orders-worker",
    scp: ["things:write"],
    ver: 1,
  };
  answerAs(t, { metadata: documented(issuer, `${issuer}/v1/token`, `${issuer}/v1/keys`), claims });
  const verifier = await assertGood("Okta");
  await failure(() => verifier.verify(tokenOf({ ...claims, scp: [] })), "scope_insufficient");
});

test("Cognito", async (t) => {
  const issuer = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Ab1Cd2Ef3";
  const tokenEndpoint = "https://acme.auth.eu-central-1.amazoncognito.com/oauth2/token";
  const claims = {
    iss: issuer,
    sub: "57cbishk4j24pabc1234567890",
    client_id: "57cbishk4j24pabc1234567890",
    token_use: "access",
    scope: "things/write",
    version: 2,
  };
  answerAs(t, {
    metadata: documented(issuer, tokenEndpoint, `${issuer}/.well-known/jwks.json`),
    claims,
  });
  const verifier = await assertGood("Cognito");
  const id = { ...claims, token_use: "id" };
  await failure(() => verifier.verify(tokenOf(id)), "token_invalid");
  const other = { ...claims, client_id: "other" };
  await failure(() => verifier.verify(tokenOf(other)), "audience_refused");
});

test("Google", async (t) => {
  const issuer = "https://accounts.google.com";
  const tokenEndpoint = "https://oauth2.googleapis.com/token";
  const requests = answerAs(t, {
    metadata: documented(issuer, tokenEndpoint, "https://www.googleapis.com/oauth2/v3/certs"),
    token: '{"access_token":"ya29.c.b0Aaek","token_type":"Bearer","expires_in":3599}',
    claims: {},
  });
  const KEY_FILE = JSON.stringify({
    type: "service_account",
    client_email: "robot@acme.iam.gserviceaccount.com",
    private_key: makePem("rsa", { modulusLength: 2048 }),
    private_key_id: "1234",
  });
  const { source, verifier } = await page.run("Google", { KEY_FILE });
  assert.equal((await source.get()).accessToken, "ya29.c.b0Aaek");
  const [, assertion] = requests[0].form.assertion.split(".");
  const { aud, scope, iss } = JSON.parse(Buffer.from(assertion, "base64url").toString());
  assert.deepEqual([aud, iss], [tokenEndpoint, "robot@acme.iam.gserviceaccount.com"]);
  assert.equal(scope, "https://www.googleapis.com/auth/devstorage.read_only");

  const sub = "112233445566778899000";
  const claims = { iss: issuer, aud: "https://api.example", azp: sub, sub, email_verified: true };
  await verifier.verify(tokenOf(claims));
  await failure(() => verifier.verify(tokenOf({ ...claims, sub: "1" })), "claim_refused");
});
