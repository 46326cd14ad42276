// @ts-check
// A world for a token source: a clock that the test moves, and a server that is a function.
import assert from "node:assert/strict";
import { mock } from "node:test";
import { AuthError, tokenSource } from "edge-credentials";

/** @typedef {import("edge-credentials").SecretSourceOptions | import("edge-credentials").KeySourceOptions} Options */
/**
 * @typedef {{
 *   status?: number;
 *   body?: unknown;
 *   headers?: Record<string, string>;
 *   delay?: number;
 *   fails?: boolean;
 *   hangs?: boolean;
 * }} Answer
 */
/** @typedef {{ path: string; body: string; headers: Headers; at: number }} Recorded */

export const START = Date.UTC(2026, 10, 24);
export const ISSUER = "https://idp.example";
const TOKEN_PATH = "/token";

let worlds = 0;
/** The clock, apart from the timers: it alone may jump. */
let clock = 0;
/**
 * Whose world it is: one test may have several.
 *
 * @type {import("node:test").TestContext | undefined}
 */
let owner;

/**
 * @param {import("node:test").TestContext} t
 * @param {Partial<Options>} [options]
 */
export function world(t, options = {}) {
  takeTime(t);
  worlds += 1;
  const number = worlds;
  /** @type {Recorded[]} */
  const requests = [];
  /** @type {import("edge-credentials").SourceEvent[]} */
  const events = [];
  let issued = 0;

  const it = {
    requests,
    events,
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
      requests.push({
        path,
        body: String(init.body ?? ""),
        headers: new Headers(init.headers),
        at: Date.now(),
      });
      const scripted = it.script.shift() ?? it.always ?? ordinary(path);
      const { status = 200, body, headers, delay = 0, fails, hangs } = scripted;
      if (delay) await new Promise((done) => setTimeout(done, delay));
      if (hangs)
        await new Promise((_, reject) =>
          init.signal?.addEventListener("abort", () =>
            reject(new DOMException("aborted", "AbortError")),
          ),
        );
      if (fails) throw new TypeError("fetch failed", { cause: { code: "ECONNREFUSED" } });
      return new Response(typeof body === "string" ? body : JSON.stringify(body), {
        status,
        headers: { "content-type": "application/json", ...headers },
      });
    },
  };

  /**
   * @param {string} path
   * @returns {Answer}
   */
  function ordinary(path) {
    if (path === "/.well-known/openid-configuration")
      return { body: { issuer: ISSUER, token_endpoint: ISSUER + TOKEN_PATH } };
    if (path !== TOKEN_PATH) return { status: 404, body: "" };
    issued += 1;
    return {
      body: { access_token: `token-${issued}`, token_type: "Bearer", expires_in: it.expiresIn },
    };
  }

  const client = { clientId: `client-${number}`, clientSecret: "secret" };
  const source = tokenSource(
    /** @type {Options} */ ({
      ...(options.issuer ? {} : { tokenEndpoint: ISSUER + TOKEN_PATH }),
      ...("key" in options ? {} : client),
      fetch: it.fetch,
      onEvent: (/** @type {import("edge-credentials").SourceEvent} */ event) => events.push(event),
      ...options,
    }),
  );
  return { requests, events, tokenRequests: it.tokenRequests, it, source };
}

/**
 * Clock and timers are the test's from now on.
 *
 * @param {import("node:test").TestContext} t
 */
export function takeTime(t) {
  if (owner === t) return;
  [owner, clock] = [t, START];
  mock.timers.enable({ apis: ["setTimeout"] });
  const { mock: now } = mock.method(Date, "now", () => clock);
  t.after(() => {
    mock.timers.reset();
    now.restore();
  });
}

/**
 * What takes time of this world's, which the clock of a test must not overtake.
 *
 * @type {Set<unknown>}
 */
const busy = new Set();

/** Lets the clock stand still while WebCrypto works. */
export function waitForWebCrypto() {
  for (const name of /** @type {const} */ (["importKey", "sign", "verify"])) {
    const own = /** @type {(...args: any[]) => Promise<any>} */ (crypto.subtle[name]).bind(
      crypto.subtle,
    );
    Reflect.set(crypto.subtle, name, (/** @type {any[]} */ ...args) => {
      const work = own(...args);
      busy.add(work);
      return work.finally(() => busy.delete(work));
    });
  }
}

/** Lets everything happen that needs no time. */
export async function settle() {
  do {
    for (let i = 0; i < 10; i += 1) await new Promise((done) => setImmediate(done));
  } while (busy.size > 0);
}

/**
 * Moves clock and timers, in steps so that what follows from one is there before the next.
 *
 * @param {number} millis
 */
export async function advance(millis) {
  await settle();
  for (let left = millis; left > 0;) {
    const step = Math.min(left, Math.max(50, Math.ceil(millis / 200)));
    clock += step;
    mock.timers.tick(step);
    await settle();
    left -= step;
  }
}

/**
 * Moves the clock alone, as a correction of the system's does.
 *
 * @param {number} millis
 */
export function jump(millis) {
  clock += millis;
}

/**
 * What a promise has come to, without waiting for it.
 *
 * @template T
 * @param {Promise<T>} promise
 */
export function watch(promise) {
  const watched = {
    value: /** @type {T | undefined} */ (undefined),
    error: /** @type {any} */ (undefined),
    done: false,
  };
  promise.then(
    (value) => Object.assign(watched, { value, done: true }),
    (error) => Object.assign(watched, { error, done: true }),
  );
  return watched;
}

/**
 * Lets time pass until a promise has come to something, a minute at most.
 *
 * @param {{ done: boolean }} watched
 */
export async function outcome(watched) {
  for (let i = 0; i < 1_200 && !watched.done; i += 1) await advance(50);
}

/**
 * The error of each, an AuthError.
 *
 * @param {Promise<unknown>[]} promises
 * @returns {Promise<any[]>}
 */
export async function rejections(...promises) {
  const results = await Promise.allSettled(promises);
  return results.map((result) => {
    assert.equal(result.status, "rejected");
    assert.ok(result.reason instanceof AuthError, String(result.reason));
    return result.reason;
  });
}
