// @ts-check
// The ways into the installed package in Node: `import`, `require`, and by hand with a module of
// one's own. The entries for other runtimes are tested where they run.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { after } from "node:test";
import { installPackage, run } from "../support/packed/installed-package.js";

const { consumer, remove } = installPackage();
after(remove);

const USE = `
const tokenEndpoint = "https://idp.example/token";
const client = { tokenEndpoint, clientId: "service", clientSecret: "s" };
const { method, url } = ec.buildTokenRequest(client);
const headers = { "content-type": "application/json" };
const body = JSON.stringify({ access_token: "abc", token_type: "Bearer", expires_in: 3600 });
const token = ec.parseTokenResponse({ status: 200, headers, body }, { requestedAt: 1_000 });
const expired = [ec.isExpired(token, { now: 2_000 }), ec.isExpired(token, { now: 3_602_000 })];
try {
  const refusal = { status: 401, headers, body: '{"error":"invalid_client"}' };
  ec.parseTokenResponse(refusal, { requestedAt: 1_000 });
} catch (error) {
  if (!(error instanceof ec.AuthError)) throw error;
  const { accessToken } = token;
  console.log(JSON.stringify({ method, url, accessToken, expired, code: error.code }));
}
`;
const USED = {
  method: "POST",
  url: "https://idp.example/token",
  accessToken: "abc",
  expired: [false, true],
  code: "credentials_refused",
};

const COMPILE = `
import { readFileSync } from "node:fs";
const file = new URL(import.meta.resolve("edge-credentials/edge_credentials_bg.wasm"));
const module = new WebAssembly.Module(readFileSync(file));
`;
const INITIALIZE = "ec.initialize(module);\n";
const COMMONJS = "./node_modules/edge-credentials/pkg/dist/cjs";

const ways = [
  {
    name: "import",
    file: "import.mjs",
    code: `import * as ec from "edge-credentials";\n${USE}`,
  },
  {
    name: "require",
    file: "require.cjs",
    code: `const ec = require("edge-credentials");\n${USE}`,
  },
  {
    // By its path: Node itself prefers the module where it can require it.
    name: "the CommonJS twin",
    file: "twin.cjs",
    code: `const ec = require("${COMMONJS}/index.cjs");\n${USE}`,
  },
  {
    name: "manual",
    file: "manual.mjs",
    code: `${COMPILE}import * as ec from "edge-credentials/manual";\n${INITIALIZE}${USE}`,
  },
  {
    name: "manual's CommonJS twin",
    file: "manual-twin.mjs",
    code: `${COMPILE}import ec from "${COMMONJS}/manual.cjs";\n${INITIALIZE}${USE}`,
  },
];

for (const { name, file, code } of ways) {
  test(`by ${name}`, () => assert.deepEqual(node(file, code), USED));
}

test("import, require and manual give the same package, so that there is one token for all", () => {
  const code = `
    import { createRequire } from "node:module";
    import * as imported from "edge-credentials";
    import * as manual from "edge-credentials/manual";
    const require = createRequire(import.meta.url);
    const required = require("edge-credentials");
    const options = { issuer: "https://idp.example", clientId: "a", clientSecret: "b" };
    const isSame = [
      imported.tokenSource(options) === required.tokenSource(options),
      imported.AuthError === required.AuthError,
      manual.tokenSource === require("edge-credentials/manual").tokenSource,
      manual.tokenSource === imported.tokenSource,
    ];
    console.log(JSON.stringify(isSame));
  `;
  assert.deepEqual(node("both.mjs", code), [true, true, true, true]);
});

test("an error of the twin is an AuthError of the module, and the other way round", () => {
  const code = `
    import { AuthError, buildTokenRequest } from "edge-credentials";
    import twin from "./node_modules/edge-credentials/pkg/dist/cjs/index.cjs";
    const thrown = (ec) => { try { ec({}); } catch (error) { return error; } };
    const found = [
      thrown(twin.buildTokenRequest) instanceof AuthError,
      thrown(buildTokenRequest) instanceof twin.AuthError,
      AuthError === twin.AuthError,
    ];
    console.log(JSON.stringify(found));
  `;
  assert.deepEqual(node("brands.mjs", code), [true, true, false]);
});

test("manual without a module, with what is none, and with one of another program", () => {
  const code = `
    import { readFileSync } from "node:fs";
    import * as ec from "edge-credentials/manual";
    const codes = [];
    const attempt = (run) => {
      try {
        codes.push(run());
      } catch ({ code, category, hint }) {
        codes.push([code, category, hint.length > 20]);
      }
    };
    const build = () => ec.buildMetadataRequest({ issuer: "https://idp.example" }).method;
    const options = { issuer: "https://idp.example", clientId: "a", clientSecret: "b" };
    const file = new URL(import.meta.resolve("edge-credentials/edge_credentials_bg.wasm"));
    const bytes = readFileSync(file);
    const empty = new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
    attempt(build);
    attempt(() => ec.tokenSource(options));
    for (const given of [undefined, null, bytes, {}, empty]) attempt(() => ec.initialize(given));
    attempt(build);
    ec.initialize(new WebAssembly.Module(bytes));
    attempt(build);
    attempt(() => ec.initialize(bytes));
    attempt(build);
    console.log(JSON.stringify(codes));
  `;
  const missing = ["module_missing", "misuse", true];
  const invalid = ["option_invalid", "misuse", true];
  assert.deepEqual(node("missing.mjs", code), [
    missing,
    missing,
    invalid,
    invalid,
    invalid,
    invalid,
    invalid,
    missing,
    "GET",
    invalid,
    "GET",
  ]);
});

/** @type {(file: string, code: string) => unknown} what it prints, as JSON */
function node(file, code) {
  writeFileSync(join(consumer, file), code);
  return JSON.parse(run(consumer, process.execPath, "--no-warnings", file));
}
