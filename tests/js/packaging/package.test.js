// @ts-check
// What npm ships: packed, installed into an empty folder, and used from there.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import test, { after } from "node:test";
import { linkedCrates } from "../../../scripts/build/licenses.js";
import { root } from "../../../scripts/run.js";
import { installPackage, run } from "../support/packed/installed-package.js";

/** The sources whose types the public ones refer to. */
const TYPED = readdirSync(join(root, "pkg/src"), { recursive: true, encoding: "utf8" })
  .map((name) => name.replaceAll("\\", "/").replace(/\.ts$/, ""))
  .filter((name) => name.includes("/") || ["hono", "index"].includes(name))
  .filter((name) => statSync(join(root, `pkg/src/${name}.ts`), { throwIfNoEntry: false }))
  .filter((name) => !name.startsWith("cli/"))
  .filter((name) => !["entries/edge-light", "entries/inline", "entries/workerd"].includes(name));
const FILES = [
  "CHANGELOG.md",
  "LICENSE",
  "README.md",
  "package.json",
  "pkg/dist/THIRD-PARTY-LICENSES.txt",
  ...TYPED.flatMap((name) => [`pkg/dist/types/${name}.d.ts`, `pkg/dist/cjs/types/${name}.d.cts`]),
  "pkg/dist/wasm/edge_credentials_bg.wasm",
  ...[
    "cloudflare",
    "edge-light",
    "hono",
    "inline",
    "manual",
    "mcp",
    "shared",
    "store",
    "testing",
  ].map((name) => `pkg/dist/esm/${name}.js`),
  "pkg/dist/esm/workerd.js",
  ...["hono", "index", "manual", "mcp", "store", "testing"].map(
    (name) => `pkg/dist/cjs/${name}.cjs`,
  ),
  "pkg/dist/esm/workerd.d.ts",
  ...["bin", "main"].map((name) => `pkg/dist/cli/${name}.js`),
];
/** Bytes. A ceiling: growth has to be meant. */
const TARBALL_CEILING = 560_000;

/** The compiler of this repository, for what {@link prepareTypes} wrote. */
const TSC = [join(root, "node_modules/typescript/bin/tsc"), "-p", "."];

const { tarball, size, paths, consumer, path: installed, remove } = installPackage();
after(remove);

test("it holds exactly the files it should", () => {
  assert.deepEqual(paths.toSorted(), FILES.toSorted());
});

test("it is published in the open, with a statement of provenance", () => {
  const { publishConfig } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
  assert.deepEqual(publishConfig, { access: "public", provenance: true });
});

test("it is no larger than promised", () => {
  assert.ok(size <= TARBALL_CEILING, `${size} bytes`);
});

test("it brings the licence of each crate that is linked into the module", () => {
  const text = readFileSync(join(installed, "pkg/dist/THIRD-PARTY-LICENSES.txt"), "utf8");
  const crates = linkedCrates();
  assert.ok(crates.some(({ name }) => name === "talc"));
  const [, ...sections] = text.split(`\n${"=".repeat(80)}\n\n`);
  assert.deepEqual(
    sections.map((section) => section.split("\n")[0]),
    crates.map(({ name, version, license }) => `${name} ${version} (${license})`),
  );
  for (const section of sections) assert.match(section, /Permission is hereby granted/, section);
});

test("it does not tell where it was built", () => {
  for (const path of paths) {
    const content = readFileSync(join(installed, path), "latin1");
    for (const place of [join(homedir(), "/"), root])
      assert.ok(!content.includes(place), `${path} names ${place}`);
  }
});

test("`npx edge-credentials` runs it", () => {
  const program = join(consumer, "node_modules/.bin/edge-credentials");
  const shim = process.platform === "win32" ? `${program}.cmd` : program;
  assert.match(run(consumer, shim, "doctor", "--help"), /^Usage: edge-credentials doctor/);
});

test("publint has nothing to say", () => {
  const output = run(
    root,
    process.execPath,
    "node_modules/publint/src/cli.js",
    "run",
    tarball,
    "--strict",
  );
  assert.match(output, /All good!/);
});

