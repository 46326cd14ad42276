// @ts-check
// Starts the test page's own Worker, www/page/page-worker.js.
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { root, temporaryFolder } from "../run.js";
import { bundleWorker, startWorkerd } from "../workerd/workerd.js";

/** On any free port: only the page's server has to know it, and what opens the Worker. */
export async function startPageWorker() {
  const { path: outdir, remove } = temporaryFolder("page-worker");
  try {
    const modules = await bundleWorker({ entry: join(root, "www/page/page-worker.js"), outdir });
    const pass = randomUUID();
    const { url, stop } = await startWorkerd({ modules, bindings: { PASS: pass } });
    return { url, pass, stop };
  } finally {
    remove();
  }
}
