// @ts-check
// How large the package is where it is deployed: bundled and minified, as a Worker and in the inline form.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { root } from "../run.js";

/** @typedef {{ raw: number; gzip: number; brotli: number }} Size */

export async function printSizes() {
  const { wasm, workerd, everything, inline } = await measure();
  const rows = [
    ["bytes", "raw", "gzip -9", "brotli 11"],
    row("WebAssembly alone", wasm),
    row("a Worker with a source and a verifier", workerd),
    row("a Worker with everything", everything),
    row("inline form (everything in JavaScript)", inline),
  ];
  for (const [name, ...cells] of rows)
    console.log(name.padEnd(42) + cells.map((cell) => cell.padStart(10)).join(""));
}

/**
 * Bundlers leave out what a Worker does not import.
 *
 * @returns {Promise<{ wasm: Size; workerd: Size; everything: Size; inline: Size }>}
 */
export async function measure() {
  const wasm = sizeOf(readFileSync(join(root, "pkg/dist/wasm/edge_credentials_bg.wasm")));
  const bundled = async (/** @type {string} */ names, /** @type {string} */ entry) =>
    sizeOf(await bundle(`export ${names} from "./pkg/dist/esm/${entry}.js"`));
  const workerd = await bundled("{ tokenSource, tokenVerifier }", "workerd");
  const everything = await bundled("*", "workerd");
  const inline = await bundled("*", "inline");
  return { wasm, workerd: sum(wasm, workerd), everything: sum(wasm, everything), inline };
}

/**
 * Minified, without the WebAssembly.
 *
 * @param {string} contents a module, which finds the packages as this one does
 * @param {{ conditions?: string[] }} [options]
 */
export async function bundle(contents, { conditions } = {}) {
  const { build } = await import("esbuild");
  const external = ["*.wasm", "cloudflare:*"];
  const stdin = { contents, resolveDir: root };
  const result = await build({
    stdin,
    bundle: true,
    minify: true,
    format: "esm",
    conditions,
    external,
    write: false,
  });
  return result.outputFiles[0].contents;
}

/**
 * @param {Uint8Array} bytes
 * @returns {Size}
 */
export function sizeOf(bytes) {
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: 11,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  };
  return {
    raw: bytes.length,
    gzip: gzipSync(bytes, { level: 9 }).length,
    brotli: brotliCompressSync(bytes, { params }).length,
  };
}

/**
 * @param {Size} a
 * @param {Size} b
 * @returns {Size}
 */
export function sum(a, b) {
  return { raw: a.raw + b.raw, gzip: a.gzip + b.gzip, brotli: a.brotli + b.brotli };
}

/** @type {(name: string, size: Size) => string[]} */
function row(name, { raw, gzip, brotli }) {
  return [
    name,
    ...[raw, gzip, brotli].map((bytes) => bytes.toLocaleString("en").replaceAll(",", " ")),
  ];
}
