// @ts-check
// `npm start`, as a person runs it.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { tokenSource } from "edge-credentials";
import { startProvider } from "../../../www/server/provider.js";
import { startZitadel } from "../support/zitadel/server.js";

const PROGRAM = fileURLToPath(new URL("../../../scripts/demo/start.js", import.meta.url));
const STEPS = [
  "1  Discovery",
  "2  Token request",
  "3  Answer",
  "4  Expiry",
  "5  The same in the Worker",
  "6  The Worker as an API",
];

/** @type {Awaited<ReturnType<typeof startZitadel>>} */
let zitadel;
/** @type {Awaited<ReturnType<typeof startProvider>>} */
let demo;
before(async () => {
  [zitadel, demo] = await Promise.all([startZitadel(), startProvider()]);
  await demo.stop();
});
after(() => zitadel.stop());

test("--once walks through every step with the embedded provider and ends", async () => {
  const { code, output } = await run(["--once"]);
  assert.equal(code, 0, output);
  assert.match(output, /^\nWhat you will see\n +server +an identity provider that runs here/);
  for (const title of STEPS) assert.ok(output.includes(`\n${title}\n`), title);
  for (const line of [
    /authorization +Basic \*{4}\n/,
    /token +opaque, 104 characters\n/,
    /expires +[\d-]{10} [\d:]{8}, in 12 h 0 min\n/,
    /fresh +yes\n/,
    /the API answers +200\n/,
    /its token +the one it had\n/,
  ]) {
    assert.match(output, line);
  }
  assert.match(output, /body +grant_type=client_credentials&scope=openid\+profile\+/);
  assert.doesNotMatch(output, /failed|skipped|oidc-provider|warning/i);
  assertDiscreet(output, demo);
});

test("against a server of one's own", async () => {
  const { issuer, requests, state } = zitadel;
  requests.length = 0;
  const { code, output } = await run(["--once"], own());
  assert.equal(code, 0, output);
  assert.match(output, /scope +not said by the server\n/);
  assert.ok(output.includes(issuer) && output.includes(state.clientId.split(" ")[0]));
  assert.equal(
    requests.filter(({ path }) => path === "/oauth/v2/token").length,
    2,
    "one token by hand, one in the Worker, kept for its second call",
  );
  assertDiscreet(output, state);
});

test("against a server that has its metadata at RFC 8414's path", async () => {
  const { issuer, tokenEndpoint } = zitadel;
  const openid = "/.well-known/openid-configuration";
  const rfc8414 = "/.well-known/oauth-authorization-server";
  const answers = [
    { path: openid, status: 404 },
    { path: rfc8414, body: { issuer, token_endpoint: tokenEndpoint } },
  ];
  // Once by hand, once in the Worker.
  zitadel.script(...answers, ...answers);
  const { code, output } = await run(["--once"], own());
  assert.equal(code, 0, output);
  assert.match(
    output,
    new RegExp(
      `GET +${issuer}${openid}\n +answer +404 .*\n +GET +${issuer}${rfc8414}\n +answer +200 `,
    ),
  );
});

test("a wrong secret: why and what to do, by hand and in the Worker; not zero", async () => {
  const clientSecret = "wrong canary: %+&";
  const { code, output } = await run(["--once"], { ...own(), CLIENT_SECRET: clientSecret });
  assert.equal(code, 1, output);
  assert.equal(output.match(/failed +the client secret is wrong\b/g)?.length, 2, output);
  assert.match(
    output,
    /the server says +invalid_request: Errors\.User\.Machine\.Secret\.Invalid\n/,
  );
  assert.match(output, /what to do +\S/);
  assert.match(output, /4 {2}Expiry\n +skipped/);
  assert.match(output, /\n2 of 5 steps failed, 1 skipped\n$/);
  assertDiscreet(output, { clientId: zitadel.state.clientId, clientSecret });
});

test("the Worker as an API without its scopes: says which are missing, and takes the token with them", async () => {
  const { application, projectId, grants } = zitadel.state;
  grants[projectId].writer = { 1: "acme.localhost" };
  const api = {
    ...own(),
    PROJECT_ID: projectId,
    API_CLIENT_ID: application.clientId,
    API_CLIENT_SECRET: application.clientSecret,
  };
  const missing = [
    `urn:zitadel:iam:org:project:id:${projectId}:aud`,
    "urn:zitadel:iam:org:projects:roles",
  ];
  for (const environment of [api, { ...api, AUDIENCE: projectId }]) {
    const { code, output } = await run(["--once"], environment);
    assert.equal(code, 1, output);
    assert.match(output, /failed +the Worker should have taken the token: Bearer .*invalid_token/);
    const words = output.replaceAll(/\s+/g, " ");
    assert.ok(words.includes(`; SCOPE lacks ${missing.join(" and ")}: set it to "`), output);
    const [, scope] = /set it to "([^"]+)"/.exec(words) ?? [];
    const again = await run(["--once"], { ...environment, SCOPE: scope });
    assert.equal(again.code, 0, again.output);
  }
});

