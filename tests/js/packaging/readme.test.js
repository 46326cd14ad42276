// @ts-check
// The README's examples, run as they stand: the Worker in workerd, the program in Node, both
// against the provider.
import assert from "node:assert/strict";

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { after } from "node:test";
import { pathToFileURL } from "node:url";

import { timeLeft, tokenSource } from "edge-credentials";
import { execaNode } from "execa";
import { root } from "../../../scripts/run.js";
import { bundleWorker, startWorkerd } from "../../../scripts/workerd/workerd.js";
import { startProvider } from "../../../www/server/provider.js";

const readme = readFileSync(join(root, "README.md"), "utf8");
const examples = Array.from(readme.matchAll(/^```js\n(.*?)^```$/gms), ([, code]) => code);

const provider = await startProvider();
after(provider.stop);

// Inside the project, so that the package finds itself by its own name.
mkdirSync(join(root, "target"), { recursive: true });
const folder = mkdtempSync(join(root, "target/readme-"));
after(() => rmSync(folder, { recursive: true }));

test("there are eight examples, of at most 15 lines", () => {
  assert.equal(examples.length, 8);
  for (const code of examples) assert.ok(code.trimEnd().split("\n").length <= 15, code);
});

for (const [name, index] of /** @type {const} */ ([
  ["the Worker", 0],
  ["the Worker by hand", 5],
])) {
  test(`${name} calls the API with a token`, async (t) => {
    const modules = await bundleWorker({
      entry: write(`worker${index}.js`, examples[index]),
      outdir: join(folder, `out${index}`),
    });
    const {
      issuer: ISSUER,
      tokenEndpoint: TOKEN_ENDPOINT,
      clientId: CLIENT_ID,
      clientSecret: CLIENT_SECRET,
      apiUrl: API_URL,
    } = provider;
    const worker = await startWorkerd({
      modules,
      bindings: { ISSUER, TOKEN_ENDPOINT, CLIENT_ID, CLIENT_SECRET, API_URL },
    });
    t.after(worker.stop);
    const response = await fetch(worker.url);
    const { user } = /** @type {{ user: { userName: string } }} */ (await response.json());
    assert.deepEqual([response.status, user.userName], [200, provider.clientId]);
  });
}

for (const [name, index, said] of /** @type {const} */ ([
  ["the program says how long its token is good", 1, "a Bearer token, good for 720 min"],
  ["a module of one's own", 7, "a Bearer token, by hand"],
])) {
  test(name, async () => {
    const env = {
      ISSUER: provider.issuer,
      CLIENT_ID: provider.clientId,
      CLIENT_SECRET: provider.clientSecret,
    };
    const program = write(`program${index}.mjs`, examples[index]);
    const { stdout } = await execaNode(program, { env });
    assert.equal(stdout, said);
  });
}

test("the API takes a token that is for it, and no other", async (t) => {
  const modules = await bundleWorker({
    entry: write("api.js", examples[2]),
    outdir: join(folder, "api"),
  });
  const worker = await startWorkerd({ modules, bindings: API });
  t.after(worker.stop);
  assert.deepEqual(await answers((init) => fetch(worker.url, init)), [
    [200, `hello ${provider.clientId}`],
    [401, 'Bearer error="invalid_token"'],
    [401, "Bearer"],
  ]);
});

test("the same with Hono", async () => {
  Object.assign(process.env, API);
  const { app } = await import(pathToFileURL(write("hono.mjs", examples[3])).href);
  assert.deepEqual(await answers((init) => app.request("/things", init)), [
    [200, `hello ${provider.clientId}`],
    [401, 'Bearer error="invalid_token"'],
    [401, "Bearer"],
  ]);
});

const API = {
  ISSUER: provider.issuer,
  AUDIENCE: provider.resource,
  PROJECT_ID: provider.projectId,
  API_CLIENT_ID: provider.apiClient.clientId,
  API_CLIENT_SECRET: provider.apiClient.clientSecret,
};

/**
 * What an API answers to a token for it, to one for another, and to none.
 *
 * @param {(init?: RequestInit) => Promise<Response>} ask
 */
async function answers(ask) {
  const { issuer, clientId, clientSecret, resource, otherResource } = provider;
  const client = { issuer, clientId, clientSecret, scope: ["openid", "profile"] };
  const withTokenFor = async (/** @type {string} */ resource) => {
    const authorization = await tokenSource({ ...client, resource }).authorization();
    return ask({ headers: { authorization } });
  };
  const answer = async (/** @type {Promise<Response>} */ asked) => {
    const response = await asked;
    return [response.status, response.headers.get("www-authenticate") ?? (await response.text())];
  };
  const asked = [withTokenFor(resource), withTokenFor(otherResource), ask({})];
  return Promise.all(asked.map(answer));
}

test("the three ways to prove who asks", async () => {
  const { sources } = await import(pathToFileURL(write("ways.mjs", examples[4])).href);
  const { issuer: ISSUER, apiUrl: API_URL, userKeyFile, clientKeys } = provider;
  const [{ clientId: CLIENT_ID, pem: CLIENT_KEY }] = clientKeys;
  const [byFile, byKey, byToken] = sources({
    ISSUER,
    API_URL,
    KEY_FILE: JSON.stringify(userKeyFile),
    CLIENT_ID,
    CLIENT_KEY,
    PAT: "pat",
  });
  for (const source of [byFile, byKey]) assert.equal(timeLeft(await source.get()) > 0, true);
  assert.equal(await byToken.authorization(), "Bearer pat");
  assert.equal((await byToken.fetch(API_URL)).status, 401);
});

test("the function that looks at roles", async () => {
  const { answer } = await import(pathToFileURL(write("roles.mjs", examples[6])).href);
  const name = "urn:zitadel:iam:org:project:7:roles";
  const granted = { 1: "acme.zitadel.cloud", 2: "beta.zitadel.cloud" };
  const metadata = { "urn:zitadel:iam:user:metadata": { department: "RW5naW5lZXJpbmc" } };
  const cases = [
    {
      claims: { [name]: { writer: granted }, ...metadata },
      status: 200,
      text: "a writer of acme.zitadel.cloud and beta.zitadel.cloud, Engineering",
    },
    {
      claims: { [name]: { writer: granted } },
      status: 200,
      text: "a writer of acme.zitadel.cloud and beta.zitadel.cloud, no department",
    },
    {
      claims: { [name]: { reader: granted } },
      status: 403,
      text: "you are no writer",
    },
    {
      claims: { "urn:zitadel:iam:org:project:roles": { writer: granted }, aud: ["7"] },
      status: 403,
      text: "you are no writer",
    },
  ];
  for (const { claims, status, text } of cases) {
    const response = answer(claims, { PROJECT_ID: "7" });
    assert.deepEqual([response.status, await response.text()], [status, text]);
  }
  assert.throws(() => answer({ "urn:zitadel:iam:org:project:roles": { writer: granted } }, {}), {
    code: "option_invalid",
  });
});

/** @type {(name: string, code: string) => string} */
function write(name, code) {
  const path = join(folder, name);
  writeFileSync(path, code);
  return path;
}
