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
const OURS = ["issuer", "endpoint", "built", "isr", "route", "tagged"];
/** The same with a `fetch` that forbids that its answer is kept. */
const PLAIN = ["plain", "plain-isr", "plain-route", "plain-tagged"];
/** What Next makes for each request, whatever it asks: code of the edge, and `force-dynamic`. */
const DYNAMIC = ["lazy", "middleware", "on-edge"];
/** The pages whose `fetch` does not forbid it. */
const KEPT = ["kept", "kept-tagged"];
/** How long renewed data may take to be shown, ms. */
const PATIENCE = 10_000;
/** How long a token lives, s. */
export const LIFETIME = 2;

/** A server that gives out numbered tokens, and numbered data. */
export async function startTokens() {
  /** @type {number[]} when each token was given, ms */
  const times = [];
  let data = 0;
  const server = createServer((request, response) => {
    response.setHeader("content-type", "application/json");
    if (request.url === "/data") {
      data += 1;
      return response.end(JSON.stringify({ data: `data-${data}` }));
    }
    if (request.method !== "POST" || request.url !== "/token")
      return response.end(JSON.stringify({ issuer, token_endpoint: `${issuer}/token` }));

    times.push(Date.now());
    const token = {
      access_token: `token-${times.length}`,
      token_type: "Bearer",
      expires_in: LIFETIME,
    };
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
  return {
    settings,
    env,
    given: () => times.length,
    /** Until when a token is good, ms. */
    expiresAt: (/** @type {number} */ number) => times[number - 1] + LIFETIME * 1_000,
  };
}

/**
 * The build has made pages of those alone whose fetch may be kept: what asks by this package is
 * dynamic where the same with a plain `fetch` is.
 *
 * @param {string} app
 */
export function assertDynamic(app) {
  const manifest = readFileSync(join(apps, app, ".next/prerender-manifest.json"), "utf8");
  const { routes } = JSON.parse(manifest);
  const prerendered = [...OURS, ...PLAIN, ...KEPT].filter((way) =>
    Object.hasOwn(routes, `/${way}`),
  );
  assert.deepEqual(prerendered, KEPT);
}

/**
 * Every render shows a token that is good.
 *
 * @param {string} url of the app
 * @param {number} built how many tokens were given before the app started
 */
export async function assertFresh(url, built) {
  for (const way of KEPT) {
    const kept = await numberOf(url, way);
    assert.ok(kept <= built, `/${way}: a fetch that says nothing is kept: this test could fail`);
  }

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
 * `revalidateTag` renews the data that a page shows beside its token. The token is good before and
 * after. The page with a plain `fetch` in its place does the same.
 *
 * @param {string} url of the app
 * @param {Awaited<ReturnType<typeof startTokens>>} tokens
 */
export async function assertRevalidated(url, tokens) {
  const shown = () => Promise.all(["tagged", "plain-tagged"].map((way) => read(url, way, tokens)));
  const [old] = await shown();
  await wait(LIFETIME * 1_000);
  assert.deepEqual(await shown(), [old, old], "the data is kept");

  const { status } = await fetch(`${url}/revalidate`, { method: "POST" });
  assert.equal(status, 204);
  const until = Date.now() + PATIENCE;
  let renewed = await shown();
  // Next 16 shows the old data until it has the new. Two pages at once may each ask for the new.
  while (renewed.some((data) => data <= old || data !== renewed[0])) {
    assert.ok(Date.now() < until, `data ${renewed}, and it was ${old} before`);
    await wait(100);
    renewed = await shown();
  }
  await wait(LIFETIME * 1_000);
  assert.deepEqual(await shown(), renewed, "the new data is kept");
}

/**
 * Reads a page with a token and data. The token was good when the page was asked for.
 *
 * @type {(
 *   url: string,
 *   way: string,
 *   tokens: Awaited<ReturnType<typeof startTokens>>,
 * ) => Promise<number>} of
 *   the data
 */
async function read(url, way, tokens) {
  const askedAt = Date.now();
  const text = await (await fetch(`${url}/${way}`)).text();
  const [, token] = /<p>token-(\d+)<\/p>/.exec(text) ?? [];
  const [, data] = /<b>data-(\d+)<\/b>/.exec(text) ?? [];
  assert.ok(token && data, `/${way}: ${text}`);
  assert.ok(tokens.expiresAt(Number(token)) >= askedAt, `/${way}: token-${token} has expired`);
  return Number(data);
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
export async function numberOf(url, way) {
  const response = await fetch(`${url}/${way}`);
  const [, number] = /<p>token-(\d+)<\/p>/.exec(await response.text()) ?? [];
  assert.ok(response.status === 200 && number, `/${way}: ${response.status}`);
  return Number(number);
}
