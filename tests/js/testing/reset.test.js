// @ts-check
// `reset` of `edge-credentials/testing`: nothing of one test reaches the next, in whichever copy of
// the package the code under test has its sources.
import assert from "node:assert/strict";
import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { after } from "node:test";
import { tokenSource, tokenVerifier } from "edge-credentials";
import { fakeIssuer, reset } from "edge-credentials/testing";
import { failure } from "../support/errors.js";
import { installPackage, run } from "../support/packed/installed-package.js";

/** @param {import("edge-credentials/testing").FakeIssuer} issuer */
function tokenRequests({ requests }) {
  return requests.filter(({ url }) => url.endsWith("/token")).length;
}

test("a source that is held begins anew: its token, its metadata, its failure", async () => {
  const issuer = fakeIssuer();
  const { clientId, clientSecret, fetch } = issuer;
  const options = { issuer: issuer.issuer, clientId, clientSecret, fetch };
  const source = tokenSource(options);
  const first = await source.get();
  assert.equal((await source.get()).accessToken, first.accessToken);
  reset();
  assert.notEqual((await source.get()).accessToken, first.accessToken);
  assert.equal(issuer.requests.length, 4, "metadata and token, twice");
  assert.equal(tokenSource(options), source);

  reset();
  issuer.fail(Infinity, { status: 429 });
  await failure(() => source.get(), "rate_limited");
  issuer.fail(0);
  await failure(() => source.get(), "rate_limited");
  reset();
  assert.equal(typeof (await source.authorization()), "string");
});

test("a request on its way brings no token to the next test", async () => {
  const issuer = fakeIssuer();
  const { clientId, clientSecret } = issuer;
  /** @type {() => void} */
  let answer = () => {};
  const held = new Promise((resolve) => {
    answer = () => resolve(undefined);
  });
  const source = tokenSource({
    tokenEndpoint: `${issuer.issuer}/token`,
    clientId,
    clientSecret,
    async fetch(url, init) {
      const response = await issuer.fetch(url, init);
      if (tokenRequests(issuer) === 1) await held;
      return response;
    },
  });
  const early = source.get();
  while (tokenRequests(issuer) === 0) await new Promise((resolve) => setImmediate(resolve));
  reset();
  const late = await source.get();
  answer();
  assert.notEqual((await early).accessToken, late.accessToken);
  assert.equal((await source.get()).accessToken, late.accessToken);
});

test("a verifier that is held asks for keys anew, and about tokens", async () => {
  const issuer = fakeIssuer();
  const { clientId, clientSecret, fetch } = issuer;
  const options = { issuer: issuer.issuer, audience: "api", fetch };
  const introspection = { clientId, clientSecret };
  const jwts = tokenVerifier(options);
  const all = tokenVerifier({ ...options, accept: "opaque", introspection });
  const token = await issuer.sign({ aud: "api" });
  const paths = async () => {
    issuer.requests.length = 0;
    for (const { verify } of [jwts, all]) await verify(token);
    return issuer.requests.map(({ url }) => url.split("/").at(-1));
  };
  const asked = ["openid-configuration", "keys", "openid-configuration", "introspect"];
  assert.deepEqual(await paths(), asked);
  assert.deepEqual(await paths(), []);
  reset();
  assert.deepEqual(await paths(), asked);

  reset();
  issuer.fail(Infinity);
  await failure(() => jwts.verify(token), "server_overloaded");
  issuer.fail(0);
  await failure(() => jwts.verify(token), "server_overloaded");
  reset();
  await jwts.verify(token);
});

test("functions of each test's own bring no warning", async (t) => {
  const warn = t.mock.method(console, "warn", () => {});
  for (let index = 0; index < 8; index += 1) {
    const { clientId, clientSecret, fetch } = fakeIssuer();
    const tokenEndpoint = "https://idp.example/token";
    tokenSource({ tokenEndpoint, clientId, clientSecret, fetch });
    reset();
  }
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(warn.mock.callCount(), 0);
});

