// @ts-check
// A token source of its own for a test that holds the time, and a server that is a function.
import { tokenSource } from "edge-credentials";
import { takeTime } from "./clock.js";
import { respond } from "./responses.js";

/** @typedef {import("edge-credentials").SecretSourceOptions} SecretSourceOptions */
/** @typedef {import("edge-credentials").KeySourceOptions} KeySourceOptions */
/** @typedef {SecretSourceOptions | KeySourceOptions} Options */
/** @typedef {import("./responses.js").Answer} Answer */
/** @typedef {{ path: string; body: string; headers: Headers; at: number }} Recorded */

export const ISSUER = "https://idp.example";
const TOKEN_PATH = "/token";
const METADATA_PATH = "/.well-known/openid-configuration";

let sources = 0;

/**
 * @param {import("node:test").TestContext} t
 * @param {Partial<Options>} [options]
 */
export function sourceFixture(t, options = {}) {
  takeTime(t);
  sources += 1;

  /** @type {import("edge-credentials").SourceEvent[]} */
  const events = [];
  const server = startServer();
  const client = { clientId: `client-${sources}`, clientSecret: "secret" };
  const source = tokenSource(
    /** @type {Options} */ ({
      ...(options.issuer ? {} : { tokenEndpoint: ISSUER + TOKEN_PATH }),
      ...("key" in options ? {} : client),
      fetch: server.fetch,
      onEvent: (/** @type {import("edge-credentials").SourceEvent} */ event) => events.push(event),
      ...options,
    }),
  );
  return { source, events, server, requests: server.requests, tokenRequests: server.tokenRequests };
}

/** Metadata and a token endpoint. */
function startServer() {
  /** @type {Recorded[]} */
  const requests = [];
  let issued = 0;

  const server = {
    requests,
    /** Seconds that tokens live. */
    expiresIn: /** @type {number | undefined} */ (3600),
    /**
     * Answers to come, then the ordinary ones.
     *
     * @type {Answer[]}
     */
    script: [],
    /**
     * For as long as it is set, the answer to everything.
     *
     * @type {Answer | undefined}
     */
    always: undefined,
    tokenRequests: () => requests.filter(({ path }) => path === TOKEN_PATH),

    /** @type {(url: string, init: RequestInit) => Promise<Response>} */
    async fetch(url, init) {
      const path = new URL(url).pathname;
      const body = String(init.body ?? "");
      requests.push({ path, body, headers: new Headers(init.headers), at: Date.now() });

      return respond(server.script.shift() ?? server.always ?? ordinary(path), init);
    },
  };

  /** @type {(path: string) => Answer} */
  function ordinary(path) {
    if (path === METADATA_PATH)
      return { body: { issuer: ISSUER, token_endpoint: ISSUER + TOKEN_PATH } };
    if (path !== TOKEN_PATH) return { status: 404, body: "" };

    issued += 1;
    return {
      body: {
        access_token: `token-${issued}`,
        token_type: "Bearer",
        expires_in: server.expiresIn,
      },
    };
  }

  return server;
}
