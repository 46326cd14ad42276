// @ts-check
// The test page in Chromium with the panel "The life of a token", and what a person does there.
import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import { startPage } from "../../../../www/server/page-server.js";
import { startServers } from "../servers/servers.js";
import { launchBrowser } from "./browser.js";
import { newContext, PATIENCE } from "./page.js";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("playwright-core").BrowserContextOptions} Device */
/** @typedef {"callers" | "requests" | "atOnce" | "waited" | "failed"} Count */

/**
 * A browser and the page's server, and `open`, which fails its test where something is wrong on the
 * console or somebody else is called.
 */
export async function startPanel() {
  const { context, stop } = await startServers();
  const server = await startPage({ context });
  const browser = await launchBrowser();
  const origins = [server.url, ...Object.values(context.servers).map(({ issuer }) => issuer)].map(
    (url) => new URL(url).origin,
  );
  return {
    /**
     * @type {(
     *   t: import("node:test").TestContext,
     *   device?: Device,
     *   isMeant?: (text: string) => boolean,
     * ) => Promise<Page>}
     */
    async open(t, device, isMeant = () => false) {
      const context = await newContext(browser, device);
      const page = await context.newPage();
      /** @type {string[]} */
      const wrong = [];
      page.on(
        "console",
        (message) => ["error", "warning"].includes(message.type()) && wrong.push(message.text()),
      );
      page.on("pageerror", (error) => wrong.push(String(error)));
      page.on(
        "request",
        (request) => origins.includes(new URL(request.url()).origin) || wrong.push(request.url()),
      );
      t.after(async () => {
        await context.close();
        assert.deepEqual(
          wrong.filter((text) => !isMeant(text)),
          [],
        );
      });
      await page.addInitScript(`
        globalThis.shift = 0;
        addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
          console.error(violatedDirective + " " + blockedURI));
        new PerformanceObserver((list) => {
          for (const { value } of list.getEntries()) shift += value;
        }).observe({ type: "layout-shift", buffered: true });
      `);
      await page.goto(server.url);
      await page.locator(".life-primary").waitFor();
      await page.locator("#life").scrollIntoViewIfNeeded();
      return page;
    },
    async stop() {
      await browser.close();
      await Promise.all([server.stop(), stop()]);
    },
  };
}

/** @type {(page: Page, lifetime?: string) => Promise<void>} */
export async function start(page, lifetime = "10 s") {
  // It starts by itself once it is seen.
  await page.locator(".life-drawing").scrollIntoViewIfNeeded();
  await page.locator("#life[data-state=running]").waitFor();
  await page.getByLabel(lifetime, { exact: true }).check();
  await press(page, "Start over");
  await page.locator("#life[data-state=running]").waitFor();
}

/**
 * Waits for the first token; how many have waited for it: the hundred, and a call of the steady
 * caller that may come meanwhile.
 *
 * @param {Page} page
 */
export async function firstToken(page) {
  await page.locator(".life-sentence", { hasText: /^Token 1 is fresh/ }).waitFor();
  const { waited, requests, failed } = await counts(page);
  assert.ok(waited === 100 || waited === 101, String(waited));
  assert.deepEqual([requests, failed], [1, 0]);
  return waited;
}

/** @type {(page: Page, name: string) => Promise<void>} */
export async function press(page, name) {
  await page.locator("#life").getByRole("button", { name, exact: true }).click();
}

/** @type {(page: Page, name: Count) => Promise<number>} */
export async function count(page, name) {
  return Number(await page.textContent(`[data-count=${name}]`));
}

/** @type {(page: Page) => Promise<Record<Count, number>>} */
export async function counts(page) {
  const list = await page
    .locator("[data-count]")
    .evaluateAll((all) => all.map((one) => [one.dataset.count, Number(one.textContent)]));
  return Object.fromEntries(list);
}

/**
 * Waits until it has been reached.
 *
 * @type {(page: Page, name: Count, least: number) => Promise<void>}
 */
export async function until(page, name, least) {
  await atLeast(() => count(page, name), least);
}

/**
 * Waits until so many changes have been counted, in all of them.
 *
 * @type {(changes: () => Promise<number>, least: number) => Promise<void>}
 */
export async function untilChanged(changes, least) {
  let counted = 0;
  await atLeast(async () => {
    counted += await changes();
    return counted;
  }, least);
}

/** @type {(ask: () => Promise<number>, least: number) => Promise<void>} */
async function atLeast(ask, least) {
  const end = Date.now() + PATIENCE;
  for (let is = await ask(); is < least; is = await ask()) {
    assert.ok(Date.now() < end, `${is} of ${least}`);
    await wait(50);
  }
}

/** @param {Page} page */
export async function events(page) {
  const rows = await page
    .locator(".life-events tbody tr")
    .evaluateAll((rows) =>
      rows.map((row) => [...row.querySelectorAll("td")].map(({ textContent }) => textContent)),
    );
  return rows.map(([time, type, what, code, more]) => ({ time, type, what, code, more }));
}

/**
 * How often something has changed since it was asked last.
 *
 * @type {(
 *   page: Page,
 *   selector: string,
 *   what: MutationObserverInit,
 * ) => Promise<() => Promise<number>>}
 */
export async function changesOf(page, selector, what) {
  const counter = await page.locator(selector).evaluateHandle((element, what) => {
    const counter = { count: 0 };
    new MutationObserver((changes) => {
      counter.count += changes.length;
    }).observe(element, what);
    return counter;
  }, what);
  return () =>
    counter.evaluate((counter) => {
      const { count } = counter;
      counter.count = 0;
      return count;
    });
}
