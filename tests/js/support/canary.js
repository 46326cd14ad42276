// @ts-check
// The canary: secrets that are recognised wherever they come out, a server and a source that know
// them, and callbacks that throw them.
import assert from "node:assert/strict";
import { after, beforeEach } from "node:test";
import { inspect } from "node:util";
import { AuthError, tokenSource } from "edge-credentials";
import { startApi } from "./http/api-server.js";

/** @typedef {import("edge-credentials").SecretSourceOptions} Options */
/** @typedef {import("edge-credentials").SourceEvent} SourceEvent */

export const SECRET = 'c4nary s3cret/+"\\ü%';
export const TOKEN = "t0ken.c4nary";
export const BASIC = Buffer.from(
  `id:${encodeURIComponent(SECRET).replaceAll("%20", "+")}`,
).toString("base64");
export const MARKS = ["c4nary", "C4NARY", "s3cret", "ü%", "t0ken", BASIC.slice(4, 20)];

/** Plays the token endpoint, the issuer and the API. */
export const server = await startApi();
let clients = 0;

beforeEach(() => {
  server.answer = ({ path }) =>
    path === "/token" ? json({ access_token: TOKEN, token_type: "Bearer", expires_in: 3600 }) : {};
});
after(() => server.stop());

/**
 * What callbacks throw.
 *
 * @returns {Record<string, (init?: RequestInit) => unknown>}
 */
export function thrown() {
  return {
    "an Error that holds the request": (init) =>
      Object.assign(new TypeError(`${SECRET} ${init?.body}`, { cause: new Error(SECRET) }), {
        request: init,
        code: SECRET,
      }),
    "names and codes": () =>
      Object.assign(new Error("x", { cause: { code: SECRET } }), { name: SECRET, code: TOKEN }),
    "an AuthError": () =>
      new AuthError({
        code: "option_invalid",
        category: "misuse",
        message: SECRET,
        hint: SECRET,
        cause: { name: SECRET },
      }),
    "what passes for an AuthError": () => ({
      [Symbol.for("edge-credentials.AuthError")]: true,
      message: SECRET,
      code: SECRET,
      category: SECRET,
      hint: SECRET,
    }),
    "a text": () => SECRET,
    nothing: () => undefined,
    null: () => null,
    "a symbol": () => Symbol(SECRET),
    "a hostile proxy": hostile,
  };
}

/**
 * Throws whatever one does with it.
 *
 * @returns {any}
 */
export function hostile() {
  const trap = () => {
    throw new Error(SECRET);
  };
  return new Proxy(
    {},
    Object.fromEntries(
      Reflect.ownKeys(Reflect)
        .filter((name) => typeof name === "string")
        .map((name) => [name, trap]),
    ),
  );
}

/**
 * A source of its own, and what it tells.
 *
 * @param {Partial<Options>} [changes]
 */
export function make(changes = {}) {
  clients += 1;
  /** @type {SourceEvent[]} */
  const events = [];
  const where = changes.issuer ? {} : { tokenEndpoint: `${server.origin}/token` };
  const params = { n: String(clients) };
  const hasKey = "key" in changes;
  const audience = { assertionAudience: server.origin };
  const client = hasKey ? audience : { clientId: "id", clientSecret: SECRET };
  const source = tokenSource(
    /** @type {Options} */ ({
      ...where,
      ...client,
      params,
      allowedOrigins: [server.origin],
      onEvent: (/** @type {SourceEvent} */ event) => events.push(event),
      ...changes,
    }),
  );
  return { source, events };
}

/** @param {unknown} body */
export function json(body) {
  return {
    headers: { "content-type": "application/json" },
    body: typeof body === "string" ? body : JSON.stringify(body),
  };
}

/** @type {(value: unknown, what?: unknown) => void} */
export function clean(value, what) {
  lacks(value, MARKS, what);
}

/** @type {(value: unknown, marks: string[], what?: unknown) => void} */
export function lacks(value, marks, what) {
  const shown = [inspect(value, { depth: 9, showHidden: true }), JSON.stringify(value) ?? ""];
  for (let one = /** @type {any} */ (value); one; one = one.cause) {
    shown.push(String(one));
    if (typeof one === "object")
      for (const name of Reflect.ownKeys(one))
        shown.push(String(name), String(Reflect.get(one, name)));
  }
  for (const mark of marks)
    assert.ok(!shown.some((text) => text.includes(mark)), `leaked ${mark}: ${what}: ${shown[0]}`);
}
