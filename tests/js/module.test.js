// @ts-check
// The module that ships: what it may ask of JavaScript, what it gives, what must not be in it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import test from "node:test";

const bytes = readFileSync(new URL("../../pkg/wasm/edge_credentials_bg.wasm", import.meta.url));
const module = new WebAssembly.Module(bytes);

// The clock, a standard Request, and what wasm-bindgen needs to pass strings and errors. Nothing that reaches further.
const ALLOWED = [
  "__wbg___wbindgen_throw",
  "__wbg_coreerror_new",
  "__wbg_new_with_str_and_init",
  "__wbg_new",
  "__wbg_now",
  "__wbg_set_body",
  "__wbg_set_headers",
  "__wbg_set_method",
  "__wbg_set_redirect",
  "__wbindgen_generic",
  "__wbindgen_init_externref_table",
];

test("its imports are on the list", () => {
  const names = WebAssembly.Module.imports(module).map(({ name }) => name.replace(/_[0-9a-f]{16}$/, ""));
  assert.ok(names.length > 0);
  assert.deepEqual(names.filter((name) => !ALLOWED.includes(name)), []);
  assert.deepEqual(ALLOWED.filter((name) => !names.includes(name)), [], "the list holds what is no longer imported");
});

test("nothing in it traps on purpose", () => {
  const names = WebAssembly.Module.exports(module).map(({ name }) => name);
  assert.ok(names.includes("buildTokenRequest"));
  assert.ok(!names.includes("trap"));
});

test("it does not tell where it was built", () => {
  const text = bytes.toString("latin1");
  for (const path of [homedir(), process.cwd(), "/home/", "/root/", "/Users/"]) assert.ok(!text.includes(path), path);
});

test("what lives in WebAssembly is freed at once", async () => {
  const glue = await import("../../pkg/wasm/inline.js");
  const ec = await import("edge-credentials");
  /** @type {Record<string, number>} */
  const freed = { CoreRequest: 0, CoreToken: 0, CoreError: 0 };
  for (const name of Object.keys(freed)) {
    const { prototype } = /** @type {any} */ (glue)[name];
    const { free } = prototype;
    prototype.free = function () {
      freed[name] += 1;
      return free.call(this);
    };
  }
  ec.buildTokenRequest({ tokenEndpoint: "https://idp.example/token", clientId: "a", clientSecret: "b" });
  ec.buildMetadataRequest({ issuer: "https://idp.example" });
  ec.parseTokenResponse({ status: 200, body: '{"access_token":"a","token_type":"Bearer"}' }, { requestedAt: 0 });
  assert.throws(() => ec.parseTokenResponse({ status: 500, body: "" }, { requestedAt: 0 }), { code: "server_failed" });
  assert.deepEqual(freed, { CoreRequest: 2, CoreToken: 1, CoreError: 1 });
});
