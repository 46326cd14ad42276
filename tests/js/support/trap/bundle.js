// @ts-check
// Bundles trap.js with the module that `node scripts/build/build.js --trap` makes.
import { join } from "node:path";
import { build } from "esbuild";
import { root } from "../../../../scripts/run.js";

const SHIPPED = join(root, "pkg/dist/wasm");
const TRAPPING = join(root, "target/trap");

/** @param {string} outfile */
export async function bundleTrap(outfile) {
  await build({
    entryPoints: [join(root, "tests/js/support/trap/trap.js")],
    bundle: true,
    format: "esm",
    platform: "neutral",
    outfile,
    plugins: [trapping],
  });
}

/** @type {import("esbuild").Plugin} */
const trapping = {
  name: "trapping",
  setup({ onResolve }) {
    onResolve({ filter: /\/dist\/wasm\// }, ({ path, resolveDir }) => ({
      path: join(resolveDir, path).replace(SHIPPED, TRAPPING),
    }));
  },
};
