// @ts-check
// The blocks of docs/functions.md, docs/runtimes.md and docs/errors.md, run as they stand; and that
// each page with code says where it runs.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import test, { after } from "node:test";
import { AuthError, tokenSource, tokenVerifier } from "edge-credentials";
import { execaNode } from "execa";
import { root } from "../../../scripts/run.js";
import { bundleWorker, startWorkerd } from "../../../scripts/workerd/workerd.js";
import { startProvider } from "../../../www/server/provider.js";
import { blocksIn, pages, readDocs, textOf } from "../support/docs.js";

const functions = readDocs("docs/functions.md");
const runtimes = readDocs("docs/runtimes.md");
const errors = readDocs("docs/errors.md");
for (const { remove } of [functions, runtimes, errors]) after(remove);

const provider = await startProvider();
after(provider.stop);

test("each section with code is run here", () => {
  assert.deepEqual(functions.headings, ["By hand"]);
  assert.deepEqual(runtimes.headings, ["A module of your own"]);
  assert.deepEqual(errors.headings, ["An AuthError"]);
});

test("each page with code names the test that runs it, and that test names the page", () => {
  const isCode = (/** @type {{ language: string }} */ { language }) => /^[jt]sx?$/.test(language);
  const withCode = pages().filter((page) => blocksIn(page).some(isCode));
  assert.ok(withCode.length >= 8, withCode.join(" "));
  for (const page of withCode) {
    const named = [...textOf(page).matchAll(/`(tests\/[\w./-]+\.test\.js)`/g)];
    const files = named.map(([, file]) => file);
    if (page === "README.md") files.push("tests/js/docs/readme.test.js");
    assert.ok(files.length > 0, `${page} does not say where its code runs`);
    for (const file of files) {
      assert.ok(existsSync(join(root, file)), `${page} names ${file}, which is not there`);
      assert.ok(textOf(file).includes(page), `${file} does not speak of ${page}`);
    }
  }
});

test("a Worker by hand calls the API with a token", async (t) => {
  const entry = functions.write("By hand", "worker.js");
  const modules = await bundleWorker({ entry, outdir: join(functions.folder, "out") });
  const {
    tokenEndpoint: TOKEN_ENDPOINT,
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    apiUrl: API_URL,
  } = provider;
  const bindings = { TOKEN_ENDPOINT, CLIENT_ID, CLIENT_SECRET, API_URL };
  const worker = await startWorkerd({ modules, bindings });
  t.after(worker.stop);
  const response = await fetch(worker.url);
  const { user } = /** @type {{ user: { userName: string } }} */ (await response.json());
  assert.deepEqual([response.status, user.userName], [200, provider.clientId]);
});

test("a module of one's own", async () => {
  const env = {
    ISSUER: provider.issuer,
    CLIENT_ID: provider.clientId,
    CLIENT_SECRET: provider.clientSecret,
  };
  const { stdout } = await execaNode(runtimes.write("A module of your own"), { env });
  assert.equal(stdout, "a Bearer token, by hand");
});

test("an error is logged", async (t) => {
  const { log } = await errors.run("An AuthError", {});
  const { mock } = t.mock.method(console, "error", () => {});
  const details = {
    code: "rate_limited",
    category: "unavailable",
    message: "a",
    hint: "b",
    retryable: true,
  };
  assert.equal(log(new AuthError(/** @type {any} */ (details))), true);
  assert.deepEqual(mock.calls[0].arguments, ["rate_limited", "a", "b"]);
  assert.throws(() => log(new TypeError("another")), TypeError);
});

test("docs/errors.md has each code as a heading, with cause and cure", () => {
  const [, ...sections] = textOf("docs/errors.md").split(/^### /m);
  for (const section of sections)
    assert.match(section, /^`\w+`\n\n\*\*Cause\.\*\* [^]+\n\n\*\*Cure\.\*\* /, section);
  const codes = sections.map((section) => section.slice(1, section.indexOf("`", 1)));
  const union = /ErrorCode =([^;]+);/.exec(textOf("pkg/src/core/errors.ts"))?.[1] ?? "";
  assert.deepEqual(
    codes,
    Array.from(union.matchAll(/"(\w+)"/g), ([, code]) => code),
  );
});

test("each option has a row, as the functions name their options", () => {
  const rowsOf = (/** @type {string} */ page) => {
    const rows = textOf(page).matchAll(/^\| (`[^|]+) \|/gm);
    const names = Array.from(rows, ([, cell]) => [...cell.matchAll(/`(\w+)`/g)]);
    return new Set(names.flat().map(([, name]) => name));
  };
  const server = { issuer: "https://idp.example", tokenEndpoint: "https://idp.example/token" };
  const ways = [
    { ...server, clientId: "a", clientSecret: "b" },
    { ...server, key: "a" },
    { ...server, assertion: () => "a" },
    { ...server, clientId: "a", clientAssertion: () => "a" },
    { ...server, request: () => new Response() },
    { accessToken: "a" },
  ];
  const source = rowsOf("docs/token-source.md");
  const known = ways.flatMap((way) => optionsOf(tokenSource, way));
  assert.ok(known.length >= 60, `${known.length} options`);
  assert.deepEqual(
    [...new Set(known)].filter((name) => !source.has(name)),
    [],
  );

  const verifier = rowsOf("docs/token-verifier.md");
  const options = optionsOf(tokenVerifier, { issuer: "https://idp.example", audience: "a" });
  assert.ok(options.length >= 20, `${options.length} options`);
  assert.deepEqual(
    options.filter((name) => !verifier.has(name)),
    [],
  );
});

/** @type {(make: (options: any) => unknown, options: object) => string[]} */
function optionsOf(make, options) {
  try {
    make({ ...options, nonsense: 1 });
  } catch (error) {
    assert.ok(error instanceof AuthError);
    return error.hint.replace(/^it takes /, "").split(", ");
  }
  assert.fail("an unknown option was taken");
}

test("each event has a row", () => {
  const types = textOf("pkg/src/core/events.ts").matchAll(/^ {2}type: (.+);$/gm);
  const names = Array.from(types, ([, type]) => [...type.matchAll(/"([a-z]+)"/g)]).flat();
  assert.ok(names.length >= 8, `${names.length} events`);
  const page = textOf("docs/token-source.md");
  const [, events] = page.split("\n## Events\n");
  const missing = names.filter(([, name]) => !events.split("\n## ")[0].includes(`\`${name}\``));
  assert.deepEqual(missing, []);
});
