// @ts-check
// What npm ships: packed, installed into an empty folder, and used from there.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import test, { after, before } from "node:test";
import { root } from "../../scripts/run.js";

const MODULES = [
  ...["authorized-fetch", "core", "discovery", "errors", "events", "http", "index", "inline", "keep-fresh", "metadata", "options"],
  ...["platform", "registry", "token", "token-source", "transport", "wire", "workerd", "zitadel"],
];
const FILES = [
  ...["CHANGELOG.md", "LICENSE", "README.md", "package.json"],
  ...MODULES.flatMap((name) => [`pkg/${name}.js`, `pkg/types/${name}.d.ts`]),
  ...["bytes.js", "edge_credentials_bg.wasm", "inline.d.ts", "inline.js"].map((name) => `pkg/wasm/${name}`),
  ...["pkg/wasm/workerd.d.ts", "pkg/wasm/workerd.js", "pkg/types/wasm/inline.d.ts"],
];

const folder = mkdtempSync(join(tmpdir(), "edge-credentials-package-"));
const consumer = join(folder, "consumer");
/** @type {{ filename: string, files: { path: string }[] }} */
let packed;

before(() => {
  packed = JSON.parse(run(root, "npm", "pack", "--ignore-scripts", "--json", "--pack-destination", folder))[0];
  mkdirSync(consumer);
  writeFileSync(join(consumer, "package.json"), '{ "private": true, "type": "module" }');
  run(consumer, "npm", "install", "--offline", "--no-audit", "--no-fund", tarball());
});
after(() => rmSync(folder, { recursive: true, force: true }));

test("it holds exactly the files it should", () => {
  assert.deepEqual(packed.files.map(({ path }) => path).sort(), FILES.sort());
});

test("it does not tell where it was built", () => {
  for (const path of packed.files.map(({ path }) => path)) {
    const content = readFileSync(join(consumer, "node_modules/edge-credentials", path), "latin1");
    for (const place of [join(homedir(), "/"), root]) assert.ok(!content.includes(place), `${path} names ${place}`);
  }
});

test("publint has nothing to say", () => {
  const output = run(root, process.execPath, "node_modules/publint/src/cli.js", "run", tarball(), "--strict");
  assert.match(output, /All good!/);
});

test("an installed copy works in Node", () => {
  writeFileSync(join(consumer, "use.js"), USE);
  assert.deepEqual(JSON.parse(run(consumer, process.execPath, "use.js")), {
    method: "POST",
    url: "https://idp.example/token",
    accessToken: "abc",
    expired: [false, true],
    code: "credentials_refused",
  });
});

test("its types keep their documentation where editors look", () => {
  for (const [file, name, sentence] of /** @type {const} */ ([
    ["token", "Token", /do not log it/],
    ["http", "RequestData", /do not log it/],
    ["token", "TokenRequestOptions", /./],
    ["errors", "ErrorCode", /./],
  ])) {
    const types = readFileSync(join(consumer, `node_modules/edge-credentials/pkg/types/${file}.d.ts`), "utf8");
    const [, comment] = new RegExp(`/\\*\\*((?:(?!\\*/).)*)\\*/\\nexport type ${name}\\b`, "s").exec(types) ?? [];
    assert.match(comment ?? "", sentence, `${name} has no such comment right before it`);
  }
});

for (const [module, moduleResolution] of [["node16", "node16"], ["nodenext", "nodenext"], ["esnext", "bundler"]]) {
  test(`its types serve TypeScript with moduleResolution ${moduleResolution}`, () => {
    writeFileSync(join(consumer, "use.ts"), TYPED_USE);
    const runtime = { target: "es2022", lib: ["es2022", "dom"], types: [] };
    const compilerOptions = { strict: true, noEmit: true, module, moduleResolution, ...runtime };
    writeFileSync(join(consumer, "tsconfig.json"), JSON.stringify({ files: ["use.ts"], compilerOptions }));
    run(consumer, process.execPath, join(root, "node_modules/typescript/bin/tsc"), "-p", ".");
  });
}