test("attw has nothing to say", () => {
  // A .wasm file has no types. `cloudflare` is for workerd alone, which has no `require`.
  const args = [
    tarball,
    "--exclude-entrypoints",
    "./edge_credentials_bg.wasm",
    "./cloudflare",
    "--format",
    "ascii",
    "--no-emoji",
  ];
  const output = run(
    root,
    process.execPath,
    "node_modules/@arethetypeswrong/cli/dist/index.js",
    ...args,
  );
  assert.match(output, /No problems found/);
  assert.match(
    output,
    /"edge-credentials\/manual"\n\nnode10: OK \nnode16 \(from CJS\): OK \(CJS\)/,
  );
});

test("its types keep their documentation where editors look", () => {
  const documented = [
    { file: "core/types", name: "Token", sentence: /do not log it/i },
    { file: "core/types", name: "RequestData", sentence: /do not log it/i },
    { file: "core/calls", name: "TokenRequestOptions", sentence: /./ },
    { file: "core/errors", name: "ErrorCode", sentence: /./ },
  ];
  for (const { file, name, sentence } of documented) {
    const types = readFileSync(join(installed, `pkg/dist/types/${file}.d.ts`), "utf8");
    const pattern = new RegExp(
      `/\\*\\*((?:(?!\\*/).)*)\\*/\\nexport (?:type|interface) ${name}\\b`,
      "s",
    );
    const comment = pattern.exec(types)?.[1] ?? "";
    assert.match(comment, sentence, `${name} has no such comment right before it`);
  }
});

test("its types keep all documentation of what is exported", () => {
  for (const name of TYPED) {
    const source = readFileSync(join(root, `pkg/src/${name}.ts`), "utf8");
    const types = readFileSync(join(installed, `pkg/dist/types/${name}.d.ts`), "utf8");
    const comments = source.match(/^\/\*\*(?:(?!\*\/).)*\*\/\n(?=export )/gms) ?? [];
    const lost = comments.filter((comment) => !types.includes(`${comment}export `));
    assert.deepEqual(lost, [], name);
  }
});

const RESOLUTIONS = [
  { module: "node16", moduleResolution: "node16", endings: ["ts", "mts", "cts"] },
  { module: "nodenext", moduleResolution: "nodenext", endings: ["ts", "mts", "cts"] },
  // As a .cts file the bundlers' way has no meaning.
  { module: "esnext", moduleResolution: "bundler", endings: ["ts", "mts"] },
  {
    module: "esnext",
    moduleResolution: "bundler",
    customConditions: ["workerd"],
    endings: ["workerd.ts"],
  },
];
for (const { endings, ...resolution } of RESOLUTIONS) {
  const files = endings.map((ending) => `use-${resolution.moduleResolution}.${ending}`);
  test(`its types serve moduleResolution ${resolution.moduleResolution} in ${files.join(", ")}`, () => {
    checkTypes(files, TYPED_USE, {
      ...resolution,
      lib: ["es2022", "dom"],
      types: [],
    });
  });
}

test("its types serve Node without the types of browsers", () => {
  checkTypes(["use-node.ts"], TYPED_NODE_USE, {
    module: "nodenext",
    moduleResolution: "nodenext",
    lib: ["es2022"],
    types: ["node"],
    typeRoots: [join(root, "node_modules/@types")],
  });
});

test("its types name a forgotten secret, and no key", () => {
  const code = `import { tokenSource } from "edge-credentials";
tokenSource({ issuer: "https://idp.example", clientId: "a" });
`;
  prepareTypes(["use-forgotten.ts"], code, {
    module: "nodenext",
    moduleResolution: "nodenext",
    lib: ["es2022", "dom"],
    types: [],
  });
  const { status, stdout } = spawnSync(process.execPath, TSC, { cwd: consumer, encoding: "utf8" });
  assert.equal(status, 2, stdout);
  assert.match(stdout, /^use-forgotten\.ts\(2,\d+\): error /);
  assert.match(stdout, /Property 'clientSecret' is missing in type/);
  assert.doesNotMatch(stdout, /\bkey\b/);
});

/** @type {(files: string[], code: string, options: object) => void} */
function checkTypes(files, code, options) {
  prepareTypes(files, code, options);
  run(consumer, process.execPath, ...TSC);
}