test("a server that does not answer", async () => {
  const issuer = `http://127.0.0.1:${await freePort()}`;
  const { code, output } = await run(["--once"], { ...own(), ISSUER: issuer });
  assert.equal(code, 1);
  assert.match(output, new RegExp(`failed +no answer from ${issuer}: ECONNREFUSED\n`));
  assert.match(output, /failed +the issuer at http:\/\/127\.0\.0\.1:\d+ cannot be reached\n/);
  assert.match(output, /\n2 of 5 steps failed, 3 skipped\n$/);
});

test("a port in use", async () => {
  const { server, port } = await listen();
  for (const variable of ["PORT", "WORKER_PORT", "PAGE_PORT"]) {
    const { code, output } = await run([], { [variable]: String(port) });
    assert.equal(code, 1);
    assert.equal(
      output,
      `error: port ${port} is in use: stop what listens there or set ${variable} to another port\n`,
    );
  }
  server.close();
});

test("one port for two", async () => {
  const port = String(await freePort());
  for (const [one, other] of [
    ["PORT", "WORKER_PORT"],
    ["PORT", "PAGE_PORT"],
    ["WORKER_PORT", "PAGE_PORT"],
  ]) {
    const sentence = `${one} and ${other} are both ${port}: set one of them to another port`;
    assert.deepEqual(await run([], { [one]: port, [other]: port }), {
      code: 1,
      output: `error: ${sentence}\n`,
    });
  }
});

test("--once has no page, and does not mind who has its port", async () => {
  const { server, port } = await listen();
  const { code, output } = await run(["--once"], { PAGE_PORT: String(port) });
  server.close();
  assert.equal(code, 0, output);
  assert.doesNotMatch(output, /test page/);
});

test("what cannot be meant is refused in one sentence, before anything is started", async () => {
  const together =
    "set ISSUER, CLIENT_ID and CLIENT_SECRET for a server of your own, " +
    "none of them for the embedded provider";
  /** @type {{ args?: string[]; env?: Record<string, string>; sentence: string }[]} */
  const rows = [
    {
      env: { ISSUER: zitadel.issuer, CLIENT_SECRET: "canary" },
      sentence: `CLIENT_ID is not set: ${together}`,
    },
    {
      env: { ISSUER: zitadel.issuer, CLIENT_SECRET: "" },
      sentence: `CLIENT_ID and CLIENT_SECRET are not set: ${together}`,
    },
    {
      env: { ...own(), ISSUER: "acme.zitadel.cloud" },
      sentence: "ISSUER is no absolute address: write it out, such as https://acme.zitadel.cloud",
    },
    {
      env: { ...own(), API_URL: "api.example" },
      sentence: "API_URL is no absolute address: write it out, such as https://acme.zitadel.cloud",
    },
    {
      env: { PORT: "http" },
      sentence: "PORT must be a port number up to 65535, not `http`",
    },
    {
      args: ["--onse"],
      sentence: "usage: npm start [-- --once]",
    },
  ];
  for (const { args = [], env = {}, sentence } of rows)
    assert.deepEqual(await run(args, env), { code: 1, output: `error: ${sentence}\n` });
});

test("Ctrl-C stops everything", async () => {
  const { child, ended } = launch([], {});
  const seen = await until(child, /export API_CLIENT_SECRET=.*\n/);
  assertSettings(seen);
  const issuer = /issuer +(\S+)\n/.exec(seen)?.[1] ?? assert.fail(seen);
  const keyFile = /key file +(\S+)\n/.exec(seen)?.[1] ?? assert.fail(seen);
  const source = tokenSource({ issuer, key: readFileSync(keyFile, "utf8"), scope: "openid" });
  assert.equal((await source.get()).tokenType, "Bearer");
  const worker = /Worker +(http\S+)\n/.exec(seen)?.[1] ?? assert.fail(seen);
  const page = /test page +(http\S+)\n/.exec(seen)?.[1] ?? assert.fail(seen);
  assert.equal((await fetch(worker)).status, 200);
  assert.match(await (await fetch(page)).text(), /<title>edge-credentials/);
  assert.ok(
    seen.includes(`\nAddresses\n   test page       ${page}\n`),
    "the page's is the first of the addresses",
  );
  const { settings, worker: hasWorker } = /** @type {any} */ (
    await (await fetch(`${page}settings.json`)).json()
  );
  assert.equal(settings["embedded provider"].issuer, issuer);
  assert.equal(hasWorker, true);
  assert.equal((await fetch(`${worker}favicon.ico`)).status, 404);
  child.kill("SIGINT");
  assert.equal((await ended).code, 0);
  assert.equal(existsSync(keyFile), false);
  for (const url of [issuer, worker, page])
    await assert.rejects(fetch(url), TypeError, `${url} is still there`);
});

