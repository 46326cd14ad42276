// @ts-check
// `npm run test:servers` itself, without the servers that need Java or Go.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { promisify } from "node:util";
import { execFile } from "node:child_process";
import { root } from "../../../scripts/run.js";
import { changesOf, problemsOf } from "../../servers/compare.js";
import { SERVERS } from "../../servers/servers.js";
import { startQuietProvider } from "../support/servers/provider.js";
import { startZitadel } from "../support/zitadel/server.js";

const provider = await startQuietProvider();
const API = "urn:zitadel:iam:org:project:id:zitadel:aud";

describe("the user's own server", () => {
  const { issuer, clientId, clientSecret, apiClient, userKeyFile } = provider;
  const own = {
    ISSUER: issuer,
    CLIENT_ID: clientId,
    CLIENT_SECRET: clientSecret,
    KEY_FILE: JSON.stringify(userKeyFile),
    SCOPE: `openid profile ${API}`,
    AUDIENCE: provider.resource,
    API_CLIENT_ID: apiClient.clientId,
    API_CLIENT_SECRET: apiClient.clientSecret,
  };

  test("a table of all that can be walked", async () => {
    const { code, output } = await testServers(["own"], own);
    assert.equal(code, 0, output);
    for (const [name, outcome] of [
      ["client_secret_basic", "token"],
      ["client_secret_post", "token"],
      ["JWT profile RS256", "token"],
      ["wrong secret, client_secret_post", "credentials_refused"],
      ["JWT profile expired", "credentials_refused"],
      ["JWT profile used twice", "credentials_refused"],
      ["introspection of a token", "accepted"],
      ["introspection after revocation", "accepted, revoked, token_inactive"],
      ["revocation with a wrong secret", "credentials_refused"],
    ])
      assert.match(output, new RegExp(`^ok +${name} +${outcome}$`, "m"));
    assert.match(output, /^other +wrong scope +token, where others have scope_refused$/m);
    assert.match(output, /^- +id_token as a JWT +not walked: a user would have to log in$/m);
    assert.match(output, /^\d+ passed, 0 failed$/m);
    assert.ok(!output.includes("undefined"), "each case that is not walked has its reason");
    for (const secret of [clientSecret, apiClient.clientSecret, userKeyFile.key])
      assert.ok(!output.includes(secret), "a secret is shown");
  });

  test("JWTs, once a resource is asked for", async () => {
    const { API_CLIENT_ID: _, KEY_FILE: __, ...some } = own;
    const { code, output } = await testServers(["own"], { ...some, RESOURCE: provider.resource });
    assert.equal(code, 0, output);
    assert.match(output, /^ok +JWT by RS256 +accepted, RS256$/m);
    assert.match(output, /^ok +JWT whose signature is another +token_invalid$/m);
    assert.match(output, /^- +introspection of a token +not walked: set AUDIENCE, API_CLIENT_ID/m);
  });

  test("a server with ZITADEL's words, projects and roles", async (t) => {
    const zitadel = await startZitadel({ tokenShape: "jwt" });
    t.after(zitadel.stop);
    const { clientId, clientSecret, projectId, application } = zitadel.state;
    const { code, output } = await testServers(["own"], {
      ISSUER: zitadel.issuer,
      CLIENT_ID: clientId,
      CLIENT_SECRET: clientSecret,
      PROJECT_ID: projectId,
      SCOPE: `openid urn:zitadel:iam:org:project:id:${projectId}:aud`,
      API_CLIENT_ID: application.clientId,
      API_CLIENT_SECRET: application.clientSecret,
    });
    assert.equal(code, 0, output);
    for (const [name, outcome] of [
      ["client_secret_post", "token"],
      ["wrong secret, client_secret_basic", "credentials_refused"],
      ["JWT by RS256", "accepted, RS256"],
      ["JWT for another audience", "audience_refused"],
      ["introspection of a token", "accepted"],
    ])
      assert.match(output, new RegExp(`^ok +${name} +${outcome}$`, "m"));
  });

  test("a wrong secret fails", async () => {
    const { AUDIENCE: _, ...some } = own;
    const { code, output } = await testServers(["own"], { ...some, CLIENT_SECRET: "wrong" });
    assert.equal(code, 1);
    assert.match(output, /^fail +client_secret_basic +credentials_refused$/m);
    assert.match(output, /^ {8}token 401 invalid_client \{error, error_description\}$/m);
  });

  test("variables that are missing", async () => {
    const { code, output } = await testServers(["own"], {});
    assert.deepEqual(
      [code, output],
      [1, "error: set ISSUER to the server, exactly as it names itself\n"],
    );
    const second = await testServers(["own"], { ISSUER: issuer });
    assert.match(second.output, /^error: set CLIENT_ID and CLIENT_SECRET, or KEY_FILE /);
    const key = JSON.stringify(provider.clientKeys[0].jwk);
    const third = await testServers(["own"], { ISSUER: issuer, KEY_FILE: key });
    assert.equal(third.output, "error: set CLIENT_ID: the key does not say whose it is\n");
  });
});