/** @type {typeof checkTypes} writes what {@link TSC} compiles */
function prepareTypes(files, code, options) {
  // The libraries of TypeScript itself are TypeScript's to check.
  const compilerOptions = {
    strict: true,
    noEmit: true,
    skipDefaultLibCheck: true,
    target: "es2022",
    ...options,
  };
  const config = JSON.stringify({ files, compilerOptions });
  for (const file of files) writeFileSync(join(consumer, file), code);
  writeFileSync(join(consumer, "tsconfig.json"), config);
}

const TYPED_NODE_USE = `
import { importKey, tokenSource } from "edge-credentials";
tokenSource({ issuer: "https://idp.example", key: process.env.KEY! });
importKey({ kty: "OKP", crv: "Ed25519", kid: "1", d: "x" });
// @ts-expect-error a number is no key
tokenSource({ issuer: "https://idp.example", key: 42 });
// @ts-expect-error is the variable set?
tokenSource({ issuer: "https://idp.example", key: process.env.KEY });
`;

const TYPED_USE = `
import {
  AuthError,
  authorizationHeader,
  buildMetadataRequest,
  buildTokenRequest,
  isExpired,
} from "edge-credentials";
import {
  parseMetadataResponse,
  parseTokenResponse,
  timeLeft,
  tokenSource,
  toRequest,
  zitadel,
} from "edge-credentials";
import {
  buildRevocationRequest,
  completeAssertion,
  importKey,
  parseRevocationResponse,
  prepareAssertion,
} from "edge-credentials";
import { tokenVerifier } from "edge-credentials";
import type {
  Claims,
  KeySourceOptions,
  Requirements,
  SigningKey,
  TokenVerifier,
  TokenVerifierOptions,
} from "edge-credentials";
import type {
  Fetch,
  SourceEvent,
  TokenSource,
  TokenSourceOptions,
  WaitOptions,
} from "edge-credentials";
import { initialize, tokenSource as tokenSourceOfManual } from "edge-credentials/manual";
import { mcpAuth, mcpGate } from "edge-credentials/mcp";
import type { McpAuth, McpAuthInfo, McpGate, ResourceMetadata } from "edge-credentials/mcp";
import { fakeIssuer, reset, stubSource, stubVerifier } from "edge-credentials/testing";
import type { FakeIssuer, FakeKeyFile } from "edge-credentials/testing";
import type {
  ErrorCategory,
  ErrorCode,
  Metadata,
  RequestData,
  ResponseData,
  Token,
  TokenRequestOptions,
  WellKnown,
} from "edge-credentials";

const client: TokenRequestOptions = {
  tokenEndpoint: "https://idp.example/token",
  clientId: "a",
  clientSecret: "b",
};
const request: RequestData = buildTokenRequest({ ...client, scope: [zitadel.scopes.api()] });
const standard: Request = toRequest(request);
const response: ResponseData = { status: 200, headers: new Headers(), body: "{}" };
const token: Token = parseTokenResponse(response, { requestedAt: Date.now(), request });
const header: string = authorizationHeader(token);
const expired: boolean = isExpired(token, { now: 1, leeway: 2 });
timeLeft(token);
const wellKnown: WellKnown = "oauth-authorization-server";
const { url }: RequestData = buildMetadataRequest({ issuer: "https://idp.example", wellKnown });
const metadata: Metadata = parseMetadataResponse(
  { status: 200, body: "{}" },
  { issuer: "https://idp.example" },
);
const endpoint: string | null = metadata.tokenEndpoint;
export const hint = (error: unknown): string | undefined =>
  error instanceof AuthError ? error.hint : undefined;
export const kind = ({ code, category }: AuthError): [ErrorCode, ErrorCategory] => [
  code,
  category,
];
const onEvent = (event: SourceEvent) =>
  event.type === "fail" && console.error(event.code, event.retryAt);
const options: TokenSourceOptions = {
  issuer: "https://idp.example",
  clientId: "a",
  clientSecret: async () => "b",
  onEvent,
};
const ownFetch: Fetch = (url, init) => fetch(url, init);
const source: TokenSource = tokenSource({ ...options, fetch: ownFetch });
const wait: WaitOptions = { signal: AbortSignal.timeout(1) };
export const answer = async (): Promise<[Token, string, Response]> => [
  await source.get(wait),
  await source.authorization(),
  await source.fetch(new URL("https://idp.example"), { method: "POST" }),
];
source.invalidate(token);
const roles: Record<string, Record<string, string>> = zitadel.roles(
  { sub: "1" },
  "317905284016374539",
);
const { department }: Record<string, string> = zitadel.metadata({ sub: "1" });
initialize(new WebAssembly.Module(new Uint8Array()));
const verifierOptions: TokenVerifierOptions = {
  issuer: "https://idp.example",
  audience: ["7"],
  introspection: { clientId: "a", clientSecret: () => "b" },
  role: [{ role: "writer", project: "7" }],
};
const verifier: TokenVerifier = tokenVerifier(verifierOptions);
const requirements: Requirements = { scope: "read", role: "reader" };
export const checked = async (request: Request): Promise<Claims | Response> =>
  verifier.verify(request, requirements).catch(verifier.challenge);
verifier.verify("token", { signal: AbortSignal.timeout(1) });
tokenSourceOfManual(options);
const auth: McpAuth = mcpAuth(source, { url: new URL("https://mcp.example/mcp") });
mcpAuth(({ resource, scope }) => tokenSource({ ...options, resource, scope }), { url: "a" });
const gate: McpGate = mcpGate(verifier, { resource: "https://mcp.example/mcp", scopes: ["read"] });
const published: ResourceMetadata = gate.metadata;
export const agentsToken: Promise<string> = auth.token();
export const caller: Promise<Response | McpAuthInfo> = gate(standard, { scope: published.resource });
// @ts-expect-error the address is missing
mcpAuth(source);
const signing: Promise<SigningKey> = importKey({ kty: "OKP" }, { algorithm: "EdDSA" });
const assertion = async (key: SigningKey): Promise<string> => {
  const input: string = prepareAssertion({ key, audience: "https://idp.example" });
  return completeAssertion(input, await key.sign(input));
};
buildTokenRequest({
  tokenEndpoint: "https://idp.example/token",
  assertion: "a.b.c",
  scope: "openid",
});
buildTokenRequest({
  tokenEndpoint: "https://idp.example/token",
  clientId: "a",
  clientAssertion: "a.b.c",
});
buildRevocationRequest({
  revocationEndpoint: "https://idp.example/revoke",
  token: "t",
  clientId: "a",
  clientSecret: "b",
});
parseRevocationResponse(response, { request });
const byKey: KeySourceOptions = {
  issuer: "https://idp.example",
  key: async () => "-----BEGIN",
  userId: "1",
  algorithm: "PS256",
};
tokenSource(byKey);
tokenSource({
  issuer: "https://idp.example",
  key: { type: "application", key: "-----BEGIN", keyId: "1" },
  clientAuth: "private_key_jwt",
});
tokenSource({ accessToken: "pat", allowedOrigins: ["https://api.example"] });
const issuer: FakeIssuer = fakeIssuer({ clients: { service: "secret" }, claims: { aud: "7" } });
tokenSource({ ...options, fetch: issuer.fetch });
globalThis.fetch = issuer.fetch;
export const signed: Promise<string> = issuer.sign({ aud: "7", sub: undefined });
issuer.keyFile().then((key: FakeKeyFile) => tokenSource({ issuer: issuer.issuer, key }));
issuer.fail(2, { status: 400, error: "invalid_client" });
const stubs: [TokenSource, TokenVerifier] = [stubSource("abc"), stubVerifier({ sub: "1" })];
reset();
export { assertion, signing, stubs };
// @ts-expect-error a header is no token
stubSource(new Headers());
// @ts-expect-error a function is no key
importKey(() => "-----BEGIN");
// @ts-expect-error the secret is missing
tokenSource({ issuer: "https://idp.example", clientId: "a" });
export { department, endpoint, expired, header, roles, standard, url };

// @ts-expect-error the secret is missing
buildTokenRequest({ tokenEndpoint: "https://idp.example/token", clientId: "a" });
// @ts-expect-error a variable that may not be set
zitadel.roles({ sub: "1" }, undefined as string | undefined);
// @ts-expect-error no such option
buildTokenRequest({ ...client, scopes: "openid" });
// @ts-expect-error a whole Response has to be read first
parseTokenResponse(new Response(), { requestedAt: 1 });
// @ts-expect-error milliseconds, not a Date
isExpired(token, { now: new Date() });
// @ts-expect-error a Worker has no such thing, and the types must not bring it
process.exit();
`;
