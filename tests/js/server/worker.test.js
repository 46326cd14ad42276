// @ts-check
// www/worker.js in the real workerd: what a reader copies, on good days and on bad ones.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { tokenSource } from "edge-credentials";
import { bundleWorker, startWorkerd } from "../../../scripts/workerd/workerd.js";
import { startProvider } from "../../../www/server/provider.js";
import { answers, startZitadel } from "../support/zitadel/server.js";

const OPENID_PATH = "/.well-known/openid-configuration";
const RFC_8414_PATH = "/.well-known/oauth-authorization-server";

const outdir = mkdtempSync(join(tmpdir(), "edge-credentials-worker-"));
/** @type {Awaited<ReturnType<typeof bundleWorker>>} */
let modules;
/** @type {Awaited<ReturnType<typeof startZitadel>>} */
let zitadel;
/** @type {Awaited<ReturnType<typeof startWorkerd>> | undefined} */
let worker;

before(async () => {
  modules = await bundleWorker({ entry: "www/worker.js", outdir });
  zitadel = await startZitadel();
});
afterEach(async () => {
  await worker?.stop();
  worker = undefined;
  zitadel.requests.length = 0;
});
after(async () => {
  rmSync(outdir, { recursive: true });
  await zitadel.stop();
});

test("calls the API with one token for many requests, and never shows it", async () => {
  await start();
  const sentAt = Date.now();
  const first = await ask();
  assert.equal(first.status, 200);
  assert.deepEqual(Object.keys(first.json), ["token", "api"]);
  const { tokenType, scope, obtainedAt, expiresAt } = first.json.token;
  assert.deepEqual({ tokenType, scope }, { tokenType: "Bearer", scope: null });
  assert.ok(Math.abs(obtainedAt - sentAt) < 5_000);
  assert.equal(expiresAt - obtainedAt, 43_199_000);
  assert.equal(first.json.api.status, 200);
  assert.equal(first.json.api.body.user.userName, zitadel.state.clientId);
  assert.equal((await ask()).json.token.obtainedAt, obtainedAt);
  assert.equal(tokenRequests().length, 1);
  assert.deepEqual(zitadel.state.issued.at(-1)?.scopes, [
    "openid",
    "profile",
    "urn:zitadel:iam:org:project:id:zitadel:aud",
  ]);
});

test("a server that publishes its metadata under RFC 8414's path only", async () => {
  await start();
  const { issuer, tokenEndpoint } = zitadel;
  zitadel.script(
    { path: OPENID_PATH, status: 404 },
    { path: RFC_8414_PATH, body: { issuer, token_endpoint: tokenEndpoint } },
  );
  assert.equal((await ask()).json.api.status, 200);
  assert.deepEqual(
    zitadel.requests.slice(0, 2).map(({ path }) => path),
    [OPENID_PATH, RFC_8414_PATH],
  );
});

test("a server that publishes none, or fails to", async () => {
  for (const [status, code, asked] of /** @type {const} */ ([
    [404, "endpoint_not_found", 2],
    [500, "server_failed", 1],
  ])) {
    await start();
    zitadel.requests.length = 0;
    for (let i = 0; i < asked; i += 1)
      zitadel.script({ path: i ? RFC_8414_PATH : OPENID_PATH, status });
    assert.equal((await ask()).json.code, code);
    assert.equal(zitadel.requests.length, asked);
    await worker?.stop();
  }
});

test("an API that redirects does not get the token sent on", async (t) => {
  const other = await startZitadel();
  t.after(other.stop);
  await start();
  zitadel.script({
    path: new URL(zitadel.apiUrl).pathname,
    status: 302,
    headers: { location: other.apiUrl },
  });
  const { status, json } = await ask();
  assert.deepEqual([status, json.api.status], [200, 302]);
  assert.deepEqual(other.requests, []);
});

test("a token that the API refuses is replaced within the call", async () => {
  await start();
  await ask();
  zitadel.state.issued.length = 0;
  assert.equal((await ask()).json.api.status, 200);
  assert.equal(tokenRequests().length, 2);
});

test("a token that has run out is replaced", async () => {
  await start();
  zitadel.script({ body: { access_token: "canary-token", token_type: "Bearer", expires_in: 1 } });
  await ask();
  await new Promise((done) => setTimeout(done, 1_000));
  assert.equal((await ask()).json.api.status, 200);
  assert.equal(tokenRequests().length, 2);
});

test("a binding that is not set: the Worker does not start, and says why", async () => {
  for (const [name, option] of [
    ["ISSUER", "issuer"],
    ["CLIENT_ID", "clientId"],
    ["CLIENT_SECRET", "clientSecret"],
  ]) {
    await assert.rejects(start({ [name]: undefined }), (/** @type {Error} */ error) => {
      assert.ok(
        error.message.includes(`AuthError: \`${option}\` is undefined: is the binding set?`),
        error.message,
      );
      return !error.message.includes(zitadel.state.clientSecret);
    });
  }
});

test("an address that does not answer, or is none", async () => {
  const rows = [
    {
      bindings: { ISSUER: "http://127.0.0.1:1" },
      expected: [503, "network_failed", "the issuer at http://127.0.0.1:1 cannot be reached"],
    },
    {
      bindings: { API_URL: "http://127.0.0.1:1/x" },
      expected: [503, "network_failed", "http://127.0.0.1:1 cannot be reached"],
    },
    {
      bindings: { API_URL: undefined },
      expected: [500, "option_invalid", "the address to fetch is undefined: is the binding set?"],
    },
  ];
  for (const { bindings, expected } of rows) {
    await start(bindings);
    const { status, json } = await ask();
    assert.deepEqual([status, json.code, json.message], expected);
    await worker?.stop();
  }
});