const USE = `
import { AuthError, buildTokenRequest, isExpired, parseTokenResponse } from "edge-credentials";

const client = { tokenEndpoint: "https://idp.example/token", clientId: "service", clientSecret: "s" };
const { method, url } = buildTokenRequest(client);
const headers = { "content-type": "application/json" };
const body = JSON.stringify({ access_token: "abc", token_type: "Bearer", expires_in: 3600 });
const token = parseTokenResponse({ status: 200, headers, body }, { requestedAt: 1_000 });
const expired = [isExpired(token, { now: 2_000 }), isExpired(token, { now: 3_602_000 })];
try {
  parseTokenResponse({ status: 401, headers, body: '{"error":"invalid_client"}' }, { requestedAt: 1_000 });
} catch (error) {
  if (!(error instanceof AuthError)) throw error;
  console.log(JSON.stringify({ method, url, accessToken: token.accessToken, expired, code: error.code }));
}
`;

const TYPED_USE = `
import { AuthError, authorizationHeader, buildMetadataRequest, buildTokenRequest, isExpired } from "edge-credentials";
import { parseMetadataResponse, parseTokenResponse, timeLeft, tokenSource, toRequest, zitadel } from "edge-credentials";
import type { SourceEvent, TokenSource, TokenSourceOptions, WaitOptions } from "edge-credentials";
import type { ErrorClass, ErrorCode, Metadata, RequestData, ResponseData, Token, TokenRequestOptions, WellKnown } from "edge-credentials";

const client: TokenRequestOptions = { tokenEndpoint: "https://idp.example/token", clientId: "a", clientSecret: "b" };
const request: RequestData = buildTokenRequest({ ...client, scope: [zitadel.scopes.api()] });
const standard: Request = toRequest(request);
const response: ResponseData = { status: 200, headers: new Headers(), body: "{}" };
const token: Token = parseTokenResponse(response, { requestedAt: Date.now(), request });
const header: string = authorizationHeader(token);
const expired: boolean = isExpired(token, { now: 1, leeway: 2 });
timeLeft(token);
const wellKnown: WellKnown = "oauth-authorization-server";
const { url }: RequestData = buildMetadataRequest({ issuer: "https://idp.example", wellKnown });
const metadata: Metadata = parseMetadataResponse({ status: 200, body: "{}" }, { issuer: "https://idp.example" });
const endpoint: string | null = metadata.tokenEndpoint;
export const hint = (error: unknown): string | undefined => (error instanceof AuthError ? error.hint : undefined);
export const kind = ({ code, class: whose }: AuthError): [ErrorCode, ErrorClass] => [code, whose];
const onEvent = (event: SourceEvent) => event.type === "fail" && console.error(event.code, event.retryAt);
const options: TokenSourceOptions = { issuer: "https://idp.example", clientId: "a", clientSecret: async () => "b", onEvent };
const source: TokenSource = tokenSource(options);
const wait: WaitOptions = { signal: AbortSignal.timeout(1) };
export const answer = async (): Promise<[Token, string, Response]> => [await source.get(wait), await source.authorization(), await source.fetch(new URL("https://idp.example"), { method: "POST" })];
source.reject(token);
// @ts-expect-error the secret is missing
tokenSource({ issuer: "https://idp.example", clientId: "a" });
export { endpoint, expired, header, standard, url };

// @ts-expect-error the secret is missing
buildTokenRequest({ tokenEndpoint: "https://idp.example/token", clientId: "a" });
// @ts-expect-error no such option
buildTokenRequest({ ...client, scopes: "openid" });
// @ts-expect-error a whole Response has to be read first
parseTokenResponse(new Response(), { requestedAt: 1 });
// @ts-expect-error milliseconds, not a Date
isExpired(token, { now: new Date() });
// @ts-expect-error a Worker has no such thing, and the types must not bring it
process.exit();
`;

function tarball() {
  return join(folder, packed.filename);
}

/** @type {(cwd: string, command: string, ...args: string[]) => string} */
function run(cwd, command, ...args) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: "utf8" });
  if (error) throw error;
  assert.equal(status, 0, `${command} ${args.join(" ")} failed:\n${stdout}${stderr}`);
  return stdout;
}