test("a server that there is not", async () => {
  const { code, output } = await testServers(["nonsense"], {});
  assert.equal(code, 1);
  assert.match(output, /^error: there is no server `nonsense`, only keycloak, .*, own\n$/);
});

test("without Java, Maven or Go the servers that need them fail, and say so", async () => {
  for (const [name, words] of [
    ["keycloak", "`java` is not on PATH: install a JDK, version 17 or later"],
    ["spring", "`java` is not on PATH: install a JDK, version 17 or later"],
    ["hydra", "`go` is not on PATH: install Go"],
    ["zitadel-oidc", "`go` is not on PATH: install Go"],
  ]) {
    const { code, output } = await testServers([name], { PATH: "" });
    assert.equal(code, 1);
    assert.ok(output.startsWith(`${name}: failed while it is prepared: ${words}`), output);
    assert.match(output, /\n0 passed, 1 failed\n$/);
  }
});

for (const { name, version, differs, lacks } of SERVERS) {
  test(`${name}: what is recorded is what its data say`, () => {
    const file = join(root, `tests/servers/recorded/${name}.json`);
    const recorded = JSON.parse(readFileSync(file, "utf8"));
    assert.equal(recorded.version, version);
    for (const [name, { outcome }] of Object.entries(differs))
      assert.equal(recorded.cases[name]?.outcome, outcome, name);
    for (const begin of Object.keys(lacks))
      assert.ok(!Object.keys(recorded.cases).some((name) => name.startsWith(begin)), begin);
  });
}

describe("what a walk found", () => {
  const walked = { known: true, expected: "token", answers: [] };
  /** @type {(differences: object, results: object) => object} */
  const problems = (differences, results) => {
    const server = { ...SERVERS[0], lacks: {}, differs: {}, ...differences };
    const all = new Map(Object.entries(results));
    return Object.fromEntries(problemsOf(server, all));
  };

  test("is as it should be, or its data say otherwise", () => {
    const results = { a: { ...walked, outcome: "token" } };
    assert.deepEqual(problems({}, results), {});
    const other = { a: { ...walked, outcome: "other" } };
    assert.deepEqual(problems({}, other), { a: "other, instead of token" });
    const differs = { a: { outcome: "other", because: "it is" } };
    assert.deepEqual(problems({ differs }, other), {});
    assert.deepEqual(problems({ differs }, results), { a: "token, instead of other" });
  });

  test("is not left out without a reason, nor has a reason too many", () => {
    const left = { "a b": { ...walked, known: false, outcome: "" } };
    assert.deepEqual(problems({}, left), { "a b": "is not walked, and nothing says why" });
    assert.deepEqual(problems({ lacks: { a: "no a" } }, left), {});
    const done = { "a b": { ...walked, outcome: "token" } };
    assert.deepEqual(problems({ lacks: { a: "no a" } }, done), {
      "a b": 'is walked, though "no a"',
    });
    assert.deepEqual(problems({ lacks: { c: "no c" } }, done), { c: "there is no such case" });
  });

  test("shows what has changed", () => {
    const was = { version: "1", cases: { a: { outcome: "token", answers: ["token 200"] } } };
    assert.equal(changesOf(was, was).size, 0);
    const is = { version: "2", cases: { b: { outcome: "token", answers: ["token 201"] } } };
    assert.deepEqual(Object.fromEntries(changesOf(was, is)), {
      version: ["was 1", "is  2"],
      a: ["was => token", "was token 200", "is  not walked"],
      b: ["was not walked", "is  => token", "is  token 201"],
    });
    const twice = { version: "1", cases: { a: { outcome: "token", answers: ["token 200", "x"] } } };
    assert.deepEqual(changesOf(was, twice).get("a"), ["is  x"]);
  });
});

/**
 * @type {(
 *   args: string[],
 *   env: NodeJS.ProcessEnv,
 * ) => Promise<{ code: number; output: string }>}
 */
async function testServers(args, env) {
  const program = [join(root, "tests/servers/index.js"), ...args];
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, program, { env });
    return { code: 0, output: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = /** @type {any} */ (error);
    return { code, output: stdout + stderr };
  }
}
