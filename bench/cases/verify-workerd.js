// @ts-check
// What it takes to verify JWTs that were not seen before, in workerd.
import { Stop, temporaryFolder } from "../../scripts/run.js";
import { bundleWorker, startWorkerd } from "../../scripts/workerd/workerd.js";
import { ratioTarget, timesTable } from "../report/report.js";
import { ALGORITHMS, checkVerifier, makeKey, makeToken } from "../support/issuer.js";
import { callsOf, interleave, minus, ratios } from "../support/measure.js";

/** Our time over jose's, at most. */
const TARGET = 1;
const ABOUT =
  "As in Node, in a Worker in workerd, whose clock stands still while it works. So it is sent " +
  "many tokens at once, each another one, and the time is its caller's, from the request to the " +
  "answer, divided by their number. Subtracted, round by round, is what the same request takes " +
  "when no token in it is verified.";

/** @typedef {import("../../scripts/workerd/workerd.js").WorkerModule} WorkerModule */
/** @typedef {import("../support/issuer.js").Algorithm} Algorithm */
/** @typedef {{ rounds: number; warmUp: number; tokens: number }} Plan `tokens`: in each request */
/** @typedef {"ours" | "jose" | "none"} Path */

/** @type {import("../report/report.js").Case["run"]} */
export async function run({ isQuick }) {
  const plan = isQuick
    ? { rounds: 2, warmUp: 1, tokens: 10 }
    : { rounds: 21, warmUp: 3, tokens: 100 };
  const { path: outdir, remove } = temporaryFolder("verify");
  const tables = [];
  /** @type {import("../report/report.js").Target[]} */
  const targets = [];

  try {
    const modules = await bundleWorker({ entry: "bench/verify/worker.js", outdir, minify: true });
    for (const algorithm of ALGORITHMS) {
      const times = await measure(algorithm, modules, plan);
      const names = { ours: `${algorithm}: edge-credentials`, jose: `${algorithm}: jose` };
      tables.push(timesTable(times, { names, over: { "over jose": "jose" } }));
      const ratio = ratios(times.ours, times.jose);
      targets.push(ratioTarget(`first JWT over jose, workerd, ${algorithm}`, ratio, TARGET));
    }
  } finally {
    remove();
  }
  return { title: "JWTs not seen before, in workerd", about: ABOUT, tables, targets };
}

/**
 * @type {(
 *   algorithm: Algorithm,
 *   modules: WorkerModule[],
 *   plan: Plan,
 * ) => Promise<Record<"ours" | "jose", number[]>>}
 */
async function measure(algorithm, modules, { rounds, warmUp, tokens }) {
  const key = makeKey(algorithm);
  const { url, stop } = await startWorkerd({ modules, bindings: { KEY: key.jwk } });
  try {
    await checkVerifier("edge-credentials", (token) => claimsOf(`${url}/ours`, token), key);
    await checkVerifier("jose", (token) => claimsOf(`${url}/jose`, token), key);

    // A request is one call: many tokens are in it.
    const requests = { rounds, warmUp, calls: 1 };
    const bodies = Array.from({ length: callsOf(requests) }, () =>
      Array.from({ length: tokens }, () => makeToken(key)).join("\n"),
    );
    /** @type {Record<Path, number>} */
    const next = { ours: 0, jose: 0, none: 0 };
    const send = async (/** @type {Path} */ path) => {
      const body = bodies[next[path]];
      next[path] += 1;
      const response = await fetch(`${url}/${path}`, { method: "POST", body });
      const count = await response.text();
      if (count !== String(tokens))
        throw new Stop(`${path} did not verify ${tokens} tokens in workerd: ${count}`);
    };

    const times = await interleave(
      { ours: () => send("ours"), jose: () => send("jose"), none: () => send("none") },
      requests,
    );
    const each = (/** @type {number[]} */ all) =>
      minus(all, times.none).map((time) => time / tokens);
    return { ours: each(times.ours), jose: each(times.jose) };
  } finally {
    await stop();
  }
}

/**
 * @param {string} url
 * @param {string} token
 * @returns {Promise<Record<string, unknown>>}
 */
async function claimsOf(url, token) {
  const response = await fetch(`${url}?claims`, { method: "POST", body: token });
  const { claims, code } = /** @type {any} */ (await response.json());
  if (claims) return claims;
  throw Object.assign(new Error("the Worker refused the token"), { code });
}
