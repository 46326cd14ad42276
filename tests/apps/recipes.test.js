// @ts-check
// The blocks of docs/recipes/servers.md with their frameworks and the packed package.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { after } from "node:test";
import { pathToFileURL } from "node:url";
import { tokenSource, zitadel } from "../../pkg/dist/esm/inline.js";
import { apps } from "../../scripts/setup/apps.js";
import { startProvider } from "../../www/server/provider.js";
import { blocksOf } from "../js/support/docs.js";
import { listening, versionOf } from "./child.js";

const FOLDER = join(apps, "recipes");
const sections = blocksOf("docs/recipes/servers.md");
for (const { name, code } of [...sections.values()].flat()) writeFileSync(join(FOLDER, name), code);
// As protoc-gen-es makes it: `rpc GetCaller(Empty) returns (StringValue)` of an `OrdersService`.
writeFileSync(
  join(FOLDER, "orders_pb.js"),
  `import { create, createFileRegistry } from "@bufbuild/protobuf";
import * as wkt from "@bufbuild/protobuf/wkt";
const { file_google_protobuf_empty: empty, file_google_protobuf_wrappers: wrappers } = wkt;
const proto = create(wkt.FileDescriptorProtoSchema, {
  name: "orders.proto",
  syntax: "proto3",
  dependency: [empty.proto.name, wrappers.proto.name],
  service: [{
    name: "OrdersService",
    method: [{
      name: "GetCaller",
      inputType: ".google.protobuf.Empty",
      outputType: ".google.protobuf.StringValue",
    }],
  }],
});
const files = { [empty.proto.name]: empty, [wrappers.proto.name]: wrappers };
const registry = createFileRegistry(proto, (name) => files[name]);
export const OrdersService = registry.getService("OrdersService");
`,
);

const provider = await startProvider();
after(provider.stop);
const { issuer, projectId, jwtClientId: clientId, clientSecret } = provider;
const SERVER = { ISSUER: issuer, PROJECT_ID: projectId };
const READER_SCOPE = ["openid", zitadel.scopes.audience(projectId)];
const SCOPE = [...READER_SCOPE, zitadel.scopes.roles()].join(" ");
const CLIENT = { ISSUER: issuer, CLIENT_ID: clientId, CLIENT_SECRET: clientSecret, SCOPE };

/** @type {(scope: string | string[]) => Promise<string>} the header of a token with this scope */
const authorization = (scope) =>
  tokenSource({ issuer, clientId, clientSecret, scope }).authorization();
const WRITER = await authorization(SCOPE);
const READER = await authorization(READER_SCOPE);

/**
 * Asks as a writer, as somebody without a role, with garbage, and without a token.
 *
 * @param {(headers: Record<string, string>) => Promise<Response>} ask
 */
async function assertProtected(ask) {
  const writer = await ask({ authorization: WRITER });
  const text = await writer.text();
  assert.equal(writer.status, 200, text);
  assert.ok(text.includes(clientId), text);

  for (const [headers, status, challenge] of /** @type {const} */ ([
    [{ authorization: READER }, 403, 'Bearer error="insufficient_scope"'],
    [{ authorization: "Bearer a.b.c" }, 401, 'Bearer error="invalid_token"'],
    [{}, 401, "Bearer"],
  ])) {
    const refused = await ask(headers);
    assert.equal(refused.status, status);
    assert.equal(refused.headers.get("www-authenticate"), challenge);
    assert.ok(!(await refused.text()).includes(clientId));
  }
}

/** @type {(name: string, env: Record<string, string>) => Promise<any>} */
function load(name, env) {
  Object.assign(process.env, env);
  return import(pathToFileURL(join(FOLDER, name)).href);
}

/** @param {string} name */
const title = (name) => `${name} ${versionOf(name, "recipes")}`;

test("each section with code is run here", () => {
  const first = ["The verifier", "Express", "Fastify", "Hono", "itty-router", "React Router"];
  assert.deepEqual([...sections.keys()], [...first, "tRPC", "GraphQL Yoga", "Connect"]);
});

for (const name of ["express", "fastify"]) {
  test(title(name), async (t) => {
    const url = await listening(t, `${name}.js`, SERVER);
    await assertProtected((headers) => fetch(`${url}/things`, { headers }));
  });
}

for (const name of ["hono", "itty-router"]) {
  test(title(name), async () => {
    const { default: app } = await load(`${name}.js`, SERVER);
    const ask = (/** @type {RequestInit} */ init) =>
      app.fetch(new Request("https://api.example/things", init));
    await assertProtected((headers) => ask({ headers }));
  });
}

test(title("react-router"), async () => {
  const things = await load("things.js", SERVER);
  const orders = await load("orders.js", { ...CLIENT, API_URL: `${issuer}/oauth/v2/keys` });
  // What the framework's build hands to its server; a route without a component is a resource.
  const routes = {
    things: { path: "things", module: things },
    orders: { path: "orders", module: orders },
  };
  writeFileSync(join(FOLDER, "router.js"), `export * from "react-router";`);
  const { createRequestHandler } = await load("router.js", {});
  const handle = createRequestHandler({
    entry: { module: {} },
    routes: Object.fromEntries(Object.entries(routes).map(([id, route]) => [id, { id, ...route }])),
    assets: { routes: {}, entry: {}, url: "", version: "" },
    future: {},
    basename: "/",
    publicPath: "/",
    ssr: true,
    isSpaMode: false,
    prerender: [],
    routeDiscovery: { mode: "initial" },
  });
  const ask = (/** @type {string} */ path, /** @type {RequestInit} */ init) =>
    handle(new Request(`https://api.example${path}`, init));
  await assertProtected((headers) => ask("/things", { headers }));
  assert.deepEqual(await (await ask("/orders", {})).json(), { status: 200 });
});

test(title("@trpc/server"), async (t) => {
  const url = await listening(t, "trpc.js", SERVER);
  const refused = await fetch(`${url}/things`);
  assert.equal(refused.status, 401);
  assert.doesNotMatch(await refused.text(), /authorization/);
  assert.equal((await fetch(`${url}/things`, { headers: { authorization: READER } })).status, 403);
  const { client } = await load("trpc-client.js", { ...CLIENT, API_URL: url });
  assert.deepEqual(await client.things.query(), { caller: clientId });
});

test(title("graphql-yoga"), async (t) => {
  const url = await listening(t, "yoga.js", SERVER);
  await assertProtected((headers) => fetch(`${url}/graphql?query={caller}`, { headers }));
});

test(title("@connectrpc/connect"), async (t) => {
  const url = await listening(t, "connect.js", SERVER);
  await assertProtected((headers) =>
    fetch(`${url}/OrdersService/GetCaller`, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: "{}",
    }),
  );
  const { client } = await load("connect-client.js", { ...CLIENT, API_URL: url });
  assert.equal((await client.getCaller({})).value, clientId);
});
