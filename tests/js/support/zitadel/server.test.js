// @ts-check
// The double itself, row by row of what is known of ZITADEL, with nothing but fetch.
import assert from "node:assert/strict";
import { request as httpRequest } from "node:http";
import { after, before, beforeEach, describe, test } from "node:test";
import { until } from "../until.js";
import { answers, startZitadel } from "./server.js";

const SCOPE = "openid profile urn:zitadel:iam:org:project:id:zitadel:aud";
const ID = "edge%20worker%2B1%40acme.localhost";
const SECRET = "s%25cret%2Bwith%3A+symbols%26%3D";

/** @type {Awaited<ReturnType<typeof startZitadel>>} */
let zitadel;
before(async () => {
  zitadel = await startZitadel();
});
after(() => zitadel.stop());
beforeEach(() =>
  Object.assign(zitadel.state, { active: true, secretPending: 0, tokenShape: "opaque" }),
);

describe("success", () => {
  test("a token for 12 h, no scope, no refresh token, an id_token that expires when it is issued", async () => {
    const { status, json, headers } = await ask({});
    assert.equal(status, 200);
    assert.equal(headers.get("content-type"), "application/json");
    assert.deepEqual(Object.keys(json), ["access_token", "token_type", "expires_in", "id_token"]);
    assert.equal(json.token_type, "Bearer");
    assert.equal(json.expires_in, 43_199);
    const claims = JSON.parse(Buffer.from(json.id_token.split(".")[1], "base64url").toString());
    assert.equal(claims.exp, claims.iat);
  });

  test("no id_token without openid", async () => {
    assert.equal("id_token" in (await ask({ form: { scope: "profile" } })).json, false);
  });

  test("the three shapes of tokens that are no JWT", async () => {
    for (const [shape, pattern] of /** @type {const} */ ([
      ["opaque", /^[\w-]{104}$/],
      ["pat", /^[\w-]{71}$/],
      ["jwe", /^eyJ[\w-]+(\.[\w-]+){4}$/],
    ])) {
      zitadel.state.tokenShape = shape;
      assert.match((await ask({})).json.access_token, pattern);
    }
  });

  test("unknown scopes are dropped without a word", async () => {
    assert.equal((await ask({ form: { scope: "openid nonsense" } })).status, 200);
    assert.deepEqual(zitadel.state.issued.at(-1)?.scopes, ["openid"]);
  });

  test("the secret in the form, decoded once; the login name in any case; Basic with the client id in the form", async () => {
    const { clientId, clientSecret } = zitadel.state;
    assert.equal(
      (await ask({ basic: null, form: { client_id: clientId, client_secret: clientSecret } }))
        .status,
      200,
    );
    assert.equal((await ask({ basic: [ID.toUpperCase(), SECRET] })).status, 200);
    assert.equal((await ask({ form: { client_id: clientId } })).status, 200);
  });

  test("ZITADEL's own example of a Basic header", async (t) => {
    const { clientId, clientSecret } = zitadel.state;
    t.after(() => Object.assign(zitadel.state, { clientId, clientSecret }));
    Object.assign(zitadel.state, {
      clientId: "78366401571920522@amce",
      clientSecret: "veryweaksecret!",
    });
    const authorization = "Basic NzgzNjY0MDE1NzE5MjA1MjIlNDBhbWNlOnZlcnl3ZWFrc2VjcmV0JTIx";
    assert.equal((await ask({ authorization })).status, 200);
  });
});

