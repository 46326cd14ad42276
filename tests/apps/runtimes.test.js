// @ts-check
// The one suite on the packed package in every runtime. A runner fetches the context from a server
// here and posts its results.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join, sep } from "node:path";
import test, { after, describe } from "node:test";
import { apps, bunProgram, denoProgram } from "../../scripts/setup/apps.js";
import { nodeProgram, NODES } from "../../scripts/setup/nodes.js";
import { startContext } from "../js/support/servers/context.js";
import { run, versionOf } from "./child.js";

/** @typedef {import("../js/suite/run.js").Result} Result */
/** @typedef {{ name: string; command: string; args: string[] }} Runtime */
/** @typedef {import("./child.js").Outcome & { results: Result[]; seconds: number }} Report */

const MAJORS = /** @type {import("../../scripts/setup/nodes.js").Major[]} */ (
  Object.keys(NODES).map(Number)
);

const context = await startContext();
const { origin, received } = await startCollector();
const issuers = Object.values(context.servers).map(({ issuer }) => issuer);
const hosts = [origin, ...issuers].map((url) => new URL(url).host);

/** @type {Runtime[]} */
const runtimes = [
  ...MAJORS.flatMap((major) => [
    { name: `Node ${NODES[major]} by import`, command: nodeProgram(major), args: ["node.js"] },
    { name: `Node ${NODES[major]} by require`, command: nodeProgram(major), args: ["node.cjs"] },
  ]),
  { name: `Bun ${versionOf("bun")} by import`, command: bunProgram(), args: ["node.js"] },
  { name: `Bun ${versionOf("bun")} by require`, command: bunProgram(), args: ["node.cjs"] },
  {
    name: `Deno ${versionOf("deno")}`,
    command: denoProgram(),
    args: ["run", "--no-prompt", `--allow-net=${hosts}`, "deno.js"],
  },
  {
    name: `@edge-runtime/vm ${versionOf("@edge-runtime/vm")}`,
    command: nodeProgram(22),
    args: ["edge-host.js"],
  },
];
const reports = await Promise.all(runtimes.map(collect));
const onNode = reports[0].results.map(({ name }) => name);

// Not before everything is known: tests that are done while others are still to come would end the
// servers.
for (const [index, { name }] of runtimes.entries()) {
  const { code, stderr, results, seconds } = reports[index];
  describe(name, () => {
    test("it ends well and without a warning", (t) => {
      t.diagnostic(`${name}: ${results.length} cases, ${seconds.toFixed(1)} s beside the others`);
      assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    });
    test("it ran what Node ran", () => {
      const names = results.map(({ name }) => name);
      assert.deepEqual(names, onNode);
    });
    for (const { name, error } of results) test(name, () => assert.equal(error, undefined));
  });
}

test("the suite ran", () => assert.ok(onNode.length > 200, `${onNode.length} cases`));

test("what ran is the packed package", () => {
  const folder = join(apps, "node_modules/edge-credentials") + sep;
  const found = createRequire(join(apps, "runtimes/node.js")).resolve("edge-credentials");
  assert.ok(found.startsWith(folder), `edge-credentials is found at ${found}`);
});

const programs = [
  ...MAJORS.map((major) => ({ name: `Node ${major}`, program: nodeProgram(major) })),
  { name: "Bun", program: bunProgram() },
];
for (const { name, program } of programs) {
  test(`in ${name}, import and require share one instance`, async () => {
    const outcome = await run(program, ["one-instance.cjs"], { cwd: "runtimes" });
    assert.deepEqual(outcome, { code: 0, stdout: "[true,true]\n", stderr: "" });
  });
}

/** @type {(runtime: Runtime, index: number) => Promise<Report>} */
async function collect({ command, args }, index) {
  const started = Date.now();
  const outcome = await run(command, [...args, `${origin}/${index}`], { cwd: "runtimes" });
  return {
    ...outcome,
    seconds: (Date.now() - started) / 1000,
    results: received.get(`/${index}`) ?? [],
  };
}

async function startCollector() {
  /** @type {Map<string | undefined, Result[]>} */
  const received = new Map();
  const server = createServer(async (request, response) => {
    if (request.method === "GET") {
      response.end(JSON.stringify(context));
      return;
    }

    const chunks = await request.toArray();
    received.set(request.url, JSON.parse(Buffer.concat(chunks).toString("utf8")));
    response.end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  after(() => server.close());
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return { received, origin: `http://127.0.0.1:${port}` };
}
