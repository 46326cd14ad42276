// @ts-check
// A token verifier for a test that holds the time, and its issuer: a server that is a function, and
// signs what a test wants.
import { createHash, randomUUID } from "node:crypto";
import { tokenVerifier } from "edge-credentials";
import { takeTime } from "./clock.js";
import { base64url, jwt, makeKey } from "./jwt.js";
import { respond } from "./responses.js";

/** @typedef {import("edge-credentials").TokenVerifierOptions} Options */
/** @typedef {import("./responses.js").Answer} Answer */
/** @typedef {{ path: string; body: string; headers: Headers; at: number }} Recorded */

export const ISSUER = "https://idp.example";
export const AUDIENCE = "317905284016571148";
export const PROJECT = AUDIENCE;
/** The API's credentials at the introspection endpoint. */
export const CLIENT = { clientId: "317905284016440075", clientSecret: "s%cret" };

const KEYS_PATH = "/oauth/v2/keys";
const INTROSPECTION_PATH = "/oauth/v2/introspect";
const METADATA_PATH = "/.well-known/openid-configuration";

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
export function verifierFixture(t, options = {}) {
  takeTime(t);

  /** @type {import("edge-credentials").SourceEvent[]} */
  const events = [];
  const server = startIssuer();
  const verifier = tokenVerifier({
    issuer: ISSUER,
    audience: AUDIENCE,
    fetch: server.fetch,
    onEvent: (event) => events.push(event),
    ...options,
  });
  return { verifier, events, server, requests: server.requests };
}

/** Metadata, keys and introspection. */
function startIssuer() {
  const key = makeKey();
  /** @type {Recorded[]} */
  const requests = [];

  const server = {
    requests,
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
    introspect(token) {
      const claims = server.active.get(token);
      return { body: claims ? { active: true, ...claims } : { active: false } };
    },
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
    jwt(changes, header) {
      const { alg, kid } = server.key;
      return jwt(server.key, claimsOf(changes), { alg, kid, typ: "JWT", ...header });
    },
    /**
     * An opaque token that is good.
     *
     * @param {Record<string, unknown>} [changes]
     */
    opaque(changes) {
      const token = base64url(createHash("sha512").update(randomUUID()).digest());
      const claims = { token_type: "Bearer", scope: "openid read", username: "edge", ...changes };
      server.active.set(token, claimsOf(claims));
      return token;
    },
    /** Another key takes the place of the last one. */
    rotate() {
      server.key = makeKey();
      server.keys = { keys: [server.key.jwk] };
      return server.key;
    },

    /** @type {(url: string, init: RequestInit) => Promise<Response>} */
    async fetch(url, init) {
      const path = new URL(url).pathname;
      const body = String(init.body ?? "");
      requests.push({ path, body, headers: new Headers(init.headers), at: Date.now() });

      const scripted = server.script[path]?.shift() ?? server.always;
      return respond(scripted ?? ordinary(path, body), init);
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

    if (path === KEYS_PATH) {
      const { keys, cacheControl } = server;
      return cacheControl === undefined
        ? { body: keys }
        : { body: keys, headers: { "cache-control": cacheControl } };
    }

    if (path === INTROSPECTION_PATH)
      return server.introspect(new URLSearchParams(body).get("token") ?? "");

    return { status: 404, body: "" };
  }

  return server;
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
