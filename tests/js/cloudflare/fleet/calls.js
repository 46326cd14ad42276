// @ts-check
// What the tests of the broker do with their ten isolates.
import assert from "node:assert/strict";
import { after, before, beforeEach } from "node:test";
import { startZitadel } from "../../support/zitadel/server.js";
import { startBrokerFleet } from "./start.js";

export const ISOLATES = 10;
export const CALLERS = 100;
export const SECRET = "canary-of-the-client-secret";

/** @type {Awaited<ReturnType<typeof startZitadel>>} */
export let zitadel;
/** @type {Awaited<ReturnType<typeof startBrokerFleet>>} */
export let fleet;
let objects = 0;

before(async () => {
  zitadel = await startZitadel({ clientSecret: SECRET });
  const { issuer, state } = zitadel;
  const bindings = { ISSUER: issuer, CLIENT_ID: state.clientId, CLIENT_SECRET: SECRET };
  fleet = await startBrokerFleet({ isolates: ISOLATES, bindings });
});
after(async () => {
  await fleet?.stop();
  await zitadel.stop();
});
beforeEach(async () => {
  zitadel.state.expiresIn = 43_199;
  await fetch(`${fleet.broker}/reset`);
});

/** An object of the test's own. */
export function next() {
  objects += 1;
  return `object-${objects}`;
}

/**
 * @param {string} object
 * @param {number} [callers] of each isolate
 * @param {number} [isolates]
 * @param {string} [kind]
 * @returns {Promise<string[]>} their tokens
 */
export async function everybody(object, callers = CALLERS, isolates = ISOLATES, kind = "TOKENS") {
  const asked = Array.from({ length: isolates * callers }, async (_, n) => {
    const { status, json } = await call(n % isolates, "/token", { object, kind });
    assert.equal(status, 200, JSON.stringify(json));
    return json.accessToken;
  });
  return Promise.all(asked);
}

/**
 * @type {(
 *   isolate: number,
 *   path: string,
 *   parameters: Record<string, string>,
 * ) => Promise<{ status: number; json: any }>}
 */
export async function call(isolate, path, parameters) {
  const response = await fetch(`${fleet.urls[isolate]}${path}?${new URLSearchParams(parameters)}`);
  return { status: response.status, json: await response.json() };
}

/** How many token requests there were for an object. @param {string} object */
export function requests(object) {
  return zitadel.requests.filter(({ body }) => new URLSearchParams(body).get("object") === object)
    .length;
}

export async function questions() {
  return (await (await fetch(fleet.broker)).json()).questions;
}