test("a failed walk says so and stays; the page knows the server, not its secret", async () => {
  const { child, ended } = launch([], { ...own(), CLIENT_SECRET: "wrong canary" });
  const seen = await until(child, /stop +Ctrl-C\n/);
  assert.match(seen, /\n2 of 5 steps failed, 1 skipped\n\nAddresses\n/);
  const page = /test page +(http\S+)\n/.exec(seen)?.[1] ?? assert.fail(seen);
  const text = await (await fetch(`${page}settings.json`)).text();
  assert.deepEqual(JSON.parse(text).settings["your server"], {
    issuer: own().ISSUER,
    clientId: own().CLIENT_ID,
  });
  assert.doesNotMatch(text, /wrong canary/);
  child.kill("SIGINT");
  assert.equal((await ended).code, 0);
});

for (const [args, expected] of /** @type {[string[], number][]} */ ([
  [[], 0],
  [["--once"], 130],
])) {
  const command = ["npm start", ...args].join(" ");
  test(`a reader that stops early ends it quietly: ${command} | head`, async () => {
    const { child, ended } = launch(args, {});
    const issuer =
      /GET +(http.*)\/\.well-known/.exec(await until(child, /GET .*\n/))?.[1] ??
      assert.fail("no issuer");
    child.stdout?.destroy();
    const { code, output } = await ended;
    assert.equal(code, expected);
    assert.doesNotMatch(output, /EPIPE|Error/);
    await assert.rejects(fetch(issuer), TypeError, `${issuer} is still there`);
  });
}

function own() {
  const { issuer, state } = zitadel;
  return { ISSUER: issuer, CLIENT_ID: state.clientId, CLIENT_SECRET: state.clientSecret };
}

/** @type {(output: string, credentials: { clientId: string; clientSecret: string }) => void} */
function assertDiscreet(output, { clientId, clientSecret }) {
  const encoded = [clientId, clientSecret].map((value) =>
    new URLSearchParams({ "": value }).toString().slice(1),
  );
  const secrets = [
    clientSecret,
    encoded[1],
    encodeURIComponent(clientSecret),
    Buffer.from(encoded.join(":")).toString("base64"),
  ];
  for (const secret of secrets) assert.ok(!output.includes(secret), "the secret is printed");
  assert.doesNotMatch(output, /[\w-]{70}/, "a token is printed");
}

/**
 * What is printed for a shell is what the provider knows, once a shell has read it.
 *
 * @param {string} output
 */
function assertSettings(output) {
  const lines = output.match(/^ +export .*$/gm) ?? [];
  const shown = 'echo "$CLIENT_ID|$CLIENT_SECRET|$AUDIENCE|$API_CLIENT_SECRET"';
  const read = spawnSync("sh", ["-c", [...lines, shown].join("\n")], { encoding: "utf8" }).stdout;
  const { clientId, clientSecret, projectId, apiClient } = demo;
  assert.equal(read, `${[clientId, clientSecret, projectId, apiClient.clientSecret].join("|")}\n`);
  assert.doesNotMatch(output, /\.js\b/, "nobody is sent into a source file");
}

/**
 * @type {(
 *   args: string[],
 *   env?: Record<string, string>,
 * ) => Promise<{ code: number | null; output: string }>}
 */
function run(args, env = {}) {
  return launch(args, env).ended;
}

/**
 * @type {(
 *   args: string[],
 *   env: Record<string, string>,
 * ) => {
 *   child: import("node:child_process").ChildProcess;
 *   ended: Promise<{ code: number | null; output: string }>;
 * }}
 */
function launch(args, env) {
  const inherited = { ...process.env };
  for (const name of ["ISSUER", "CLIENT_ID", "CLIENT_SECRET", "API_URL", "SCOPE"])
    delete inherited[name];
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    env: { ...inherited, PORT: "0", WORKER_PORT: "0", PAGE_PORT: "0", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text) => {
      output += text;
    });
  return { child, ended: once(child, "close").then(([code]) => ({ code, output })) };
}

/**
 * @type {(
 *   child: import("node:child_process").ChildProcess,
 *   pattern: RegExp,
 * ) => Promise<string>}
 */
async function until(child, pattern) {
  let seen = "";
  for await (const text of child.stdout ?? []) {
    seen += text;
    if (pattern.test(seen)) return seen;
  }
  return assert.fail(`ended before ${pattern}:\n${seen}`);
}

async function listen() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, port: /** @type {import("node:net").AddressInfo} */ (server.address()).port };
}

async function freePort() {
  const { server, port } = await listen();
  server.close();
  return port;
}
