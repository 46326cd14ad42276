// @ts-check
// The published declarations, all of them, in the TypeScript that users have: from 5.0 on, with the
// types of browsers, of Node alone, and of Workers alone.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { after } from "node:test";
import { root } from "../../../scripts/run.js";
import { cached, provideByNpm } from "../../../scripts/setup/tools.js";
import { installPackage } from "../support/packed/installed-package.js";

/** The oldest that is served, the last without a generic `Uint8Array`, and the two newest. */
const VERSIONS = ["5.0.4", "5.6.3", "6.0.3", "7.0.2"];
const WORKERS_TYPES = "5.20261117.1";

const workersTypes = cached(`workers-types-${WORKERS_TYPES}`);
await provideByNpm(workersTypes, "@cloudflare/workers-types", WORKERS_TYPES);
for (const version of VERSIONS) await provideByNpm(folderOf(version), "typescript", version);

const { consumer, paths, remove } = installPackage();
after(remove);
cpSync(join(root, "node_modules/hono"), join(consumer, "node_modules/hono"), { recursive: true });

const declarations = paths.filter((path) => /\.d\.c?ts$/.test(path));

const ENVIRONMENTS = [
  {
    name: "browsers",
    lib: ["es2022", "dom"],
    types: [],
    code: "declare const compiled: WebAssembly.Module;\ninitialize(compiled);",
  },
  {
    name: "Node alone",
    lib: ["es2022"],
    types: ["node"],
    typeRoots: [join(root, "node_modules/@types")],
    code: "verifier.verify(new IncomingMessage(new Socket()));",
    imports: `
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";`,
  },
  {
    name: "Workers alone",
    lib: ["es2022"],
    types: ["workers-types"],
    typeRoots: [join(workersTypes, "node_modules/@cloudflare")],
    code: `
declare const compiled: WebAssembly.Module;
initialize(compiled);
source.fetch(url, { cf: { cacheTtl: 60 } });`,
  },
];

/** Only Workers have it, as a module: a class and bindings as `wrangler types` writes them. */
const FLEET = `
import { tokenSource } from "edge-credentials";
import { brokered, kvStore, tokenBroker } from "edge-credentials/cloudflare";

interface Env { TOKENS: DurableObjectNamespace<Tokens>; VALUES: KVNamespace; SECRET: string }
const server = { issuer: "https://idp.example", clientId: "a" };
export class Tokens extends tokenBroker((env: Env) => ({ ...server, clientSecret: env.SECRET })) {}
export default {
  async fetch(request, env) {
    const source = tokenSource({ ...server, clientSecret: env.SECRET, store: kvStore(env.VALUES) });
    const { accessToken } = await source.get();
    await brokered(env.TOKENS, { locationHint: "weur" }).fetch(request);
    // @ts-expect-error a namespace of KV is none of objects
    brokered(env.VALUES);
    return new Response(accessToken);
  },
} satisfies ExportedHandler<Env>;`;

for (const version of VERSIONS) {
  test(`TypeScript ${version} with a fleet of Workers`, () => {
    const options = ENVIRONMENTS.find(({ name }) => name === "Workers alone");
    const { lib, types, typeRoots } = options ?? assert.fail("no Workers");
    writeFileSync(join(consumer, "fleet.ts"), FLEET);
    assert.deepEqual(complaints(version, ["fleet.ts"], { lib, types, typeRoots }), []);
  });

  for (const { name, code, imports = "", ...options } of ENVIRONMENTS) {
    test(`TypeScript ${version} with the types of ${name}`, () => {
      const files = ["use.ts", "use.cts"];
      for (const file of files) writeFileSync(join(consumer, file), imports + USE + code);

      assert.deepEqual(
        complaints(version, [...files, ...declarations.map(installed)], options),
        [],
      );
    });
  }
}

/** @param {string} path in the package */
function installed(path) {
  return `node_modules/edge-credentials/${path}`;
}

/** @param {string} version */
function folderOf(version) {
  return cached(`typescript-${version}`);
}

/**
 * What the compiler says. What it says of Hono's own files is left out: before TypeScript 5.7 they
 * do not compile.
 *
 * @type {(version: string, files: string[], options: object) => string[]}
 */
function complaints(version, files, options) {
  const resolution = { module: "nodenext", moduleResolution: "nodenext", target: "es2022" };
  const checks = { strict: true, noEmit: true, skipLibCheck: false };
  const compilerOptions = { ...resolution, ...checks, ...options };
  writeFileSync(join(consumer, "tsconfig.json"), JSON.stringify({ files, compilerOptions }));

  const compiler = join(folderOf(version), "node_modules/typescript/bin/tsc");
  const args = [compiler, "-p", ".", "--pretty", "false"];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: consumer, encoding: "utf8" });
  assert.equal(stderr, "");

  const lines = stdout.split("\n").filter(Boolean);
  return lines.filter((line) => !line.startsWith("node_modules/hono/"));
}

// The errors that it expects show that no type is `any`.
const USE = `
import { AuthError, importKey, tokenSource, tokenVerifier } from "edge-credentials";
import type { Fetch } from "edge-credentials";
import { initialize } from "edge-credentials/manual";
import { bearerAuth } from "edge-credentials/hono";
import { mcpAuth, mcpGate } from "edge-credentials/mcp";
import { fakeIssuer, reset, stubSource, stubVerifier } from "edge-credentials/testing";

const url = "https://api.example/users";
const issuer = "https://idp.example";
const ownFetch: Fetch = (address, init) => fetch(address, init);
const source = tokenSource({ issuer, clientId: "a", clientSecret: "b", fetch: ownFetch });
const verifier = tokenVerifier({ issuer, audience: "a" });
const idp = fakeIssuer();
tokenSource({ issuer: idp.issuer, clientId: "a", clientSecret: "b", fetch: idp.fetch });
export const stubs = [stubSource("token"), stubVerifier({ sub: "1" }), reset()];

export const middleware = bearerAuth(verifier, { role: "writer" });
export const auth = mcpAuth(source, { url: "https://mcp.example/mcp" });
export const gate = mcpGate(verifier, { resource: "https://mcp.example/mcp" });
export async function use(request: Request) {
  const { sub } = await verifier.verify(request, { signal: AbortSignal.timeout(1) });
  const response = await source.fetch(url, { method: "POST", headers: { accept: "text/plain" } });
  const { accessToken } = await source.get({ signal: AbortSignal.timeout(1) });
  const signature = await (await importKey({ kty: "OKP" })).sign("text");
  const status: number = response.status;
  const byte: number = signature[0];
  // @ts-expect-error a status is a number
  const wrongStatus: string = response.status;
  // @ts-expect-error bytes are numbers
  const wrongByte: string = signature[0];
  return [sub, accessToken, status, byte, wrongStatus, wrongByte];
}
export const hint = (error: unknown) => error instanceof AuthError && error.hint.length;

// @ts-expect-error a method is a string
source.fetch(url, { method: 7 });
// @ts-expect-error a signal is no number
source.get({ signal: 7 });
// @ts-expect-error a status is a number
idp.fail(1, { status: "503" });
// @ts-expect-error null is no module
initialize(null);
`;
