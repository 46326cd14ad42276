// @ts-check
// The revocation pair (RFC 7009).
import assert from "node:assert/strict";
import test from "node:test";
import { buildRevocationRequest, parseRevocationResponse } from "edge-credentials";
import { failure } from "../support/errors.js";

const where = {
  revocationEndpoint: "https://acme.zitadel.cloud/oauth/v2/revoke",
  token: "t0ken.c4nary",
};
const secret = { ...where, clientId: "app@project", clientSecret: "s3cret c4nary" };
const JWT = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiI0MiJ9.c2lnbmF0dXJl";

test("a client proves itself by secret or by assertion", () => {
  const basic = buildRevocationRequest(secret);
  assert.deepEqual(basic, {
    method: "POST",
    url: where.revocationEndpoint,
    headers: {
      accept: "application/json",
      "content-type": "application/x-www-form-urlencoded",
      authorization: `Basic ${btoa("app%40project:s3cret+c4nary")}`,
    },
    body: "token=t0ken.c4nary",
    redirect: "manual",
    cache: "no-store",
  });
  const post = buildRevocationRequest({ ...secret, clientAuth: "client_secret_post" });
  assert.equal(post.body, "token=t0ken.c4nary&client_id=app%40project&client_secret=s3cret+c4nary");
  assert.ok(!("authorization" in post.headers));
  const { body = "", headers } = buildRevocationRequest({
    ...where,
    clientId: "app@project",
    clientAssertion: JWT,
  });
  const type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
  assert.deepEqual(Object.fromEntries(new URLSearchParams(body)), {
    token: where.token,
    client_id: "app@project",
    client_assertion_type: type,
    client_assertion: JWT,
  });
  assert.ok(!("authorization" in headers));
});

test("success has any body, or none", () => {
  for (const body of ["", "{}", "<html>", '{"error":"x"}']) {
    assert.equal(
      parseRevocationResponse({
        status: 200,
        headers: { "content-type": "application/json" },
        body,
      }),
      undefined,
    );
  }
});

test("a refusal says whose fault it is, and shows neither the token nor what proved the client", async () => {
  const body = (/** @type {string} */ error) =>
    JSON.stringify({ error, error_description: `token t0ken.c4nary of s3cret c4nary ${JWT}` });
  for (const request of [
    buildRevocationRequest(secret),
    buildRevocationRequest({ ...where, clientId: "app@project", clientAssertion: JWT }),
  ]) {
    for (const [status, text, code] of /** @type {[number, string, string][]} */ ([
      [400, body("unauthorized_client"), "grant_refused"],
      [401, body("invalid_client"), "credentials_refused"],
      [400, body("unsupported_token_type"), "request_refused"],
      [503, "", "server_overloaded"],
      [404, "not found", "endpoint_not_found"],
    ])) {
      const error = await failure(
        () => parseRevocationResponse({ status, body: text }, { request, now: 0 }),
        code,
      );
      const shown = JSON.stringify(error) + error.stack;
      for (const mark of ["c4nary", "t0ken", "s3cret", JWT.slice(0, 12)])
        assert.ok(!shown.includes(mark), shown);
    }
  }
  const said = JSON.stringify({
    error: "unsupported_token_type",
    error_description: "refresh tokens only",
  });
  const request = buildRevocationRequest(secret);
  assert.equal(
    (await failure(() => parseRevocationResponse({ status: 400, body: said }, { request })))
      .errorDescription,
    "refresh tokens only",
  );
  assert.equal(
    (await failure(() => parseRevocationResponse({ status: 400, body: said }))).errorDescription,
    undefined,
  );
  const error = await failure(
    () =>
      parseRevocationResponse(
        { status: 429, headers: { "retry-after": "7" }, body: "" },
        { now: 1_000 },
      ),
    "rate_limited",
  );
  assert.equal(error.retryAt, 8_000);
});

test("a clock that is off is told where an assertion was refused", async () => {
  const request = buildRevocationRequest({
    ...where,
    clientId: "app@project",
    clientAssertion: JWT,
  });
  for (const [status, refusal] of /** @type {const} */ ([
    [500, "server_error"],
    [401, "invalid_client"],
  ])) {
    const answer = {
      status,
      headers: { date: "Thu, 01 Jan 1970 01:00:00 GMT" },
      body: JSON.stringify({ error: refusal }),
    };
    assert.match(
      (await failure(() => parseRevocationResponse(answer, { request, now: 0 }))).hint,
      /^set the clock of this machine/,
    );
    assert.match(
      (await failure(() => parseRevocationResponse(answer, { request, now: 3_600_000 }))).hint,
      /^check that the server has this client.s public key/,
    );
  }
});

test("options that cannot be right are refused", async () => {
  for (const [change, code] of /** @type {[any, string][]} */ ([
    [{ token: "" }, "option_invalid"],
    [{ token: "a b" }, "option_invalid"],
    [{ revocationEndpoint: "http://idp.example/revoke" }, "url_insecure"],
    [{ revocationEndpoint: "http://idp.example/revoke", insecureHttp: false }, "url_insecure"],
    [{ clientSecret: undefined }, "option_invalid"],
    [{ clientAssertion: JWT }, "option_invalid"],
    [{ clientAuth: "none" }, "option_invalid"],
    [{ tokenTypeHint: "x" }, "option_invalid"],
  ])) {
    await failure(() => buildRevocationRequest({ ...secret, ...change }), code);
  }
  const { token: _, ...without } = secret;
  assert.equal(
    (await failure(() => buildRevocationRequest(/** @type {any} */ (without)))).message,
    "`token` is missing",
  );
  const both = await failure(() =>
    buildRevocationRequest(/** @type {any} */ ({ ...secret, clientAssertion: JWT })),
  );
  assert.equal(
    both.message,
    "`clientSecret` is no option of buildRevocationRequest with `clientAssertion`",
  );
  assert.equal(
    buildRevocationRequest({
      ...secret,
      revocationEndpoint: "http://idp.example/revoke",
      insecureHttp: true,
    }).url,
    "http://idp.example/revoke",
  );
});