test("a refusal, an overload and nonsense have a status each", async () => {
  const reset = { reset: true };
  const refusal = {
    status: 400,
    body: { error: "invalid_request", error_description: "Errors.User.Machine.Secret.Invalid" },
  };
  const redirect = { status: 302, headers: { location: "https://other.example" } };
  /**
   * @type {{
   *   scripted: import("../support/zitadel/server.js").Scripted[];
   *   status: number;
   *   code: string;
   *   retryAfter?: string;
   * }[]}
   */
  const rows = [
    { scripted: [refusal], status: 502, code: "credentials_refused" },
    { scripted: [answers.rateLimited(30)], status: 503, code: "rate_limited", retryAfter: "30" },
    { scripted: [answers.serverFault], status: 503, code: "server_failed", retryAfter: "1" },
    { scripted: [{ status: 200, body: "<html>" }], status: 502, code: "response_not_json" },
    { scripted: [redirect], status: 500, code: "endpoint_redirects" },
    { scripted: [reset, reset, reset], status: 503, code: "network_failed", retryAfter: "1" },
  ];
  for (const { scripted, status, code, retryAfter = null } of rows) {
    await start();
    zitadel.script(...scripted);
    for (const answer of [await ask(), await ask()]) {
      assert.deepEqual([answer.status, answer.json.code], [status, code]);
      assert.deepEqual(Object.keys(answer.json).slice(0, 4), [
        "code",
        "category",
        "message",
        "hint",
      ]);
      assert.equal(answer.headers.get("retry-after"), retryAfter);
    }
    await worker?.stop();
  }
});

test("/protected is an API: it takes tokens for AUDIENCE, and tells a challenge", async () => {
  const provider = await startProvider();
  try {
    const { issuer, resource, otherResource, apiClient, clientId, clientSecret } = provider;
    const api = {
      ISSUER: issuer,
      AUDIENCE: resource,
      API_CLIENT_ID: apiClient.clientId,
      API_CLIENT_SECRET: apiClient.clientSecret,
    };
    await start(api);
    const ask = async (/** @type {string} */ resource) => {
      const authorization = await tokenSource({
        issuer,
        clientId,
        clientSecret,
        scope: "openid",
        resource,
      }).authorization();
      return fetch(`${worker?.url}/protected`, { headers: { authorization } });
    };
    const good = await ask(resource);
    assert.deepEqual([good.status, good.headers.get("cache-control")], [200, "no-store"]);
    const { exp, ...claims } = /** @type {any} */ (await good.json());
    assert.deepEqual([claims, typeof exp], [{ sub: clientId, roles: [] }, "number"]);
    for (const [answer, challenge] of /** @type {const} */ ([
      [await ask(otherResource), 'Bearer error="invalid_token"'],
      [await fetch(`${worker?.url}/protected`), "Bearer"],
    ])) {
      assert.deepEqual(
        [answer.status, answer.headers.get("www-authenticate"), await answer.text()],
        [401, challenge, ""],
      );
    }
    await worker?.stop();

    for (const [PROJECT_ID, status] of /** @type {const} */ ([
      [provider.projectId, 200],
      ["7", 403],
    ])) {
      await start({ ...api, PROJECT_ID });
      const answer = await ask(resource);
      assert.equal(answer.status, status);
      if (status === 200)
        assert.deepEqual(/** @type {any} */ (await answer.json()).roles, ["writer"]);
      await worker?.stop();
    }

    await start({ ...api, API_CLIENT_SECRET: "wrong canary" });
    const own = await fetch(`${worker?.url}/protected`, {
      headers: { authorization: "Bearer opaque" },
    });
    assert.deepEqual(
      [own.status, own.headers.get("www-authenticate"), await own.text()],
      [500, null, ""],
    );
    assert.match(String(worker?.output()), /credentials_refused/);
    assert.doesNotMatch(String(worker?.output()), /wrong canary/);
    await worker?.stop();

    await start();
    assert.equal((await fetch(`${worker?.url}/protected`)).status, 404);
  } finally {
    await provider.stop();
  }
});

test("only / is answered", async () => {
  await start();
  assert.equal((await fetch(`${worker?.url}/favicon.ico`)).status, 404);
  assert.equal(tokenRequests().length, 0);
});

/** @param {Record<string, string | undefined>} [changes] */
async function start(changes) {
  const { issuer, apiUrl, state } = zitadel;
  const bindings = {
    ISSUER: issuer,
    CLIENT_ID: state.clientId,
    CLIENT_SECRET: state.clientSecret,
    API_URL: apiUrl,
    ...changes,
  };
  worker = await startWorkerd({
    modules,
    bindings: Object.fromEntries(
      Object.entries(bindings).filter(([, value]) => value !== undefined),
    ),
  });
}

/** No answer of the Worker's holds a secret, nor does its log. */
async function ask() {
  const response = await fetch(`${worker?.url}/`);
  const text = await response.text();
  const shown = text + worker?.output();
  for (const secret of [
    zitadel.state.clientSecret,
    "canary",
    ...zitadel.state.issued.map(({ token }) => token),
  ])
    assert.ok(!shown.includes(secret));
  return { status: response.status, headers: response.headers, json: JSON.parse(text) };
}

function tokenRequests() {
  return zitadel.requests.filter(({ path }) => path === "/oauth/v2/token");
}
