// @ts-check
// The README's examples, run as they stand: the Worker in workerd, the program in Node, both
// against the provider.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { after } from "node:test";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { timeLeft, tokenSource } from "edge-credentials";
import { root } from "../../../scripts/run.js";
import { bundleWorker, startWorkerd } from "../../../scripts/workerd/workerd.js";
import { startProvider } from "../../../www/server/provider.js";

const examples = [
  ...readFileSync(join(root, "README.md"), "utf8").matchAll(/^```js\n(.*?)^```$/gms),
].map(([, code]) => code);

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
      ...process.env,
      ISSUER: provider.issuer,
      CLIENT_ID: provider.clientId,
      CLIENT_SECRET: provider.clientSecret,
    };
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [write(`program${index}.mjs`, examples[index])],
      { env },
    );
    assert.equal(stdout, `${said}\n`);
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
  ...{ ISSUER: provider.issuer, AUDIENCE: provider.resource, PROJECT_ID: provider.projectId },
  ...{
    API_CLIENT_ID: provider.apiClient.clientId,
    API_CLIENT_SECRET: provider.apiClient.clientSecret,
  },
};

/**
 * What an API answers to a token for it, to one for another, and to none.
 *
 * @param {(init?: RequestInit) => Promise<Response>} ask
 */
async function answers(ask) {
  const { issuer, clientId, clientSecret, resource, otherResource } = provider;
  const tokens = [resource, otherResource].map((one) =>
    tokenSource({ issuer, clientId, clientSecret, scope: ["openid", "profile"], resource: one }),
  );
  const inits = [
    ...(await Promise.all(
      tokens.map(async (source) => ({ headers: { authorization: await source.authorization() } })),
    )),
    {},
  ];
  return Promise.all(
    inits.map(async (init) => {
      const response = await ask(init);
      return [response.status, response.headers.get("www-authenticate") ?? (await response.text())];
    }),
  );
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
  const [name, granted] = [
    "urn:zitadel:iam:org:project:7:roles",
    { 1: "acme.zitadel.cloud", 2: "beta.zitadel.cloud" },
  ];
  const metadata = { "urn:zitadel:iam:user:metadata": { department: "RW5naW5lZXJpbmc" } };
  /** @type {[claims: object, status: number, text: string][]} */
  const cases = [
    [
      { [name]: { writer: granted }, ...metadata },
      200,
      "a writer of acme.zitadel.cloud and beta.zitadel.cloud, Engineering",
    ],
    [
      { [name]: { writer: granted } },
      200,
      "a writer of acme.zitadel.cloud and beta.zitadel.cloud, no department",
    ],
    [{ [name]: { reader: granted } }, 403, "you are no writer"],
    [
      { "urn:zitadel:iam:org:project:roles": { writer: granted }, aud: ["7"] },
      403,
      "you are no writer",
    ],
  ];
  for (const [claims, status, text] of cases) {
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
