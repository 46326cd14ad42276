// @ts-check
// Hostile values at every place of both ends' arguments: an AuthError, an answer, and nothing of what
// was in them.
import assert from "node:assert/strict";
import test from "node:test";
import { AuthError } from "edge-credentials";
import { mcpAuth, mcpGate } from "edge-credentials/mcp";
import { SECRET } from "../support/canary.js";
import { mcpFixture, SERVER, withToken } from "../support/fixtures/mcp.js";
import { places, VALUES } from "../support/core/hostile-values.js";

const fixture = mcpFixture();
const { verifier, server, gate } = fixture;
const source = fixture.source();
const url = SERVER;
const auth = () => mcpAuth(source, { url, fetch: server.fetch });
const response = () => new Response(null, { status: 401 });

/** @type {Record<string, { run: (...args: any[]) => unknown; args: () => unknown[] }>} */
const CALLS = {
  mcpAuth: {
    run: async (...args) => mcpAuth(args[0], args[1]).token(),
    args: () => [source, { url, issuer: source.issuer, fetch: server.fetch, insecureHttp: false }],
  },
  "a source's function": {
    run: (made) => mcpAuth(() => made, { url, fetch: server.fetch }).token(),
    args: () => [source],
  },
  onUnauthorized: {
    run: (context) => auth().onUnauthorized(context),
    args: () => [{ response: response(), serverUrl: url }],
  },
  stepUp: {
    run: (scope) => mcpAuth(() => source, { url }).stepUp(scope),
    args: () => ["a"],
  },
  mcpGate: {
    run: (...args) => mcpGate(args[0], args[1]),
    args: () => [
      { verify: verifier.verify, challenge: verifier.challenge, issuers: verifier.issuers },
      {
        resource: url,
        scopes: ["a"],
        authorizationServers: ["https://id.example"],
        sdkError: () => new Error("sdk"),
        insecureHttp: false,
      },
    ],
  },
  "a gate's requirements": {
    run: (requirements) => gate(withToken("abc"), requirements),
    args: () => [{ scope: ["a"], role: [{ role: "b", project: "c" }] }],
  },
  verifyAccessToken: { run: (token) => gate.verifyAccessToken(token), args: () => ["abc"] },
  validateToken: {
    run: (...args) => gate.validateToken(args[0], args[1]),
    args: () => [url, "abc"],
  },
};

for (const [name, { run, args }] of Object.entries(CALLS)) {
  test(name, async () => {
    let count = 0;
    for (const { path, put } of places(args())) {
      for (const [value, make] of Object.entries(VALUES)) {
        const what = `${value} at ${path.join(".")}`;
        count += 1;
        try {
          await run(...put(make));
        } catch (error) {
          assert.ok(error instanceof AuthError, `${what}: ${Object(error).stack ?? "thrown"}`);
          assert.ok(error.code !== "internal", `${what}: ${error.message}`);
          assert.ok(!`${error.stack}${JSON.stringify(error)}`.includes(SECRET), what);
        }
      }
    }
    assert.ok(count >= Object.keys(VALUES).length);
  });
}
