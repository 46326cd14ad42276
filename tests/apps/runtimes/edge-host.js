// Vercel's edge sandbox, told to forbid what production forbids: compiling WebAssembly from bytes.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { EdgeVM } from "@edge-runtime/vm";
import { build } from "esbuild";

/** As Next does: what is imported with `?module` was compiled outside, and is found by a name. */
const compiledOutside = {
  name: "compiled outside",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\.wasm\?module$/ }, ({ path }) => ({ path, namespace: "outside" }));
    onLoad({ filter: /./, namespace: "outside" }, () => ({
      contents: "export default compiledOutside",
    }));
  },
};
const { outputFiles } = await build({
  entryPoints: [fileURLToPath(new URL("edge.js", import.meta.url))],
  bundle: true,
  write: false,
  format: "iife",
  globalName: "app",
  conditions: ["edge-light", "browser"],
  plugins: [compiledOutside],
});

const bytes = readFileSync(
  fileURLToPath(import.meta.resolve("edge-credentials/edge_credentials_bg.wasm")),
);
const module = new WebAssembly.Module(bytes);
const vm = new EdgeVM({
  codeGeneration: { strings: false, wasm: false },
  extend: (context) => Object.assign(context, { compiledOutside: module, bytes }),
});
assert.equal(
  vm.evaluate("compiledOutside instanceof WebAssembly.Module"),
  false,
  "the module must be of another realm, as at Vercel",
);
assert.throws(() => vm.evaluate("new WebAssembly.Module(bytes)"), /code generation disallowed/);

vm.evaluate(outputFiles[0].text);
await vm.evaluate(`app.run(${JSON.stringify(process.argv[2])})`);
