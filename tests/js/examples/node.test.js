// @ts-check
// The examples that need nothing but the package and Node, as a person runs them. The others install
// a framework: tests/apps/examples.test.js.
import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { after } from "node:test";
import { root } from "../../../scripts/run.js";
import { startProvider } from "../../../www/server/provider.js";
import { copyExample } from "../support/packed/example.js";
import { installPackage } from "../support/packed/installed-package.js";

const { tarball, remove } = installPackage();
after(remove);
const provider = await startProvider();
after(provider.stop);
const ADDRESSES = { ISSUER: provider.issuer, API_URL: provider.apiUrl };

for (const [name, said] of /** @type {const} */ ([
  [
    "node-script",
    [
      "first call: 200, I am edge-worker@demo.localhost",
      "second call: 200, I am edge-worker@demo.localhost",
    ],
  ],
  ["by-hand", ["a Bearer token, good for 720 min", "200, I am edge-worker@demo.localhost"]],
  ["private-key", ["200, I am edge-worker@demo.localhost"]],
])) {
  test(name, async (t) => {
    const example = copyExample(name, tarball);
    t.after(example.remove);
    const installed = await example.install("--offline");
    assert.equal(installed.code, 0, installed.output);
    const KEY_FILE = join(example.path, "key.json");
    writeFileSync(KEY_FILE, JSON.stringify(provider.userKeyFile));

    const before = provider.tokenRequests;
    const { code, output } = await example.run("start", { env: { ...ADDRESSES, KEY_FILE } }).ended;
    assert.equal(code, 0, output);
    assert.deepEqual(output.trim().split("\n").slice(-said.length), [...said]);
    assert.equal(provider.tokenRequests, before + 1, "one token, however many calls");
  });
}

test("a wrong secret is told in words", async (t) => {
  const example = copyExample("node-script", tarball);
  t.after(example.remove);
  await example.install("--offline");
  const env = { ...ADDRESSES, CLIENT_SECRET: "wrong" };
  const { code, output } = await example.run("start", { env }).ended;
  assert.equal(code, 1);
  assert.match(output, /^credentials_refused: .+\n.+/m);
});

test("the settings of each are the demo's, and the table names each", () => {
  const folder = join(root, "examples");
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
  const table = readFileSync(join(folder, "README.md"), "utf8");
  const listed = Array.from(table.matchAll(/^\| \[`([\w-]+)`\]/gm), ([, name]) => name);
  assert.deepEqual(listed.toSorted(), names.toSorted());

  const { clientSecret, apiClient, clientId, projectId } = provider;
  /** @type {Record<string, string[]>} */
  const known = {
    ISSUER: ["http://127.0.0.1:8410"],
    API_URL: ["http://127.0.0.1:8410/auth/v1/users/me"],
    CLIENT_ID: [clientId],
    CLIENT_SECRET: [clientSecret],
    AUDIENCE: [projectId],
    PROJECT_ID: [projectId],
    API_CLIENT_ID: [apiClient.clientId],
    API_CLIENT_SECRET: [apiClient.clientSecret],
  };
  let count = 0;
  for (const name of names) {
    for (const file of readdirSync(join(folder, name))) {
      if (!/\.env|\.dev\.vars\.example|\.toml$/.test(file)) continue;
      const text = readFileSync(join(folder, name, file), "utf8");
      for (const [, key, quoted, plain] of text.matchAll(
        /^(?:NUXT_)?([A-Z_]+) ?= ?(?:"(.*)"|(.*))$/gm,
      )) {
        if (!Object.hasOwn(known, key)) continue;
        assert.ok(known[key].includes(quoted ?? plain), `${name}/${file}: ${key}`);
        count += 1;
      }
    }
  }
  assert.ok(count >= 20, `${count} settings`);
});

test("each example's README has the two commands", () => {
  for (const name of readdirSync(join(root, "examples"))) {
    if (name === "README.md") continue;
    const text = readFileSync(join(root, "examples", name, "README.md"), "utf8");
    assert.match(
      text,
      /```sh\nnpm install \.\.\/\.\.\/edge-credentials-0\.1\.0\.tgz\n(KEY_FILE=.* )?npm start\n```/,
      name,
    );
  }
});
