// @ts-check
// The Worker that has the object and the secret. What it has beside the broker is for the test.
import { DurableObject } from "cloudflare:workers";
import { AuthError } from "edge-credentials";
import { tokenBroker } from "edge-credentials/cloudflare";

/** @typedef {{ ISSUER: string; CLIENT_ID: string; CLIENT_SECRET: string }} Env */

/** What the objects of this isolate were asked. @type {object[]} */
let questions = [];

/** @param {Env} env @param {string | undefined} name */
const optionsOf = (env, name) => ({
  tokenEndpoint: `${env.ISSUER}/oauth/v2/token`,
  clientId: env.CLIENT_ID,
  clientSecret: env.CLIENT_SECRET,
  scope: "openid",
  params: { object: String(name) },
});

export class Tokens extends tokenBroker(optionsOf) {
  /** @param {any} question */
  async token(question) {
    questions.push(question);
    return super.token(question);
  }

  evict() {
    /** @type {any} */ (this).ctx.abort("evicted");
  }

  async stored() {
    return Object.fromEntries(await /** @type {any} */ (this).ctx.storage.list());
  }
}

/** A later version of the code: it tells more than Workers know, and does not know all they ask. */
export class Later extends tokenBroker(optionsOf) {
  /** @param {import("edge-credentials/cloudflare").Question} question */
  async token({ held } = {}) {
    const { token, ...answer } = await super.token({ held });
    return { ...answer, version: 2, token: token && { ...token, kind: "later" }, more: [1] };
  }
}

export class Warm extends tokenBroker(optionsOf, { keepWarm: true }) {
  /** @returns when the next one is */
  async runAlarm() {
    await super.alarm();
    return this.nextAlarm();
  }

  /** The platform gave the alarm up. */
  async giveUp() {
    await /** @type {any} */ (this).ctx.storage.deleteAlarm();
  }

  async nextAlarm() {
    return /** @type {any} */ (this).ctx.storage.getAlarm();
  }
}

/** Whose options are wrong, and whose function throws what no one may see. */
export class Wrong extends tokenBroker(() => /** @type {any} */ ({ clientId: "a" })) {}
export class Thrower extends tokenBroker(() => {
  throw new Error("canary of the environment");
}) {}

export class Forger extends tokenBroker(() => {
  const canary = "canary of the environment";
  throw new AuthError({ code: "internal", category: "internal", message: canary, hint: canary });
}) {}

/** Whose function is asynchronous. */
export class Waiter extends tokenBroker(/** @type {any} */ (async () => ({}))) {}

/** A class of somebody else's. */
export class Other extends DurableObject {}

export default {
  /** @param {Request} request */
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/reset") questions = [];
    return Response.json({ questions });
  },
};
