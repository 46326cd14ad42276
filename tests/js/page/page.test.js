// @ts-check
// The test page and its suite in Chromium, over the package as it is packed and installed. The
// other panels have tests of their own.
import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import test, { after, afterEach, before } from "node:test";
import * as ec from "edge-credentials";
import { startPage } from "../../../www/server/page-server.js";
import { installPackage } from "../support/packed/installed-package.js";
import { launchBrowser } from "../support/page/browser.js";
import { assertAccessible, openPage } from "../support/page/page.js";
import { startServers } from "../support/servers/servers.js";
import { suite } from "../suite/index.js";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("playwright-core").BrowserContextOptions} Device */

const PHONE = { width: 360, height: 740 };
const SCHEMES = /** @type {const} */ (["light", "dark"]);
const TEXTS = [
  "h1",
  "#verdict",
  "#suite .lead",
  "#suite dt",
  "#load",
  ".count",
  "li.passed .case-name",
  "li.passed .mark",
  "#run",
  "#browser",
];
const FAILING = { name: "a case that is made to fail", text: "a", encoded: "b".repeat(300) };

const { path: packageFolder, remove } = installPackage();
const { context, stop } = await startServers();
const form = context.vectors.form_encoding;
const spoilt = {
  ...context,
  vectors: { ...context.vectors, form_encoding: { ...form, cases: [...form.cases, FAILING] } },
};
const total = suite({ ec, ...context }).length;
const [good, bad] = await Promise.all(
  [context, spoilt].map((context) => startPage({ context, packageFolder })),
);

const browser = await launchBrowser();
/** @type {Awaited<ReturnType<typeof open>>} for tests that only look */
let shown;
before(async () => {
  shown = await open(good);
});
afterEach(async () => {
  const others = browser.contexts().filter((context) => context !== shown.page.context());
  await Promise.all(others.map((context) => context.close()));
});
after(async () => {
  await browser.close();
  await Promise.all([good.stop(), bad.stop(), stop()]);
  remove();
});

test("every case that Node runs passes here, and none is left out", async () => {
  const { page } = shown;
  assert.equal(await page.textContent("#verdict"), `${total} passed`);
  assert.equal(await page.title(), `${total} passed · edge-credentials`);
  const names = await page
    .locator("#parts li")
    .evaluateAll((items) => items.map((item) => item.dataset.text ?? ""));
  assert.deepEqual(
    names.sort(),
    suite({ ec, ...context })
      .map(({ name }) => name.toLowerCase())
      .sort(),
  );
  assert.equal(await page.locator("#parts li.passed").count(), total);
});

test("nothing jumps while it runs", () => assertSteady(shown.page));

test("nothing is wrong on the console, no policy is violated, nobody else is called", async () => {
  const { page, messages, called } = shown;
  // Chromium notes every answer of 400 and more; the cases that ask for a refusal get theirs from
  // the two servers.
  const origins = Object.values(context.servers).map(({ issuer }) => issuer);
  const meant = messages.filter(
    ({ text, url }) =>
      /^Failed to load resource: .* status of (40[014]|500) /.test(text) &&
      origins.some((origin) => url.startsWith(origin)),
  );
  assert.deepEqual(
    messages.filter((message) => !meant.includes(message)),
    [],
  );
  assert.ok(meant.length > 3, "refusals are no longer noted: this test may be simpler now");
  assert.deepEqual(await page.evaluate("violations"), []);
  assert.deepEqual([...called].sort(), [good.url.slice(0, -1), ...origins].sort());
});

test("the module's size, what was delivered, and how long it took", async () => {
  const { page } = shown;
  const raw = statSync(join(packageFolder, "pkg/dist/wasm/edge_credentials_bg.wasm")).size;
  assert.equal(await page.textContent("#module"), `${(raw / 1000).toFixed(1)} kB`);
  const delivered = Number(
    /^raw; ([\d.]+) kB in brotli$/.exec((await page.textContent("#module-note")) ?? "")?.[1],
  );
  assert.ok(delivered > 20 && delivered < raw / 2000, `${delivered} kB`);
  assert.match(
    (await page.textContent("#package-note")) ?? "",
    /^brotli; [\d.]+ kB raw, \d+ files, not bundled$/,
  );
  assert.match((await page.textContent("#load")) ?? "", /^[1-9]\d* ms$/);
  assert.match((await page.textContent("#time")) ?? "", /^(\d+ ms|[\d.]+ s)$/);
});

