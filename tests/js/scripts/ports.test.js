// @ts-check
// Ports that cannot be had: one sentence, whenever it turns out.
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after, before } from "node:test";
import { choosePort } from "../../../scripts/ports.js";
import { Stop } from "../../../scripts/run.js";
import { startWorkerd } from "../../../scripts/workerd/workerd.js";
import { startProvider } from "../../../www/server/provider.js";

const taken = createServer();
/** @type {number} */
let port;
before(async () => {
  await once(taken.listen(0, "127.0.0.1"), "listening");
  port = /** @type {import("node:net").AddressInfo} */ (taken.address()).port;
});
after(() => taken.close());

test("a port is a number from 0 to 65535", async (t) => {
  t.after(() => {
    delete process.env.PORT;
  });
  for (const asked of ["65536", "-1", "1.5", "1e3", "0x50", " 80", "http"]) {
    process.env.PORT = asked;
    await assert.rejects(
      choosePort("PORT", 0),
      stop(`PORT must be a port number up to 65535, not \`${asked}\``),
    );
  }
  process.env.PORT = "0";
  assert.equal(await choosePort("PORT", port), 0);
  process.env.PORT = "";
  assert.equal(await choosePort("PORT", 0), 0, "an empty variable is none");
});

test("in use when it is chosen", async () => {
  await assert.rejects(choosePort("UNSET_PORT", port), inUse("UNSET_PORT"));
});

test("in use when the provider starts", async () => {
  await assert.rejects(startProvider({ port }), inUse("PORT"));
});

test("in use when workerd starts", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "edge-credentials-ports-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "worker.js");
  writeFileSync(path, "export default {};");
  await assert.rejects(
    startWorkerd({ modules: [{ name: "worker.js", path, type: "esModule" }], port }),
    inUse("WORKER_PORT"),
  );
});

/** @param {string} variable */
function inUse(variable) {
  return stop(`port ${port} is in use: stop what listens there or set ${variable} to another port`);
}

/** @type {(message: string) => (error: unknown) => boolean} */
function stop(message) {
  return (error) => {
    assert.ok(error instanceof Stop, String(error));
    assert.equal(error.message, message);
    return true;
  };
}
