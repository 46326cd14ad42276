// @ts-check
// `edge-credentials/hono` with the real Hono, in Node and in workerd.
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, mock, test } from "node:test";
import { Hono } from "hono";
import { tokenSource, tokenVerifier } from "edge-credentials";
import { bearerAuth } from "edge-credentials/hono";
import { root } from "../../../../scripts/run.js";
import { bundleWorker, startWorkerd } from "../../../../scripts/workerd/workerd.js";
import { startProvider } from "../../../../www/server/provider.js";
import { installPackage, run } from "../../support/packed/installed-package.js";

const provider = await startProvider();
after(provider.stop);
const { issuer, resource, otherResource, apiClient, clientId, clientSecret } = provider;
const OPTIONS = { issuer, audience: resource };
const CHALLENGE = { missing: "Bearer", invalid: 'Bearer error="invalid_token"' };

/** @param {Record<string, string>} [more] */
const tokenFor = async (more) =>
  (await tokenSource({ issuer, clientId, clientSecret, scope: "openid profile", ...more }).get())
    .accessToken;
/** @param {string} token */
const withToken = (token) => ({ headers: { authorization: `Bearer ${token}` } });

/** @param {Parameters<typeof bearerAuth>} given */
function appWith(...given) {
  return new Hono().get("/protected", bearerAuth(...given), async (c) => {
    await new Promise(setImmediate);
    return c.json({ sub: c.get("claims").sub });
  });
}

test("a good token opens the route, and its claims are in the context", async () => {
  for (const given of [tokenVerifier(OPTIONS), () => OPTIONS, async () => OPTIONS]) {
    const answer = await appWith(given).request(
      "/protected",
      withToken(await tokenFor({ resource })),
    );
    assert.deepEqual([answer.status, await answer.json()], [200, { sub: clientId }]);
  }
});

test("a token in another header, by the verifier's option `token`", async () => {
  const token = (/** @type {Request} */ request) => request.headers.get("x-assertion");
  const app = appWith(tokenVerifier({ ...OPTIONS, token }));
  const good = await tokenFor({ resource });
  const answers = [{ headers: { "x-assertion": good } }, withToken(good)].map((init) =>
    app.request("/protected", init),
  );
  assert.deepEqual(
    (await Promise.all(answers)).map(({ status }) => status),
    [200, 401],
  );
});

test("no token, a bad one, one for another API, one that lacks a scope: each has its challenge, and the handler is not called", async () => {
  const token = await tokenFor({ resource });
  const rows = /** @type {const} */ ([
    [undefined, {}, 401, CHALLENGE.missing],
    ["a,b", {}, 400, 'Bearer error="invalid_request"'],
    [`${token}x`, {}, 401, CHALLENGE.invalid],
    [await tokenFor({ resource: otherResource }), {}, 401, CHALLENGE.invalid],
    [token, { scope: "write" }, 403, 'Bearer error="insufficient_scope", scope="write"'],
    [token, { scope: "profile" }, 200, null],
  ]);
  for (const [given, requirements, status, challenge] of rows) {
    let called = 0;
    const app = new Hono().get(
      "/protected",
      bearerAuth(tokenVerifier(OPTIONS), requirements),
      (c) => {
        called += 1;
        return c.text(String(called));
      },
    );
    const answer = await app.request("/protected", given === undefined ? {} : withToken(given));
    assert.deepEqual(
      [answer.status, answer.headers.get("www-authenticate"), called],
      [status, challenge, status === 200 ? 1 : 0],
    );
    if (status !== 200)
      assert.deepEqual(
        [answer.headers.get("cache-control"), await answer.text()],
        ["no-store", ""],
      );
  }
});

test("`resourceMetadata` is in the challenge, and a wrong one is a mistake at once", async () => {
  const resourceMetadata = "https://api.example/.well-known/oauth-protected-resource";
  for (const given of [tokenVerifier(OPTIONS), () => OPTIONS]) {
    const app = appWith(given, undefined, { resourceMetadata });
    const { headers } = await app.request("/protected");
    assert.equal(headers.get("www-authenticate"), `Bearer resource_metadata="${resourceMetadata}"`);
  }
  const wrong = { resourceMetadata: "http://api.example" };
  assert.throws(() => bearerAuth(tokenVerifier(OPTIONS), undefined, wrong), {
    code: "url_insecure",
  });
});

