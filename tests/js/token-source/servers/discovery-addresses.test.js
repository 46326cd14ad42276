// @ts-check
// Discovery by its three addresses (OpenID Connect Discovery 1.0 section 4, RFC 8414 section 3.1).
import assert from "node:assert/strict";
import test from "node:test";
import { tokenSource } from "edge-credentials";
import { takeTime } from "../../support/clock.js";
import { failure } from "../../support/errors.js";
import { outcome, watch } from "../../support/promises.js";

const ISSUER = "https://idp.example/realms/x";
const PATHS = [
  "/realms/x/.well-known/openid-configuration",
  "/.well-known/oauth-authorization-server/realms/x",
  "/realms/x/.well-known/oauth-authorization-server",
];
const METADATA = { issuer: ISSUER, token_endpoint: `${ISSUER}/token` };

let count = 0;

/** @param {(path: string) => Response | Promise<Response>} answer of the metadata's addresses */
function make(answer, issuer = ISSUER) {
  count += 1;
  /** @type {string[]} */
  const asked = [];
  const fetch = async (/** @type {string} */ url) => {
    const { pathname } = new URL(url);
    if (pathname.endsWith("/token")) return Response.json({ access_token: "a", expires_in: 60 });
    asked.push(pathname);
    return answer(pathname);
  };
  const source = tokenSource({ issuer, clientId: `c${count}`, clientSecret: "x", fetch });
  return { source, asked };
}

test("each address is found, after whatever says that another one may have it", async () => {
  const elsewhere = [
    () => new Response("", { status: 404 }),
    () => new Response("<html>", { status: 404 }),
    () => new Response("", { status: 302, headers: { location: "/login" } }),
    () => new Response("no", { status: 400 }),
    () => new Response("", { status: 401 }),
    () => new Response("<html>", { status: 403, headers: { "content-type": "text/html" } }),
    () => new Response("", { status: 406 }),
    () => new Response("<html>a page</html>"),
    () => Response.json([]),
  ];
  for (const other of elsewhere) {
    for (const [place, path] of PATHS.entries()) {
      const { source, asked } = make((given) =>
        given === path ? Response.json(METADATA) : other(),
      );
      assert.equal((await source.get()).accessToken, "a");
      assert.deepEqual(asked, PATHS.slice(0, place + 1));
    }
  }
});

test("what is the issuer's failure, or another issuer, ends the look", async () => {
  /** @type {[answer: () => Response, code: string][]} */
  const ends = [
    [() => new Response("", { status: 408, headers: { "retry-after": "1" } }), "server_overloaded"],
    [() => new Response("", { status: 429 }), "rate_limited"],
    [() => new Response("", { status: 500 }), "server_failed"],
    [() => Response.json({ ...METADATA, issuer: "https://other.example" }), "issuer_mismatch"],
    [() => Response.json({ token_endpoint: METADATA.token_endpoint }), "member_missing"],
  ];
  for (const [answer, code] of ends) {
    const { source, asked } = make(answer);
    await failure(source.get, code);
    assert.deepEqual(asked, PATHS.slice(0, 1), code);
  }
});

test("if none has it, each address and its answer is told", async () => {
  const { source } = make((path) => new Response("", { status: path === PATHS[1] ? 401 : 404 }));
  const error = await failure(source.get, "endpoint_not_found");
  const asked = PATHS.map((path, n) => `https://idp.example${path} (${n === 1 ? 401 : 404})`);
  assert.ok(error.hint.endsWith(`Asked: ${asked.join(", ")}`), error.hint);
});

test("of an issuer without a path two addresses are one", async () => {
  const { source, asked } = make(() => new Response("", { status: 404 }), "https://idp.example");
  await failure(source.get, "endpoint_not_found");
  assert.deepEqual(asked, [
    "/.well-known/openid-configuration",
    "/.well-known/oauth-authorization-server",
  ]);
});

test("ZITADEL's unknown host has its own hint at discovery too", async () => {
  const { source } = make(
    () =>
      new Response("unable to set instance using origin …: Instance not found", { status: 404 }),
  );
  const error = await failure(source.get, "endpoint_not_found");
  assert.match(error.hint, /^use a domain of the ZITADEL instance itself/);
});

test("an endpoint that is not used may be empty, http or missing", async () => {
  const { source } = make(() =>
    Response.json({ ...METADATA, jwks_uri: "", introspection_endpoint: "http://10.0.0.1/x" }),
  );
  assert.equal((await source.get()).accessToken, "a");
});

test("a server that cannot be reached ends the look", async () => {
  const { source, asked } = make(() => {
    throw new TypeError("fetch failed");
  });
  await failure(source.get, "network_failed");
  assert.deepEqual([...new Set(asked)], PATHS.slice(0, 1));
});

test("one time limit holds for all addresses", async (t) => {
  takeTime(t);
  const { source, asked } = make(async () => {
    await new Promise((done) => setTimeout(done, 4_000));
    return new Response("", { status: 404 });
  });
  const began = Date.now();
  const caller = watch(source.get());
  await outcome(caller);
  assert.equal(caller.error?.code, "timed_out");
  assert.ok(Date.now() - began <= 21_000, `${Date.now() - began} ms`);
  assert.ok(asked.length >= 3, String(asked));
});
