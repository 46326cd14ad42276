// @ts-check
// The architecture of the JavaScript, asserted by folder: no arrow runs up, and none in a circle.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import test from "node:test";
import { root } from "../../../scripts/run.js";

/**
 * The folders, or files at the top, whose code a folder may import, beside its own. Types count
 * like code.
 *
 * @type {Record<string, Record<string, string[]>>}
 */
const LAYERS = {
  "pkg/src": {
    core: [],
    protocol: ["core"],
    io: ["protocol", "core"],
    cache: ["io", "protocol", "core"],
    "client-auth": ["io", "protocol", "core"],
    "token-source": ["cache", "client-auth", "io", "protocol", "core"],
    "token-verifier": ["cache", "client-auth", "io", "protocol", "core"],
    "index.ts": ["token-source", "token-verifier", "io", "protocol", "core"],
    "hono.ts": ["token-verifier", "core"],
    mcp: ["io", "core"],
    // It takes the package by its name, like the program under test.
    testing: ["cache", "core"],
    // They take the package by its name: nothing of the core is in there.
    store: ["io", "core"],
    cloudflare: ["store", "io", "core"],
    entries: ["index.ts", "io", "core"],
    // The package by its name, as its users import it: so nothing of it is in there twice.
    cli: [],
  },
  "www/page": {
    shared: [],
    "panels/life": ["shared"],
    "panels/look-inside": ["shared"],
    "panels/suite": ["shared"],
    "panels/try-it": ["shared", "panels/look-inside"],
    "navigation.js": ["shared"],
    "page-worker.js": ["shared"],
    "main.js": [
      "shared",
      "panels/life",
      "panels/look-inside",
      "panels/suite",
      "panels/try-it",
      "navigation.js",
    ],
  },
};

for (const [top, layers] of Object.entries(LAYERS)) {
  test(`${top}: every file is in a layer, and imports only from layers below`, () => {
    for (const file of filesOf(top)) {
      const layer = layerOf(file, layers);
      assert.ok(layer !== undefined, `${top}/${file} is in no layer`);
      for (const target of importsOf(top, file)) {
        const other = layerOf(target, layers);
        const isAllowed = other === layer || layers[layer].includes(String(other));
        assert.ok(isAllowed, `${top}/${file} imports ${target}`);
      }
    }
  });

  test(`${top}: no file imports itself by way of others`, () => {
    const edges = new Map(
      filesOf(top).map((file) => [file, importsOf(top, file, { types: false })]),
    );
    /** @type {Set<string>} */
    const done = new Set();
    /** @type {(file: string, path: string[]) => void} */
    const visit = (file, path) => {
      assert.ok(!path.includes(file), [...path, file].join(" → "));
      if (done.has(file)) return;
      for (const target of edges.get(file) ?? []) visit(target, [...path, file]);
      done.add(file);
    };
    for (const file of edges.keys()) visit(file, []);
  });
}

/** Where only types are imported: JSDoc, and TypeScript's own statements. */
const TYPES = /\/\*\*.*?\*\/|(?:import|export) type [^;]*;/gs;

/** @param {string} top */
function filesOf(top) {
  const names = readdirSync(join(root, top), { recursive: true, encoding: "utf8" });
  return names.map((name) => name.replaceAll("\\", "/")).filter((name) => /\.[jt]s$/.test(name));
}

/** @type {(file: string, layers: Record<string, string[]>) => string | undefined} */
function layerOf(file, layers) {
  return Object.keys(layers).find((layer) => file === layer || file.startsWith(`${layer}/`));
}

/**
 * Of the same tree; what is generated and what others made is of no interest here.
 *
 * @type {(top: string, file: string, options?: { types: boolean }) => string[]}
 */
function importsOf(top, file, { types } = { types: true }) {
  const text = readFileSync(join(root, top, file), "utf8");
  const code = types ? text : text.replaceAll(TYPES, "");
  const found = [...code.matchAll(/(?:from|import|import\()\s*"(\.{1,2}\/[^"]+)"/g)].map(
    ([, path]) => path,
  );
  const targets = found.map((path) =>
    relative(join(root, top), resolve(root, top, dirname(file), path)),
  );
  return (
    targets
      .map((path) => path.replaceAll("\\", "/"))
      .filter((path) => !path.startsWith("..") && path.endsWith(".js"))
      // TypeScript imports a file by the name that it has once it is built.
      .map((path) => (top === "pkg/src" ? path.replace(/\.js$/, ".ts") : path))
  );
}