test("a provider that is down or answers nonsense is 503; what is the API's own fault goes to onError, and no challenge is given", async () => {
  const token = await tokenFor({ resource });
  const down = await appWith(
    tokenVerifier({ ...OPTIONS, jwksUri: "http://127.0.0.1:1/keys" }),
  ).request("/protected", withToken(token));
  assert.deepEqual(
    [down.status, down.headers.get("retry-after"), down.headers.get("www-authenticate")],
    [503, "1", null],
  );

  const nonsense = await appWith(
    tokenVerifier({ ...OPTIONS, jwksUri: `${issuer}/.well-known/openid-configuration` }),
  ).request("/protected", withToken(token));
  assert.deepEqual([nonsense.status, nonsense.headers.get("retry-after")], [503, "1"]);

  const wrong = {
    ...OPTIONS,
    accept: /** @type {const} */ ("opaque"),
    introspection: { clientId: apiClient.clientId, clientSecret: "wrong" },
  };
  const logged = mock.method(console, "error", () => {});
  for (const given of [
    () => wrong,
    () => ({ ...OPTIONS, audience: /** @type {any} */ (undefined) }),
  ]) {
    const own = await appWith(given).request("/protected", withToken(token));
    assert.deepEqual([own.status, own.headers.get("www-authenticate")], [500, null]);
    const seen = await appWith(given)
      .onError((error, c) => c.text(/** @type {any} */ (error).code, 500))
      .request("/protected", withToken(token));
    assert.match(await seen.text(), /^(credentials_refused|option_invalid)$/);
  }
  assert.equal(logged.mock.callCount(), 2);
  logged.mock.restore();
});

test("what is no verifier, and requirements that cannot be meant, are refused when the middleware is made", () => {
  for (const wrong of [undefined, null, OPTIONS, "verifier", {}])
    assert.throws(() => bearerAuth(/** @type {any} */ (wrong)), { code: "option_invalid" });
  for (const wrong of [
    { scopes: "read" },
    { scope: 5 },
    { scope: "" },
    { scope: [] },
    { scope: "urn:zitadel:iam:org:project:role:writer" },
    { role: undefined },
    null,
    "read",
  ])
    assert.throws(() => bearerAuth(() => OPTIONS, /** @type {any} */ (wrong)), {
      code: "option_invalid",
    });
});

test("what a handler throws is none of the middleware's affairs", async () => {
  const app = new Hono().get("/protected", bearerAuth(tokenVerifier(OPTIONS)), () => {
    throw new Error("the handler's own");
  });
  app.onError(({ message }, c) => c.text(message, 418));
  const answer = await app.request("/protected", withToken(await tokenFor({ resource })));
  assert.deepEqual([answer.status, await answer.text()], [418, "the handler's own"]);
});

test("in workerd, with options out of the bindings", async (t) => {
  const outdir = mkdtempSync(join(tmpdir(), "edge-credentials-hono-"));
  t.after(() => rmSync(outdir, { recursive: true }));
  const modules = await bundleWorker({
    entry: join(root, "tests/js/token-verifier/http/hono-worker.js"),
    outdir,
  });
  const bindings = {
    ISSUER: issuer,
    AUDIENCE: resource,
    CLIENT_ID: apiClient.clientId,
    CLIENT_SECRET: apiClient.clientSecret,
  };
  for (const compatibilityDate of ["2024-09-23", undefined]) {
    const worker = await startWorkerd({ modules, bindings, compatibilityDate });
    try {
      assert.equal(await (await fetch(`${worker.url}/open`)).text(), "open");
      const none = await fetch(`${worker.url}/protected`);
      assert.deepEqual(
        [none.status, none.headers.get("www-authenticate")],
        [401, CHALLENGE.missing],
      );
      const good = await fetch(`${worker.url}/protected`, withToken(await tokenFor({ resource })));
      assert.deepEqual([good.status, await good.json()], [200, { sub: clientId }]);
      const unknown = await fetch(`${worker.url}/protected`, withToken("opaque-and-unknown"));
      assert.deepEqual(
        [unknown.status, unknown.headers.get("www-authenticate")],
        [401, CHALLENGE.invalid],
      );
    } finally {
      await worker.stop();
    }
  }
});