test("a case that fails is counted, comes first and says why", async () => {
  const { page } = await open(bad);
  assert.equal(await page.textContent("#verdict"), `1 of ${total + 1} failed`);
  const first = page.locator("#parts section").first();
  assert.equal(await first.locator("h3").textContent(), "Failed");
  assert.ok(await first.locator("pre").isVisible());
  assert.match(
    (await first.locator("li").innerText()) ?? "",
    /form encoding: a case that is made to fail.*expected "b+", got "a"/s,
  );
  assert.equal(await page.locator("#parts li.failed").count(), 1);
  assert.equal(await page.locator("#parts li.passed").count(), total);
});

test("it runs when its button is pressed, and not before, unless the address says so", async () => {
  const { page } = await openPage(browser, good.url);
  assert.equal(await page.textContent("#verdict"), "Not run yet");
  assert.equal(await page.locator("#parts li").count(), 0);
  await page.click("#run");
  await done(page);
  assert.equal(await page.textContent("#verdict"), `${total} passed`);
});

test("a package that does not load is said, not waited for", async () => {
  const { page } = await openPage(browser, good.url, {}, (page) =>
    page.route("**/pkg/dist/esm/shared.js", (route) => route.abort()),
  );
  assert.equal(await page.title(), "did not start · edge-credentials");
  assert.match(
    (await page.textContent("#trouble")) ?? "",
    /Failed to fetch dynamically imported module/,
  );
});

test("a suite that does not load is said, not waited for", async () => {
  const { page } = await open(good, {}, (page) =>
    page.route("**/context.json", (route) => route.abort()),
  );
  assert.equal(await page.textContent("#verdict"), "It did not run");
  assert.match((await page.textContent("#parts .trouble")) ?? "", /Failed to fetch/);
});

test("it runs again", async () => {
  const { page } = shown;
  const loadTime = await page.textContent("#load");
  await page.click("#run");
  await page.waitForSelector("#suite[data-state=running]");
  await done(page);
  assert.equal(await page.textContent("#verdict"), `${total} passed`);
  assert.equal(await page.textContent("#load"), loadTime, "the package was loaded once");
});

test("by the keyboard: the filter, the button, a group", async () => {
  const { page } = shown;
  // Where the reader is; the panels before have fields of their own.
  await page.locator("#suite-title").click();
  const focused = () =>
    page.evaluate(() => document.activeElement?.id || document.activeElement?.tagName);
  const reached = [];
  for (const _ of Array(3)) {
    await page.keyboard.press("Tab");
    reached.push(await focused());
  }
  assert.deepEqual(reached, ["run", "filter", "SUMMARY"]);
  assert.equal(await page.locator("#parts li:visible").count(), 0);
  await page.keyboard.press("Enter");
  assert.equal(await page.locator("#parts li:visible").count(), form.cases.length);
  await page.keyboard.press("Enter");
  assert.equal(await page.locator("#parts li:visible").count(), 0);
});

test("by the keyboard, from below: the focus is not under the bars at the top", async () => {
  const { page } = shown;
  await page.locator("#parts summary").last().focus();
  for (let left = await page.locator("#parts summary").count(); left > 1; left -= 1) {
    await page.keyboard.press("Shift+Tab");
    const isSeen = await page.evaluate(() => {
      const { left, top } = document.activeElement?.getBoundingClientRect() ?? {
        left: -1,
        top: -1,
      };
      return document.activeElement?.contains(document.elementFromPoint(left + 20, top + 4));
    });
    assert.ok(isSeen, await page.evaluate(() => document.activeElement?.textContent ?? ""));
  }
});

