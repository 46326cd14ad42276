// @ts-check
// The test page in Chromium, for the tests of its panels: opened as a person opens it, with an ear
// for everything that goes wrong.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after } from "node:test";
import { startPageWorker } from "../../../../scripts/demo/page-worker.js";
import { startPage } from "../../../../www/server/page-server.js";
import { startServers } from "../servers/servers.js";
import { launchBrowser } from "./browser.js";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("playwright-core").BrowserContextOptions} Device */

export const WIDE = { width: 1280, height: 900 };
export const PHONE = { width: 390, height: 844 };
/**
 * What the pages are looked at on.
 *
 * @type {Record<string, Device>}
 */
export const DEVICES = {
  light: { colorScheme: "light" },
  dark: { colorScheme: "dark" },
  "a phone": { viewport: PHONE },
};

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** How long the page may take for anything, ms: a suite on a machine that has more to do. */
export const PATIENCE = 120_000;

/** A browser, the page's Worker and its issuers, until the tests of the file are over. */
export async function startPanels() {
  const [{ context, stop }, worker, browser] = await Promise.all([
    startServers(),
    startPageWorker(),
    launchBrowser(),
  ]);
  const stops = [stop, worker.stop];
  after(async () => {
    await browser.close();
    await Promise.all(stops.map((stop) => stop()));
  });

  return {
    browser,
    context,
    worker,
    /** @param {Parameters<typeof startPage>[0]} options */
    async serve(options) {
      const server = await startPage(options);
      stops.push(server.stop);
      return server;
    },
  };
}

/**
 * What nothing of another test's is in.
 *
 * @param {import("playwright-core").Browser} browser
 * @param {Device} [device]
 */
export async function newContext(browser, device) {
  const context = await browser.newContext({ viewport: WIDE, ...device });
  context.setDefaultTimeout(PATIENCE);
  return context;
}

/**
 * @param {import("playwright-core").Browser} browser
 * @param {string} url
 * @param {Device} [device]
 * @param {(page: Page) => Promise<unknown>} [prepare]
 */
export async function openPage(browser, url, device = {}, prepare = async () => {}) {
  const context = await newContext(browser, device);
  const page = await context.newPage();
  /** @type {{ text: string; url: string }[]} */
  const messages = [];
  /** @type {Set<string>} */
  const called = new Set();
  page.on("console", (message) =>
    messages.push({ text: message.text(), url: message.location().url }),
  );
  page.on("pageerror", (error) => messages.push({ text: String(error), url: "" }));
  page.on("request", (request) => called.add(new URL(request.url()).origin));
  await page.addInitScript(`
    globalThis.violations = [];
    globalThis.shifts = [];
    addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
      violations.push(violatedDirective + " " + blockedURI));
    new PerformanceObserver((list) => {
      for (const { startTime, value } of list.getEntries()) shifts.push({ startTime, value });
    }).observe({ type: "layout-shift", buffered: true });
  `);
  await prepare(page);
  await page.goto(url);
  await page.waitForSelector("#page:is([data-state=ready], [data-state=failed])");
  return { page, messages, called, close: () => context.close() };
}

/**
 * Nothing on the console beside the refusals that were meant, no policy violated, nobody called who
 * is not on this machine.
 *
 * @param {Awaited<ReturnType<typeof openPage>>} opened
 * @param {RegExp} [meant]
 */
export async function assertQuiet({ page, messages, called }, meant) {
  assert.deepEqual(
    messages.filter(({ text }) => !meant?.test(text)),
    [],
  );
  assert.deepEqual(await page.evaluate("violations"), []);
  for (const origin of called)
    assert.ok(["127.0.0.1", "localhost"].includes(new URL(origin).hostname), origin);
}

/**
 * By axe: every rule, the best practices too, but the one about rotated style sheets, for which it
 * would lay its own on the page.
 *
 * @param {Page} page
 */
export async function assertAccessible(page) {
  // Evaluated, since the page's policy permits no script of others.
  await page.evaluate(AXE);
  const { violations } = /** @type {{ violations: any[] }} */ (
    await page.evaluate("axe.run({ preload: false })")
  );
  assert.deepEqual(
    violations.map(
      ({ id, nodes }) =>
        `${id}: ${nodes.map((/** @type {any} */ { target }) => target).join(", ")}`,
    ),
    [],
  );
}

/**
 * Nothing is wider than the screen.
 *
 * @param {Page} page
 */
export async function assertFits(page) {
  const [content, screen] = await page.evaluate(() => [
    document.documentElement.scrollWidth,
    document.documentElement.clientWidth,
  ]);
  assert.ok(content <= screen, `${content} on ${screen}`);
}

/**
 * Presses Tab until what has the focus is the one that is wanted.
 *
 * @type {(page: Page, selector: string) => Promise<void>}
 */
export async function tabTo(page, selector) {
  for (let i = 0; i < 100; i += 1) {
    await page.keyboard.press("Tab");
    if (await page.evaluate((wanted) => Boolean(document.activeElement?.matches(wanted)), selector))
      return;
  }
  assert.fail(`the keyboard does not reach ${selector}`);
}