const { consumer, remove } = installPackage();
after(remove);
const DIST = "./node_modules/edge-credentials/pkg/dist";

test("it reaches every copy and entry of the package", () => {
  const code = `
    import { readFileSync } from "node:fs";
    import { createRequire } from "node:module";
    import * as inline from "edge-credentials";
    import * as manual from "edge-credentials/manual";
    import * as testing from "edge-credentials/testing";
    import * as copy from "./copy/esm/inline.js";
    const require = createRequire(import.meta.url);
    const twin = require("${DIST}/cjs/index.cjs");
    const manualTwin = require("${DIST}/cjs/manual.cjs");
    const testingTwin = require("${DIST}/cjs/testing.cjs");
    const file = new URL(import.meta.resolve("edge-credentials/edge_credentials_bg.wasm"));
    manualTwin.initialize(new WebAssembly.Module(readFileSync(file)));
    const found = [];
    for (const { fakeIssuer, reset } of [testing, testingTwin]) {
      for (const { tokenSource } of [inline, manual, copy, twin, manualTwin]) {
        const { issuer, clientId, clientSecret, fetch } = fakeIssuer();
        const source = tokenSource({ issuer, clientId, clientSecret, fetch });
        const tokens = [await source.authorization(), await source.authorization()];
        reset();
        tokens.push(await source.authorization());
        found.push(new Set(tokens).size);
      }
    }
    console.log(JSON.stringify(found));
  `;
  cpSync(join(consumer, DIST), join(consumer, "copy"), { recursive: true });
  writeFileSync(join(consumer, "copies.mjs"), code);
  const output = run(consumer, process.execPath, "--no-warnings", "copies.mjs");
  assert.deepEqual(JSON.parse(output), Array(10).fill(2));
});

test("it does nothing where the package is not used", () => {
  const code = `
    delete globalThis[Symbol.for("edge-credentials.registries")];
    const { reset } = await import("edge-credentials/testing");
    delete globalThis[Symbol.for("edge-credentials.registries")];
    reset();
    console.log("fine");
  `;
  writeFileSync(join(consumer, "unused.mjs"), code);
  assert.equal(run(consumer, process.execPath, "unused.mjs"), "fine\n");
});

test("the package loads where the global object is frozen", () => {
  const code = `
    // Node makes some globals when they are first read.
    for (const name of Reflect.ownKeys(globalThis)) globalThis[name];
    Object.freeze(globalThis);
    const { buildTokenRequest, tokenSource } = await import("edge-credentials");
    const client = { tokenEndpoint: "https://idp.example/token", clientId: "a", clientSecret: "b" };
    tokenSource(client);
    console.log(buildTokenRequest(client).method);
  `;
  writeFileSync(join(consumer, "frozen.mjs"), code);
  assert.equal(run(consumer, process.execPath, "--no-warnings", "frozen.mjs"), "POST\n");
});

test("a copy that was replaced is forgotten", () => {
  const code = `
    import * as testing from "edge-credentials/testing";
    import { readFileSync } from "node:fs";
    const text = readFileSync("${DIST}/cjs/index.cjs", "utf8");
    const load = () => {
      const module = { exports: {} };
      new Function("module", "exports", text)(module, module.exports);
      return module.exports;
    };
    const registries = () => [...globalThis[Symbol.for("edge-credentials.registries")]];
    const count = registries().length;
    const kept = load();
    load();
    const live = () => registries().filter((one) => one.deref()).length - count;
    for (let turn = 0; turn < 100 && live() > 1; turn += 1) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      gc();
    }
    console.log(live(), typeof kept.tokenSource);
  `;
  writeFileSync(join(consumer, "replaced.mjs"), code);
  const output = run(consumer, process.execPath, "--expose-gc", "--no-warnings", "replaced.mjs");
  assert.equal(output, "1 function\n");
});
