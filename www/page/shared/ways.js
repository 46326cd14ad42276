// @ts-check
// The two ways of a question to a server: from this browser, or through the page's Worker.
import { exchangesWith, membersOf } from "./exchange.js";

/** @typedef {"browser" | "worker"} Way */
/** @typedef {import("./exchange.js").Exchanges} Exchanges */
/** @typedef {import("../../server/page-server.js").Setting} Setting */
/**
 * @typedef {{ settings: Record<string, Setting>; origins: string[]; worker: boolean }} Settings as
 *   the page's server gives them
 */

/** @typedef {ReturnType<typeof createWays>} Ways */

/**
 * @type {(
 *   ec: import("./exchange.js").Package,
 *   settings: Settings,
 * ) => {
 *   reaches: (issuer: string) => boolean;
 *   hasWorker: boolean;
 *   usual: (issuer: string) => Way;
 *   ask: <N extends keyof Exchanges>(
 *     way: Way,
 *     name: N,
 *     question: Parameters<Exchanges[N]>[0],
 *   ) => Promise<Awaited<ReturnType<Exchanges[N]>>>;
 * }}
 */
export function createWays(ec, { origins, worker }) {
  const exchanges = exchangesWith(ec);
  /** Whether this page's Content-Security-Policy lets it ask there. */
  const reaches = (/** @type {string} */ issuer) =>
    URL.canParse(issuer) && origins.includes(new URL(issuer).origin);
  return {
    reaches,
    hasWorker: worker,
    usual: (issuer) => (reaches(issuer) || !worker ? "browser" : "worker"),
    /** @type {any} one signature for all of them is in the type above */
    ask(/** @type {Way} */ way, /** @type {keyof Exchanges} */ name, /** @type {any} */ question) {
      return way === "browser" ? exchanges[name](question) : askWorker(ec, name, question);
    },
  };
}

/**
 * @type {(
 *   ec: import("./exchange.js").Package,
 *   name: string,
 *   question: object,
 * ) => Promise<object>}
 */
async function askWorker(ec, name, question) {
  const sent = {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(question),
  };
  const response = await fetch(`/worker/${name}`, sent).catch(() => undefined);
  if (response?.ok) return response.json();

  const why = response ? (await response.text()).trim() : "no answer";
  const error = new ec.AuthError({
    code: "network_failed",
    category: "unavailable",
    message: `the page's Worker cannot be asked: ${why}`,
    hint: "is `npm start` still running?",
  });
  return { error: membersOf(error) };
}
