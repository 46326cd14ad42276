// @ts-check
// The panel "The life of a token" in Chromium: how it moves, how it is reached, how it looks.
import assert from "node:assert/strict";
import test, { after } from "node:test";
import axe from "axe-core";
import {
  changesOf,
  count,
  firstToken,
  press,
  start,
  startPanel,
  until,
  untilChanged,
} from "../support/page/life.js";

/** @typedef {import("playwright-core").BrowserContextOptions} Device */

const PHONE = { width: 390, height: 844 };

const panel = await startPanel();
after(panel.stop);

test("it can be paused, and draws only where it is seen", async (t) => {
  const page = await panel.open(t, { viewport: { width: 1280, height: 500 } });
  await start(page);
  const moves = await changesOf(page, ".life-drawing", {
    attributes: true,
    subtree: true,
    attributeFilter: ["transform"],
  });
  await untilChanged(moves, 10);
  await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
  await page.waitForTimeout(300);
  await moves();
  await page.waitForTimeout(1_000);
  assert.equal(await moves(), 0, "out of sight");
  await page.locator(".life-drawing").scrollIntoViewIfNeeded();
  await untilChanged(moves, 5);
  await press(page, "Pause");
  await page.waitForTimeout(200);
  await moves();
  const callers = await count(page, "callers");
  await page.waitForTimeout(2_000);
  assert.deepEqual([await moves(), await count(page, "callers")], [0, callers]);
  await press(page, "Go on");
  await until(page, "callers", callers + 1);
});

test("its words go on where they alone are seen", async (t) => {
  const page = await panel.open(t, { viewport: { width: 390, height: 400 } });
  await start(page);
  await firstToken(page);
  await page.locator(".life-acts").evaluate((acts) => acts.scrollIntoView());
  assert.ok(
    await page
      .locator(".life-drawing")
      .evaluate((drawing) => drawing.getBoundingClientRect().bottom < 0),
    "the drawing is out of sight",
  );
  const said = await changesOf(page, ".life-sentence", { childList: true });
  await untilChanged(said, 2);
});

test("where motion is reduced it is drawn once a second", async (t) => {
  const page = await panel.open(t, { reducedMotion: "reduce" });
  await start(page);
  await firstToken(page);
  const moves = await changesOf(page, ".life-drawing", {
    attributes: true,
    subtree: true,
    attributeFilter: ["transform"],
  });
  await page.waitForTimeout(3_500);
  const moved = await moves();
  assert.ok(moved >= 2 && moved <= 5, String(moved));
});

test("by the keyboard alone", async (t) => {
  const page = await panel.open(t);
  const focused = () =>
    page.evaluate(() => {
      const { activeElement: element } = document;
      return element instanceof HTMLInputElement
        ? element.value
        : (element?.getAttribute("role") ?? element?.textContent ?? "");
    });
  await page.locator(".life-drawing").scrollIntoViewIfNeeded();
  await firstToken(page);
  await page.locator(".life-primary").focus();
  const reached = [];
  for (const _ of Array(12)) {
    reached.push(await focused());
    await page.keyboard.press("Tab");
  }
  assert.deepEqual(reached, [
    "Pause",
    "Start over",
    "10",
    "1 a second",
    "100 at once",
    "Down",
    "Slow (3 s)",
    "Refuse it (401)",
    "−1 h",
    "+1 min",
    "+1 h",
    "To the refresh",
  ]);
  assert.equal(await focused(), "region");
  await page.getByLabel("10 s").focus();
  await page.keyboard.press("ArrowRight");
  assert.equal(await focused(), "30");
  await page.locator(".life-sentence", { hasText: /^Token 1 is fresh for 2\d\ss/ }).waitFor();
  await page.getByRole("button", { name: "Down" }).focus();
  await page.keyboard.press("Space");
  assert.equal(
    await page.getByRole("button", { name: "Down" }).getAttribute("aria-pressed"),
    "true",
  );
});

test("what does not load is said, and can be tried again", async (t) => {
  const page = await panel.open(t, {}, (text) => text.includes("net::ERR_FAILED"));
  await page.route("**/panels/life/worker.js", (route) => route.abort());
  await page.reload();
  await page.locator(".life-drawing").scrollIntoViewIfNeeded();
  await page.locator("#life [role=alert]", { hasText: "its Web Worker did not load" }).waitFor();
  await page.unroute("**/panels/life/worker.js");
  await press(page, "Start");
  await firstToken(page);
  assert.equal(await page.textContent("#life [role=alert]"), "");
});

for (const [name, device] of /** @type {[string, Device][]} */ ([
  ["light", { colorScheme: "light" }],
  ["dark", { colorScheme: "dark" }],
  ["on a phone", { viewport: PHONE }],
])) {
  test(`axe finds nothing, and nothing is wider than the screen or jumps, ${name}`, async (t) => {
    const page = await panel.open(t, device);
    await page.evaluate(axe.source);
    assert.deepEqual(await violations(page), []);
    await start(page);
    await page.locator(".life-sentence", { hasText: /^Token 1 is fresh/ }).waitFor();
    await page.evaluate("shift = 0");
    assert.deepEqual(await violations(page), []);
    await press(page, "Down");
    await press(page, "+1 h, one hour ahead");
    await page.locator(".life-words .error", { hasText: "network_failed" }).waitFor();
    assert.deepEqual(await violations(page), []);
    assert.equal(await page.evaluate("shift"), 0);
    const [content, room] = await page
      .locator("#life")
      .evaluate(({ scrollWidth, clientWidth }) => [scrollWidth, clientWidth]);
    assert.ok(content <= room, `${content} in ${room}`);
  });
}

/**
 * What axe finds in the panel; preloading would bring style sheets in as text, which the page's
 * policy forbids.
 *
 * @param {import("playwright-core").Page} page
 * @returns {Promise<string[]>}
 */
function violations(page) {
  return page.evaluate(async () => {
    const { violations } = await Reflect.get(globalThis, "axe").run("#life", { preload: false });
    return violations.map(
      (/** @type {any} */ { id, nodes }) =>
        `${id}: ${nodes.map((/** @type {any} */ { html }) => html).join(" ")}`,
    );
  });
}
