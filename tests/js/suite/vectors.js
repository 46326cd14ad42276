// @ts-check
// The vectors that Rust runs as well (tests/rust/vectors.rs): requests, answers, expiry, error
// texts word for word.
import { equal, ok } from "./assert.js";
import { keyVectors, OF_THE_CRATE } from "./key-vectors.js";

const REQUESTED_AT = 1_700_000_000_000;
const NOW = REQUESTED_AT + 500;

/** @type {import("./index.js").Suite} */
export function vectors({ ec, vectors }) {
  /** @type {Record<string, (given: any) => unknown>} */
  const runs = {
    form_encoding: ({ text }) => {
      const options = {
        tokenEndpoint: "https://idp.example/token",
        clientId: "a",
        clientSecret: "b",
        params: { x: text },
      };
      return { encoded: ec.buildTokenRequest(options).body?.split("=").at(-1) };
    },
    token_request: ({ options }) => ({ request: inAnyRuntime(ec.buildTokenRequest(options)) }),
    token_response: ({ response }) => ({
      token: ec.parseTokenResponse(unfold(response), { requestedAt: REQUESTED_AT, now: NOW }),
    }),
    expiry: (given) => ({
      isExpired: ec.isExpired(given, pick(given, "now", "leeway")),
      timeLeft: ec.timeLeft(given, pick(given, "now")),
    }),
    metadata_request: ({ options }) => ({
      request: inAnyRuntime(ec.buildMetadataRequest(options)),
    }),
    metadata_response: ({ response, context }) => {
      const { document, ...metadata } = ec.parseMetadataResponse(unfold(response), {
        ...context,
        now: NOW,
      });
      equal(document, JSON.parse(response.body), "the document");
      return { metadata };
    },
    ...keyVectors(ec),
  };
  equal(Object.keys(vectors).sort(), Object.keys(runs).sort(), "the files of tests/vectors");
  return Object.entries(runs).flatMap(([file, run]) =>
    vectors[file].cases
      .filter(({ error }) => !OF_THE_CRATE.test(error?.message))
      .map((given, index) => ({
        name: `${file}: ${given.name ?? `${given.source} (${index})`}`,
        run: () => judge(ec, given, run),
      })),
  );
}

/**
 * @type {(
 *   ec: import("./index.js").Package,
 *   given: any,
 *   run: (given: any) => any,
 * ) => Promise<void>}
 */
async function judge(ec, given, run) {
  let outcome;
  try {
    outcome = await run(given);
  } catch (error) {
    if (!(error instanceof ec.AuthError)) throw error;
    const { name, ...shown } = error.toJSON();
    equal(shown, { retryable: false, ...given.error }, "the error");
    return;
  }
  ok(!given.error, `expected ${given.error?.code}, got ${JSON.stringify(outcome)}`);
  for (const [member, value] of Object.entries(outcome)) {
    // JSON has no Infinity, and `null` stands for it in the one place where it occurs.
    equal(value, member === "timeLeft" ? (given[member] ?? Infinity) : given[member], member);
  }
}

/**
 * A request without what only some runtimes take.
 *
 * @param {import("edge-credentials").RequestData} request
 */
function inAnyRuntime({ cache, ...request }) {
  return request;
}

/**
 * A body too long to be written down is `{repeat, times}`.
 *
 * @param {any} response
 */
function unfold({ body, ...rest }) {
  return { ...rest, body: typeof body === "string" ? body : body.repeat.repeat(body.times) };
}

/** @type {(from: any, ...names: string[]) => any} */
function pick(from, ...names) {
  return Object.fromEntries(names.filter((name) => name in from).map((name) => [name, from[name]]));
}