test("the filter shows the cases that have every word, and their groups", async () => {
  const { page } = shown;
  await page.fill("#filter", "zitadel SECRET");
  const wanted = suite({ ec, ...context }).filter(
    ({ name }) => /zitadel/i.test(name) && /secret/i.test(name),
  ).length;
  assert.ok(wanted > 1);
  assert.equal(await page.locator("#parts li:visible").count(), wanted);
  await page.fill("#filter", "nothing is called like this");
  assert.ok(await page.locator("#nothing").isVisible());
  assert.equal(await page.locator("#parts section:visible").count(), 0);
  await page.fill("#filter", "");
  assert.equal(
    await page.locator("#parts details:visible").count(),
    await page.locator("#parts details").count(),
  );
});

for (const [name, server] of /** @type {const} */ ([
  ["a suite that passes", good],
  ["a suite that fails", bad],
])) {
  test(`on a phone, ${name}: nothing is too wide, everything can be read`, async () => {
    const { page } = await open(server, { viewport: PHONE });
    await assertSteady(page);
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme });
      await openGroups(page, false);
      await assertAccessible(page);

      await openGroups(page, true);
      const [content, screen] = await page.evaluate(() => [
        document.documentElement.scrollWidth,
        document.documentElement.clientWidth,
      ]);
      assert.ok(content <= screen && screen <= PHONE.width, `${content} on ${screen}`);
      const texts = server === bad ? [...TEXTS, "li.failed .mark", "#parts pre"] : TEXTS;
      for (const selector of texts) {
        const ratio = await contrast(page, selector);
        assert.ok(
          ratio >= 4.5,
          `${colorScheme}: ${selector} has a contrast of ${ratio.toFixed(1)}`,
        );
      }
    }
  });
}

test("light and dark are as the visitor has them", async () => {
  const [light, dark] = await Promise.all(
    SCHEMES.map(async (colorScheme) => {
      const { page } = await openPage(browser, good.url, { colorScheme });
      return page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    }),
  );
  assert.ok(luminance(light) > 0.9 && luminance(dark) < 0.05, `${light}, ${dark}`);
});

/**
 * Opens the page and waits until the suite is through.
 *
 * @param {{ url: string }} server
 * @param {Device} [device]
 * @param {(page: Page) => Promise<unknown>} [prepare]
 */
async function open({ url }, device = {}, prepare = async () => {}) {
  const opened = await openPage(browser, `${url}#suite`, device, prepare);
  await done(opened.page);
  return opened;
}

/** @param {Page} page */
async function done(page) {
  await page.waitForSelector("#suite:is([data-state=passed], [data-state=failed])");
}

/**
 * While the suite ran for the first time nothing jumped.
 *
 * @param {Page} page
 */
async function assertSteady(page) {
  const shifts = await page.evaluate(`
    const [{ startTime: started }] = performance.getEntriesByName("suite");
    shifts.filter(({ startTime }) => startTime > started);
  `);
  assert.deepEqual(shifts, []);
}

/** @type {(page: Page, isOpen: boolean) => Promise<void>} */
async function openGroups(page, isOpen) {
  await page
    .locator("#parts details")
    .evaluateAll(
      (groups, isOpen) => groups.forEach((group) => group.toggleAttribute("open", isOpen)),
      isOpen,
    );
}

/**
 * Of a text with the nearest colour behind it.
 *
 * @type {(page: Page, selector: string) => Promise<number>}
 */
async function contrast(page, selector) {
  const [text, ground] = await page
    .locator(selector)
    .first()
    .evaluate((element) => {
      /** @type {Element | null} */
      let behind = element;
      while (behind && getComputedStyle(behind).backgroundColor === "rgba(0, 0, 0, 0)")
        behind = behind.parentElement;
      return [
        getComputedStyle(element).color,
        getComputedStyle(behind ?? document.body).backgroundColor,
      ];
    });
  const [darker, lighter] = [luminance(text), luminance(ground)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

/**
 * WCAG's relative luminance.
 *
 * @param {string} colour as `rgb(…)`
 */
function luminance(colour) {
  const [red, green, blue] = (colour.match(/[\d.]+/g) ?? []).map((value) => {
    const part = Number(value) / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
