// @ts-check
// What a case works with: sources and verifiers of its own, whose requests are noted.
import { AuthError, tokenSource, tokenVerifier } from "edge-credentials";
import { observer } from "./observe.js";

/** @typedef {import("./types.js").Running} Running */
/** @typedef {import("./types.js").Step} Step */

const TIMEOUT = 20_000;
/** Makes options that are new each time, as the functions in them are. */
let made = 0;

/**
 * @param {Running} running
 * @param {(url: string) => string} nameOf
 * @returns {{ step: Step; answers: string[] }}
 */
export function startStep({ issuer }, nameOf) {
  const { answers, fetch } = observer(nameOf);
  // A `fetch` of its own makes a source of its own, and no answer is asked for twice.
  const usual = { issuer, fetch, retries: 0 };
  const options = (/** @type {object} */ more) => {
    made += 1;
    return { ...usual, timeout: TIMEOUT + made, ...more };
  };
  return {
    answers,
    step: {
      fetch,
      note: (line) => answers.push(line),
      source: (login) => tokenSource(/** @type {any} */ (options(login))),
      verifier: (more) => tokenVerifier(/** @type {any} */ (options(more))),
    },
  };
}

/**
 * How it went, in a word: what a promise gives, or the code of the error.
 *
 * @type {(promise: Promise<unknown>, word: string) => Promise<string>}
 */
export async function outcomeOf(promise, word) {
  try {
    await promise;
    return word;
  } catch (error) {
    if (!(error instanceof AuthError)) throw error;
    return error.code;
  }
}
