// @ts-check
// The module that ships: what it may ask of JavaScript, what it gives, what must not be in it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import test from "node:test";

const bytes = readFileSync(
  new URL("../../../pkg/dist/wasm/edge_credentials_bg.wasm", import.meta.url),
);
const module = new WebAssembly.Module(bytes);

/**
 * Of every instance that the package makes.
 *
 * @type {Set<WebAssembly.Memory>}
 */
const memories = new Set();
WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
  construct(Instance, [module, imports]) {
    const instance = new Instance(module, imports);
    memories.add(/** @type {WebAssembly.Memory} */ (instance.exports.memory));
    return instance;
  },
});

// Random bytes, and what wasm-bindgen needs to pass strings, numbers and errors. Nothing
// that reaches further.
const ALLOWED = [
  "__wbg___wbindgen_copy_to_typed_array",
  "__wbg_getRandomValues",
  "__wbindgen_generic",
  "__wbindgen_init_externref_table",
];

test("its imports are on the list", () => {
  const names = WebAssembly.Module.imports(module).map(({ name }) =>
    name.replace(/_[0-9a-f]{16}$/, ""),
  );
  assert.ok(names.length > 0);
  assert.deepEqual(
    names.filter((name) => !ALLOWED.includes(name)),
    [],
  );
  assert.deepEqual(
    ALLOWED.filter((name) => !names.includes(name)),
    [],
    "the list holds what is no longer imported",
  );
});

test("nothing in it traps on purpose", () => {
  const names = WebAssembly.Module.exports(module).map(({ name }) => name);
  assert.ok(names.includes("call"));
  assert.ok(!names.includes("trap"));
});

test("it does not tell where it was built", () => {
  const text = bytes.toString("latin1");
  for (const path of [homedir(), process.cwd(), "/home/", "/root/", "/Users/"])
    assert.ok(!text.includes(path), path);
});

test("nothing lives in it, and calls leave its memory as it was", async () => {
  const glue = await import("../../../pkg/dist/wasm/edge_credentials.js");
  assert.deepEqual(
    Object.values(glue).filter((value) => String(value).startsWith("class ")),
    [],
  );

  const ec = await import("edge-credentials");
  assert.equal(memories.size, 0, "an import makes an instance, which only a call needs");
  const work = () => {
    ec.buildTokenRequest({
      tokenEndpoint: "https://idp.example/token",
      clientId: "a",
      clientSecret: "b".repeat(500),
    });
    ec.parseTokenResponse(
      { status: 200, body: `{"access_token":"${"a".repeat(500)}","token_type":"Bearer"}` },
      { requestedAt: 0 },
    );
    assert.throws(
      () => ec.parseTokenResponse({ status: 500, body: "x".repeat(500) }, { requestedAt: 0 }),
      { code: "server_failed" },
    );
  };
  work();
  assert.equal(memories.size, 1);
  const [memory] = memories;
  const size = memory.buffer.byteLength;
  for (let i = 0; i < 5_000; i += 1) work();
  assert.equal(memory.buffer.byteLength, size);
});