describe("failure", () => {
  /** @type {[string, Parameters<typeof ask>[0], string, string | RegExp][]} */
  const rows = [
    [
      "wrong secret",
      { basic: [ID, "wrong"] },
      "invalid_request",
      "Errors.User.Machine.Secret.Invalid",
    ],
    [
      "secret encoded twice",
      { basic: [ID, encodeURIComponent(SECRET)] },
      "invalid_request",
      "Errors.User.Machine.Secret.Invalid",
    ],
    [
      "secret not encoded, a stray percent sign",
      { basic: [ID, "s%cret"] },
      "invalid_client",
      "invalid basic auth header",
    ],
    [
      "login name not encoded, its plus a space",
      { basic: ["edge worker+1@acme.localhost", SECRET] },
      "invalid_client",
      "client not found",
    ],
    [
      "the number instead of the login name",
      { basic: ["317905284016374539", SECRET] },
      "invalid_client",
      "client not found",
    ],
    [
      "no client id",
      { basic: null },
      "invalid_request",
      "client_id or client_assertion must be provided",
    ],
    [
      "Basic that is no base64",
      { authorization: "Basic ???" },
      "invalid_request",
      "client_id or client_assertion must be provided",
    ],
    [
      "two methods",
      { form: { client_secret: "x" } },
      "invalid_request",
      "client authentication must not use more than one method",
    ],
    [
      "no scope",
      { form: { scope: "" } },
      "invalid_request",
      /^The scope of your request is missing\. /,
    ],
    [
      "JSON",
      { contentType: "application/json", body: '{"grant_type":"client_credentials"}' },
      "invalid_request",
      "grant_type missing",
    ],
    ["wrong content type", { contentType: "text/plain" }, "invalid_request", "grant_type missing"],
    [
      "unknown grant",
      { form: { grant_type: "password" } },
      "unsupported_grant_type",
      "password not supported",
    ],
    ["a form that is none", { body: "grant_type=%zz" }, "invalid_request", "error parsing form"],
  ];
  for (const [name, request, error, description] of rows) {
    test(name, async () => {
      const { status, json, headers } = await ask(request);
      assert.equal(status, 400);
      assert.equal(headers.get("www-authenticate"), null);
      assert.equal(json.error, error);
      if (typeof description === "string") assert.equal(json.error_description, description);
      else assert.match(json.error_description, description);
    });
  }

  test("no secret yet, for as long as was said", async () => {
    zitadel.state.secretPending = 2;
    const { status, json } = await ask({});
    assert.equal(status, 400);
    assert.deepEqual(json, {
      error: "invalid_request",
      error_description: "Errors.User.Machine.Secret.NotExisting",
    });
    assert.equal((await ask({})).status, 400);
    assert.equal((await ask({})).status, 200);
  });

  test("deactivated user", async () => {
    zitadel.state.active = false;
    const { status, json } = await ask({});
    assert.equal(status, 400);
    assert.deepEqual(json, {
      error: "invalid_request",
      error_description: "Errors.User.NotActive",
    });
  });

  test("server fault, and any bad assertion", async () => {
    zitadel.script(answers.serverFault);
    /** @type {Record<string, string>[]} */
    const forms = [
      {},
      { grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion: "x" },
    ];
    for (const form of forms) {
      const { status, json } = await ask({ form });
      assert.equal(status, 500);
      assert.deepEqual(json, { error: "server_error", error_description: "Errors.Internal" });
    }
  });

  test("unknown host, in the header or as a path that plays it", async () => {
    const { port } = new URL(zitadel.issuer);
    const byHost = await new Promise((done, fail) => {
      httpRequest(
        { host: "127.0.0.1", port, path: "/oauth/v2/token", headers: { host: "other.example" } },
        done,
      )
        .on("error", fail)
        .end();
    });
    byHost.resume();
    assert.equal(byHost.statusCode, 404);
    assert.match(byHost.headers["content-type"], /^text\/plain/);
    const byPath = await fetch(`${zitadel.unknownIssuer}/.well-known/openid-configuration`);
    assert.equal(byPath.status, 404);
    assert.match(await byPath.text(), /^unable to set instance using origin .*Instance not found/);
  });

  test("rate limit", async () => {
    zitadel.script(answers.rateLimited(60));
    const { status, headers } = await ask({});
    assert.equal(status, 429);
    assert.equal(headers.get("retry-after"), "60");
  });
});

describe("scripted answers", () => {
  test("come in order, and only to their path", async () => {
    zitadel.script(
      { status: 502, body: "<html>" },
      { path: "/oauth/v2/keys", body: { keys: [] } },
      { status: 302, headers: { location: "/elsewhere" } },
    );
    assert.deepEqual(await (await fetch(`${zitadel.issuer}/oauth/v2/keys`)).json(), { keys: [] });
    assert.equal((await ask({})).status, 502);
    assert.equal((await ask({})).status, 302);
    assert.equal((await ask({})).status, 200);
  });

  test("are late, never come, break off or never end", async () => {
    zitadel.script(
      { delay: 60, body: "late" },
      { hang: true },
      { reset: true },
      { status: 200, body: "{", reset: true },
      { status: 200, body: "{", hang: true },
    );
    const started = performance.now();
    await ask({});
    assert.ok(performance.now() - started > 50);
    await askInVain();
    await assert.rejects(ask({}), TypeError);
    await assert.rejects(ask({}), TypeError);
    await askInVain();
  });
});

