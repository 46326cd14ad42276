// @ts-check
// The introspection pair (RFC 7662): its vectors, and against a certified provider.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import {
  AuthError,
  buildIntrospectionRequest,
  completeAssertion,
  importKey,
  parseIntrospectionResponse,
  prepareAssertion,
  tokenSource,
  zitadel,
} from "edge-credentials";
import { startProvider } from "../../../www/server/provider.js";
import { withScopeText } from "../support/keys/claims.js";
import { failure } from "../support/errors.js";

const { cases } = JSON.parse(
  readFileSync(new URL("../../vectors/verify/introspection.json", import.meta.url), "utf8"),
);
const NOW = 1_700_000_000_000;
const where = {
  introspectionEndpoint: "https://idp.example/introspect",
  token: "t0ken.c4nary",
  clientId: "api",
};
const request = buildIntrospectionRequest({ ...where, clientSecret: "s3cret" });

for (const { name, response, token, error } of cases) {
  test(`vector: ${name}`, () => {
    const body =
      typeof response.body === "string"
        ? response.body
        : response.body.repeat.repeat(response.body.times);
    let given;
    try {
      given = parseIntrospectionResponse({ ...response, body }, { request, now: NOW });
    } catch (thrown) {
      assert.ok(thrown instanceof AuthError, String(thrown));
      const { name: _, ...shown } = thrown.toJSON();
      assert.deepEqual(JSON.parse(JSON.stringify(shown)), { retryable: false, ...error });
      return;
    }
    assert.equal(error, undefined);
    assert.equal(given.active, token !== null);
    if (token === null) assert.deepEqual(given, { active: false });
    else assert.deepEqual(given, withScopeText(JSON.parse(body)));
  });
}

test("a client proves itself by secret or by assertion, and http is for loopback", async () => {
  assert.deepEqual(request, {
    method: "POST",
    url: where.introspectionEndpoint,
    headers: {
      accept: "application/json",
      "content-type": "application/x-www-form-urlencoded",
      authorization: `Basic ${btoa("api:s3cret")}`,
    },
    body: "token=t0ken.c4nary",
    redirect: "manual",
    cache: "no-store",
  });
  const clientAssertion = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiI0MiJ9.c2lnbmF0dXJl";
  const { body = "", headers } = buildIntrospectionRequest({ ...where, clientAssertion });
  const client_assertion_type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
  assert.deepEqual(Object.fromEntries(new URLSearchParams(body)), {
    token: where.token,
    client_id: where.clientId,
    client_assertion_type,
    client_assertion: clientAssertion,
  });
  assert.ok(!("authorization" in headers));
  const insecure = {
    ...where,
    clientSecret: "s",
    introspectionEndpoint: "http://idp.example/introspect",
  };
  await failure(() => buildIntrospectionRequest(insecure), "url_insecure");
  await failure(
    () => buildIntrospectionRequest({ ...insecure, insecureHttp: false }),
    "url_insecure",
  );
  assert.equal(
    buildIntrospectionRequest({ ...insecure, insecureHttp: true }).url,
    insecure.introspectionEndpoint,
  );
  for (const token of ["", "a b", "t".repeat(16_385)])
    await failure(
      () => buildIntrospectionRequest({ ...where, clientSecret: "s", token }),
      "token_malformed",
    );
  await failure(
    () => buildIntrospectionRequest({ ...where, clientSecret: "s", clientAssertion }),
    "option_invalid",
  );
  await failure(
    () => buildIntrospectionRequest(/** @type {any} */ ({ ...where })),
    "option_invalid",
  );
});

test("neither the token nor the secret is in an error, and the server's words are shown only beside the request", async () => {
  const body = JSON.stringify({
    error: "invalid_request",
    error_description: "no token t0ken.c4nary of s3cret here",
  });
  // With 400 it would be about the token, and no error.
  const told = await failure(() => parseIntrospectionResponse({ status: 403, body }, { request }));
  assert.equal(told.errorDescription, "no token [redacted] of [redacted] here");
  assert.equal(
    (await failure(() => parseIntrospectionResponse({ status: 403, body }))).errorDescription,
    undefined,
  );
});

test("a certified provider is asked, by an application with a key and with a secret", async (t) => {
  const provider = await startProvider();
  t.after(provider.stop);
  const { issuer, clientId, clientSecret, applicationKeyFile, apiClient } = provider;
  const introspectionEndpoint = `${issuer}/oauth/v2/introspect`;
  const { accessToken: token } = await tokenSource({
    issuer,
    clientId,
    clientSecret,
    scope: zitadel.scopes.audience(provider.projectId),
  }).get();
  /** @param {import("edge-credentials").IntrospectionRequestOptions} options */
  const ask = async (options) => {
    const sent = buildIntrospectionRequest(options);
    const response = await fetch(sent.url, sent);
    return parseIntrospectionResponse(
      { status: response.status, headers: response.headers, body: await response.text() },
      { request: sent },
    );
  };
  const key = await importKey(applicationKeyFile);
  for (const proof of [apiClient, undefined]) {
    const byKey = async () => {
      const input = prepareAssertion({ key, audience: issuer });
      return {
        clientId: applicationKeyFile.clientId,
        clientAssertion: completeAssertion(input, await key.sign(input)),
      };
    };
    const active = await ask({ introspectionEndpoint, token, ...(proof ?? (await byKey())) });
    assert.deepEqual([active.active, active.client_id], [true, clientId]);
    assert.deepEqual(
      await ask({ introspectionEndpoint, token: "unknown", ...(proof ?? (await byKey())) }),
      { active: false },
    );
  }
  await failure(
    () => ask({ introspectionEndpoint, token, ...apiClient, clientSecret: "wrong" }),
    "credentials_refused",
  );
});

test("an access token of the API's own, or no credentials at all", async () => {
  const { token, introspectionEndpoint } = where;
  const bearer = buildIntrospectionRequest({ token, introspectionEndpoint, accessToken: "own" });
  assert.equal(bearer.headers.authorization, "Bearer own");
  const none = buildIntrospectionRequest({ token, introspectionEndpoint, clientAuth: "none" });
  assert.ok(!("authorization" in none.headers));
  for (const { body } of [bearer, none])
    assert.equal(body, new URLSearchParams({ token }).toString());

  for (const accessToken of ["", "Bearer own", "a\nb"]) {
    const options = { token, introspectionEndpoint, accessToken };
    await failure(() => buildIntrospectionRequest(options), "option_invalid");
  }
  // What finds fault with the API's own token is not about the caller's.
  const answer = { status: 401, body: JSON.stringify({ error: "invalid_token" }) };
  await failure(
    () => parseIntrospectionResponse(answer, { request: bearer }),
    "credentials_refused",
  );
  assert.deepEqual(parseIntrospectionResponse(answer, { request: none }), { active: false });
});
