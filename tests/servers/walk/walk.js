// @ts-check
// One walk for all servers.
import { buildMetadataRequest } from "edge-credentials";
import { assertions } from "./assertions.js";
import { discovery } from "./discovery.js";
import { introspection, revocation } from "./introspection.js";
import { logins } from "./logins.js";
import { otherTokens } from "./other-tokens.js";
import { rotation } from "./rotation.js";
import { startStep } from "./step.js";
import { verification } from "./verification.js";

/** @typedef {import("./types.js").Running} Running */
/** @typedef {import("./types.js").Case} Case */
/** @typedef {import("./types.js").Result} Result */

/**
 * @param {Running} running
 * @param {(name: string) => void} [tell] is told which case comes
 * @returns {Promise<Map<string, Result & { expected: string; known: boolean }>>} by the case's name
 */
export async function walk(running, tell = () => {}) {
  const nameOf = await endpointNames(running);
  const tokens = (await running.otherTokens?.()) ?? {};
  const results = new Map();
  for (const { name, expected, known = true, run } of casesOf(running, tokens)) {
    tell(name);
    const result = known ? await walkOne(running, nameOf, run) : { outcome: "", answers: [] };
    results.set(name, { expected, known, ...result });
  }
  return results;
}

/** @type {(running: Running, tokens: Record<string, string>) => Case[]} */
function casesOf(running, tokens) {
  return [
    ...discovery(running),
    ...logins(running),
    ...assertions(running),
    ...verification(running),
    ...introspection(running),
    ...revocation(running),
    ...otherTokens(running, tokens),
    ...rotation(running),
  ];
}

/**
 * @type {(
 *   running: Running,
 *   nameOf: (url: string) => string,
 *   run: Case["run"],
 * ) => Promise<Result>}
 */
async function walkOne(running, nameOf, run) {
  const { step, answers } = startStep(running, nameOf);
  try {
    return { outcome: await run(step), answers: folded(answers) };
  } catch (error) {
    return { outcome: `failed: ${reasonOf(error)}`, answers: folded(answers) };
  }
}

/** @param {unknown} error */
function reasonOf(error) {
  const { code, message, hint } = /** @type {any} */ (error);
  return [code, message, hint].filter(Boolean).join("; ");
}

/**
 * How often the same is asked while a server comes back differs from run to run.
 *
 * @param {string[]} answers
 */
function folded(answers) {
  return answers.filter((answer, index) => answer !== answers[index - 1]);
}

/** @type {(running: Running) => Promise<(url: string) => string>} */
async function endpointNames({ issuer, introspectionEndpoint }) {
  const { url } = buildMetadataRequest({ issuer });
  const response = await fetch(url);
  const metadata = response.ok ? await response.json() : {};
  const known = new Map([
    [metadata.token_endpoint, "token"],
    [metadata.introspection_endpoint, "introspection"],
    [metadata.revocation_endpoint, "revocation"],
    [metadata.jwks_uri, "keys"],
    [introspectionEndpoint, "introspection"],
  ]);
  return (asked) => known.get(asked) ?? "metadata";
}