describe("pages", () => {
  const origin = "https://app.example";

  /** @type {(headers: Record<string, string>) => Promise<Response>} */
  const preflight = (headers) =>
    fetch(zitadel.tokenEndpoint, { method: "OPTIONS", headers: { origin, ...headers } });

  test("of every origin may send what a token request and an API call have", async () => {
    const { status, headers } = await preflight({
      "access-control-request-method": "POST",
      "access-control-request-headers": "authorization,content-type",
    });
    assert.equal(status, 204);
    assert.equal(headers.get("access-control-allow-origin"), origin);
    assert.equal(headers.get("access-control-allow-methods"), "POST");
    assert.equal(headers.get("access-control-allow-headers"), "authorization,content-type");
    assert.equal(headers.get("access-control-allow-credentials"), "true");
  });

  test("may do nothing else", async () => {
    for (const asked of [
      { "access-control-request-method": "DELETE" },
      { "access-control-request-method": "POST", "access-control-request-headers": "x-other" },
    ]) {
      const { status, headers } = await preflight(/** @type {Record<string, string>} */ (asked));
      assert.deepEqual([status, headers.get("access-control-allow-origin")], [204, null]);
    }
  });

  test("may read every answer, an error and a scripted one too, but not `retry-after`", async () => {
    zitadel.script(answers.rateLimited(60));
    for (const path of [zitadel.tokenEndpoint, zitadel.apiUrl, `${zitadel.unknownIssuer}/x`]) {
      const { headers } = await fetch(path, {
        method: path === zitadel.tokenEndpoint ? "POST" : "GET",
        headers: { origin },
      });
      assert.equal(headers.get("access-control-allow-origin"), origin, path);
      assert.equal(headers.get("access-control-expose-headers"), "Location, Content-Length", path);
    }
  });

  test("take no scripted answer away by asking first, and whoever is no page gets none of this", async () => {
    zitadel.script(answers.serverFault);
    await preflight({ "access-control-request-method": "POST" });
    const { status, headers } = await ask({});
    assert.equal(status, 500);
    assert.deepEqual(
      [headers.get("vary"), headers.get("access-control-allow-origin")],
      ["Origin", null],
    );
  });
});

test("records what arrived", async () => {
  await ask({});
  const { method, path, headers, body } = zitadel.requests.at(-1) ?? assert.fail("nothing arrived");
  assert.equal(`${method} ${path}`, "POST /oauth/v2/token");
  assert.match(headers["content-type"] ?? "", /^application\/x-www-form-urlencoded/);
  assert.equal(new URLSearchParams(body).get("grant_type"), "client_credentials");
});

test("discovery and the API", async () => {
  const metadata = await (await fetch(`${zitadel.issuer}/.well-known/openid-configuration`)).json();
  assert.equal(metadata.issuer, zitadel.issuer);
  assert.equal(metadata.token_endpoint, zitadel.tokenEndpoint);
  const call = async (/** @type {string} */ token) =>
    (await fetch(zitadel.apiUrl, { headers: { authorization: `Bearer ${token}` } })).status;
  assert.equal(await call((await ask({})).json.access_token), 200);
  assert.equal(await call((await ask({ form: { scope: "openid" } })).json.access_token), 401);
  assert.equal(await call("garbage"), 401);
});

/** A good token request whose client goes away 50 ms after it has arrived, without an answer. */
async function askInVain() {
  const { length } = zitadel.requests;
  const controller = new AbortController();
  const asking = ask({ signal: controller.signal });
  const rejected = assert.rejects(asking, { name: "AbortError" });
  await until(() => zitadel.requests.length > length, "the request");

  setTimeout(() => controller.abort(), 50);
  await rejected;
}

/**
 * A good token request, except for what is said.
 *
 * @param {{
 *   basic?: [string, string] | null;
 *   authorization?: string;
 *   form?: Record<string, string>;
 *   body?: string;
 *   contentType?: string;
 *   signal?: AbortSignal;
 * }} changes
 */
async function ask({
  basic = [ID, SECRET],
  authorization,
  form,
  body,
  contentType = "application/x-www-form-urlencoded",
  signal,
}) {
  authorization ??= basic ? `Basic ${Buffer.from(basic.join(":")).toString("base64")}` : undefined;
  body ??= new URLSearchParams({
    grant_type: "client_credentials",
    scope: SCOPE,
    ...form,
  }).toString();
  const headers = { "content-type": contentType, ...(authorization && { authorization }) };
  const response = await fetch(zitadel.tokenEndpoint, {
    method: "POST",
    headers,
    body,
    signal,
    redirect: "manual",
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    json: text.startsWith("{") ? JSON.parse(text) : undefined,
  };
}