test("as npm ships it, by import, by require and by the CommonJS twin, it is the application's own package", (t) => {
  const { consumer, remove } = installPackage();
  t.after(remove);
  cpSync(join(root, "node_modules/hono"), join(consumer, "node_modules/hono"), { recursive: true });
  const use = `
    const verifier = tokenVerifier({ issuer: "https://idp.example", audience: "a" });
    const app = new Hono().get("/", bearerAuth(verifier), (c) => c.text("open"));
    app.onError((error, c) => c.text(String(error instanceof AuthError), 500));
    const given = () => ({ issuer: "https://idp.example", audience: "a" });
    const same = new Hono().get("/", bearerAuth(given), (c) => c.text("open"));
    const broken = new Hono().get("/", bearerAuth(() => ({})), (c) => c.text("open"));
    broken.onError((error, c) => c.text(String(error instanceof AuthError), 500));
    const answers = [app, same, broken].map(async (one) => {
      const response = await one.request("/");
      return [response.status, await response.text()];
    });
    Promise.all(answers).then((all) => console.log(JSON.stringify(all)));
  `;
  const names = "{ AuthError, tokenVerifier }";
  const ways = {
    "import.mjs": `
      import { Hono } from "hono";
      import ${names} from "edge-credentials";
      import { bearerAuth } from "edge-credentials/hono";
      ${use}`,
    "require.cjs": `
      const { Hono } = require("hono");
      const ${names} = require("edge-credentials");
      const { bearerAuth } = require("edge-credentials/hono");
      ${use}`,
    "twin.cjs": `
      const { Hono } = require("hono");
      const ${names} = require("edge-credentials");
      const { bearerAuth } = require("./node_modules/edge-credentials/pkg/dist/cjs/hono.cjs");
      ${use}`,
  };
  for (const [name, code] of Object.entries(ways)) {
    writeFileSync(join(consumer, name), code);
    assert.deepEqual(
      JSON.parse(run(consumer, process.execPath, name)),
      [
        [401, ""],
        [401, ""],
        [500, "true"],
      ],
      name,
    );
  }
});

test("its types tell what is in the context", (t) => {
  const { consumer, remove } = installPackage();
  t.after(remove);
  cpSync(join(root, "node_modules/hono"), join(consumer, "node_modules/hono"), { recursive: true });
  const code = `
    import { Hono } from "hono";
    import { bearerAuth } from "edge-credentials/hono";
    const app = new Hono<{ Bindings: { ISSUER: string } }>();
    app.get("/", bearerAuth((c) => ({ issuer: c.env.ISSUER, audience: "7" }), { role: "writer" }), (c) => {
      const claims: Record<string, unknown> = c.get("claims");
      // @ts-expect-error nothing else is in there
      c.get("nonsense");
      return c.json(claims);
    });
    // @ts-expect-error no such requirement
    bearerAuth(() => ({ issuer: "https://idp.example", audience: "7" }), { roles: "writer" });
  `;
  for (const extension of ["mts", "cts"]) writeFileSync(join(consumer, `use.${extension}`), code);
  const compilerOptions = {
    strict: true,
    noEmit: true,
    // The libraries of TypeScript itself are TypeScript's to check.
    skipDefaultLibCheck: true,
    target: "es2022",
    module: "nodenext",
    lib: ["es2022", "dom", "dom.iterable"],
    types: [],
  };
  writeFileSync(
    join(consumer, "tsconfig.json"),
    JSON.stringify({ files: ["use.mts", "use.cts"], compilerOptions }),
  );
  run(consumer, process.execPath, join(root, "node_modules/typescript/bin/tsc"), "-p", ".");
});
