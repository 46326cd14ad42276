// @ts-check
// A world for a token verifier: an issuer whose keys sign what a test wants, a clock that the test moves, and a server that is a function.
import { createHash, randomUUID } from "node:crypto";
import { tokenVerifier } from "edge-credentials";
import { failure } from "./api.js";
import { base64url, jwt, makeKey } from "./jwt.js";
import { ISSUER, outcome, START, takeTime, watch } from "./source-world.js";

/** @typedef {import("edge-credentials").TokenVerifierOptions} Options */
/** @typedef {import("./source-world.js").Answer} Answer */
/** @typedef {{ path: string; body: string; headers: Headers; at: number }} Recorded */
/** @typedef {import("./jwt.js").Key} Key */

export { base64url, jwt, makeKey, signature } from "./jwt.js";
export { ISSUER };
export const AUDIENCE = "317905284016571148";
export const PROJECT = AUDIENCE;
export const CLIENT = { clientId: "317905284016440075", clientSecret: "s%cret" };
const [KEYS_PATH, INTROSPECTION_PATH, METADATA_PATH] = [
  "/oauth/v2/keys",
  "/oauth/v2/introspect",
  "/.well-known/openid-configuration",
];

/**
 * The claims of an access token of ZITADEL's, good for twelve hours.
 *
 * @param {Record<string, unknown>} [changes] `undefined` takes a claim away
 * @param {number} [now] ms
 */
export function claimsOf(changes, now = Date.now()) {
  const at = Math.floor(now / 1000);
  return {
    iss: ISSUER,
    sub: "317905284016374539",
    aud: ["317905284016440075@api", AUDIENCE],
    exp: at + 43_199,
    iat: at,
    nbf: at,
    client_id: "edge-worker",
    jti: "V2_1",
    ...changes,
  };
}

/**
 * @param {import("node:test").TestContext} t
 * @param {Partial<Options>} [options]
 */
export function issuer(t, options = {}) {
  takeTime(t);
  const key = makeKey();
  /** @type {Recorded[]} */
  const requests = [];
  /** @type {import("edge-credentials").SourceEvent[]} */
  const events = [];

  const it = {
    requests,
    events,
    key,
    /** What the issuer signs with, as it says. */
    keys: /** @type {unknown} */ ({ keys: [key.jwk] }),
    /** How long they may be kept, in `Cache-Control`. */
    cacheControl: /** @type {string | undefined} */ ("max-age=300"),
    /**
     * What the server says of a token.
     *
     * @type {(token: string) => Answer}
     */
    introspect: (token) => ({
      body: it.active.has(token) ? { active: true, ...it.active.get(token) } : { active: false },
    }),
    /**
     * The opaque tokens that are good, with what it says of each.
     *
     * @type {Map<string, Record<string, unknown>>}
     */
    active: new Map(),
    /**
     * Answers to come, by path.
     *
     * @type {Record<string, Answer[]>}
     */
    script: {},
    /**
     * For as long as it is set, the answer to everything.
     *
     * @type {Answer | undefined}
     */
    always: undefined,
    keyRequests: () => requests.filter(({ path }) => path === KEYS_PATH).length,
    introspections: () => requests.filter(({ path }) => path === INTROSPECTION_PATH).length,
    /**
     * A JWT of the issuer's.
     *
     * @param {Record<string, unknown>} [changes]
     * @param {Record<string, unknown>} [header]
     */
    jwt: (changes, header) =>
      jwt(it.key, claimsOf(changes), { alg: it.key.alg, kid: it.key.kid, typ: "JWT", ...header }),
    /**
     * An opaque token that is good.
     *
     * @param {Record<string, unknown>} [changes]
     */
    opaque(changes) {
      const token = base64url(createHash("sha512").update(randomUUID()).digest());
      it.active.set(
        token,
        claimsOf({ token_type: "Bearer", scope: "openid read", username: "edge", ...changes }),
      );
      return token;
    },
    /** Another key takes the place of the last one. */
    rotate() {
      it.key = makeKey();
      it.keys = { keys: [it.key.jwk] };
      return it.key;
    },

    /** @type {(url: string, init: RequestInit) => Promise<Response>} */
    async fetch(url, init) {
      const path = new URL(url).pathname;
      const body = String(init.body ?? "");
      requests.push({ path, body, headers: new Headers(init.headers), at: Date.now() });
      const answer = it.script[path]?.shift() ?? it.always ?? ordinary(path, body);
      const { status = 200, body: content, headers, delay = 0, fails, hangs } = answer;
      if (delay) await new Promise((done) => setTimeout(done, delay));
      if (hangs)
        await new Promise((_, reject) =>
          init.signal?.addEventListener("abort", () =>
            reject(new DOMException("aborted", "AbortError")),
          ),
        );
      if (fails) throw new TypeError("fetch failed", { cause: { code: "ECONNREFUSED" } });
      return new Response(typeof content === "string" ? content : JSON.stringify(content), {
        status,
        headers: { "content-type": "application/json", ...headers },
      });
    },
  };

  /** @type {(path: string, body: string) => Answer} */
  function ordinary(path, body) {
    if (path === METADATA_PATH)
      return {
        body: {
          issuer: ISSUER,
          jwks_uri: ISSUER + KEYS_PATH,
          introspection_endpoint: ISSUER + INTROSPECTION_PATH,
        },
      };
    if (path === KEYS_PATH)
      return {
        body: it.keys,
        headers: it.cacheControl === undefined ? {} : { "cache-control": it.cacheControl },
      };
    if (path === INTROSPECTION_PATH)
      return it.introspect(new URLSearchParams(body).get("token") ?? "");
    return { status: 404, body: "" };
  }

  const verifier = tokenVerifier({
    issuer: ISSUER,
    audience: AUDIENCE,
    fetch: it.fetch,
    onEvent: (event) => events.push(event),
    ...options,
  });
  return { it, verifier, requests, events };
}

/**
 * A request that carries a token.
 *
 * @param {string} token
 */
export function withToken(token) {
  return new Request("https://api.example/things", {
    headers: { authorization: `Bearer ${token}` },
  });
}

/**
 * What a promise comes to, with as much time as that takes.
 *
 * @template T
 * @param {Promise<T>} promise
 */
export async function settled(promise) {
  const watched = watch(promise);
  await outcome(watched);
  if (watched.error) throw watched.error;
  return /** @type {T} */ (watched.value);
}

/**
 * The error of what `run` gives, with as much time as that takes.
 *
 * @param {() => Promise<unknown>} run
 * @param {string} [code]
 */
export function fails(run, code) {
  return failure(() => settled(run()), code);
}

export { START };
