// @ts-check
// Pages of Next that show a token: none of them shows one of the build's.
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { after } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { apps } from "../../scripts/setup/apps.js";

/** The pages that get their token by this package. */
const OURS = ["issuer", "endpoint", "built", "isr", "route"];
/** The same with a `fetch` that forbids that its answer is kept. */
const PLAIN = ["plain", "plain-isr", "plain-route"];
/** What is made for each request by itself. */
const DYNAMIC = ["lazy", "middleware", "tagged"];
/** The page whose `fetch` does not forbid it. */
const KEPT = "kept";
/** How long a token lives, s. */
const LIFETIME = 2;

/** A server that gives out numbered tokens. */
export async function startTokens() {
  let given = 0;
  const server = createServer((request, response) => {
    response.setHeader("content-type", "application/json");
    if (request.method !== "POST" || request.url !== "/token")
      return response.end(JSON.stringify({ issuer, token_endpoint: `${issuer}/token` }));

    given += 1;
    const token = { access_token: `token-${given}`, token_type: "Bearer", expires_in: LIFETIME };
    return response.end(JSON.stringify(token));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  after(() => server.close().closeAllConnections());
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const issuer = `http://127.0.0.1:${port}`;
  const settings = { issuer, clientId: "service", clientSecret: "secret" };
  /** What the app is given when it is started. The build has only the first of these. */
  const env = {
    SETTINGS: JSON.stringify(settings),
    TOKEN_ENDPOINT: `${issuer}/token`,
    CLIENT_ID: "lazy",
    CLIENT_SECRET: "secret",
  };
  return { settings, env, given: () => given };
}

/**
 * The build has made a page of the one alone whose fetch may be kept.
 *
 * @param {string} app
 */
export function assertDynamic(app) {
  const manifest = readFileSync(join(apps, app, ".next/prerender-manifest.json"), "utf8");
  const { routes } = JSON.parse(manifest);
  const prerendered = [...OURS, ...PLAIN, ...DYNAMIC, KEPT].filter((way) =>
    Object.hasOwn(routes, `/${way}`),
  );
  assert.deepEqual(prerendered, [KEPT]);
}

/**
 * Every render shows a token that is good.
 *
 * @param {string} url of the app
 * @param {number} built how many tokens were given before the app started
 */
export async function assertFresh(url, built) {
  const kept = await numberOf(url, KEPT);
  assert.ok(kept <= built, "a fetch that says nothing is kept: this test could fail");

  let last = built;
  for (let round = 0; round < 3; round += 1) {
    const numbers = await Promise.all(
      [...OURS, ...PLAIN, ...DYNAMIC].map((way) => numberOf(url, way)),
    );
    assert.ok(
      numbers.every((number) => number > last),
      `tokens ${numbers}, and ${last} was given before`,
    );
    last = Math.max(...numbers);
    await wait(LIFETIME * 1_000);
  }
}

/**
 * A server action gives a token that is good: the form is sent as a browser without JavaScript
 * does.
 *
 * @param {string} url of the app
 * @param {number} built how many tokens were given before the app started
 */
export async function assertAction(url, built) {
  const page = await (await fetch(`${url}/action`)).text();
  const body = new FormData();
  for (const [, name] of page.matchAll(/<input type="hidden" name="([^"]+)"/g)) body.set(name, "");
  const headers = { origin: url };
  const sent = { method: "POST", headers, body, redirect: /** @type {const} */ ("manual") };
  const response = await fetch(`${url}/action`, sent);
  const [, number] = /token=token-(\d+)$/.exec(response.headers.get("location") ?? "") ?? [];
  assert.ok(Number(number) > built, `${response.status} ${response.headers.get("location")}`);
}

/** @type {(url: string, way: string) => Promise<number>} of the token that the page shows */
async function numberOf(url, way) {
  const response = await fetch(`${url}/${way}`);
  const [, number] = /<p>token-(\d+)<\/p>/.exec(await response.text()) ?? [];
  assert.ok(response.status === 200 && number, `/${way}: ${response.status}`);
  return Number(number);
}
