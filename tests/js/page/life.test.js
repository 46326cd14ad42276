// @ts-check
// The panel "The life of a token" in Chromium: the package's own source, with its callers, its
// server and its clock in a person's hand.
import assert from "node:assert/strict";
import test, { after } from "node:test";
import {
  changesOf,
  count,
  counts,
  events,
  firstToken,
  press,
  start,
  startPanel,
  until,
} from "../support/page/life.js";

const HOUR = 3_600_000;

const panel = await startPanel();
after(panel.stop);

test("100 callers and no token make one request", async (t) => {
  const page = await panel.open(t);
  await start(page);
  await page
    .locator("#life dd", { hasText: /^100 callers: served after waiting; 1\stoken request$/ })
    .waitFor();
  await firstToken(page);
  assert.deepEqual(
    (await events(page)).map(({ type, what, code }) => [type, what, code]),
    [["fetch", "token", ""]],
  );
  await press(page, "100 at once");
  await page
    .locator("#life dd", { hasText: /^100 callers: served at once; no token request$/ })
    .waitFor();
  assert.equal(await count(page, "requests"), 1);
});

test("a token is refreshed ahead of its end, and nobody waits", async (t) => {
  const page = await panel.open(t);
  // Long enough for a machine that is busy to see the first token fresh.
  await start(page, "30 s");
  const first = await firstToken(page);
  const said = await changesOf(page, "#life [role=status]", { childList: true });
  const label = () => page.getAttribute(".life-drawing", "aria-label");
  const expected = "a refresh is expected from 9\\.0\\ss before its end, in \\d+\\.\\d\\ss\\.";
  await page
    .locator(".life-sentence", {
      hasText: new RegExp(`^Token 1 is fresh for \\d+\\.\\d\\ss; ${expected}$`),
    })
    .waitFor();
  assert.match(
    (await label()) ?? "",
    /^Timeline of callers, token requests and tokens\. Token 1 is fresh for /,
  );
  await page.locator(".life-refresh").waitFor();
  await page.locator(".life-sentence", { hasText: "Token 2 is fresh" }).waitFor();
  const { waited, failed, requests, atOnce, callers } = await counts(page);
  assert.deepEqual([waited, failed, requests], [first, 0, 2]);
  assert.ok(atOnce >= 6 && atOnce === callers - first, `${atOnce} of ${callers}`);
  assert.equal(await page.locator(".life-gone").count(), 1);
  // It is the first call in the range in which a refresh may begin, or after it.
  const ahead = Number(
    /^([\d.]+)\ss ahead$/.exec((await page.textContent(".life-good")) ?? "")?.[1],
  );
  assert.ok(ahead > 0 && ahead <= 9, `${ahead} s`);
  assert.equal(await said(), 0, "what goes well is not announced");
});

test("while the server is down: nobody notices, then all get the error; it heals", async (t) => {
  const page = await panel.open(t);
  await start(page, "30 s");
  await firstToken(page);
  await press(page, "Down");
  assert.equal(
    await page.getByRole("button", { name: "Down" }).getAttribute("aria-pressed"),
    "true",
  );
  await press(page, "To the refresh");
  await page.locator(".life-fail").waitFor();
  await page.locator(".life-sentence", { hasText: "callers notice nothing yet" }).waitFor();
  assert.equal(await count(page, "failed"), 0);
  // The newest first: on a machine that is busy the next flight has begun.
  const shown = await events(page);
  const first = shown.findLastIndex(({ type }) => type === "fail");
  assert.deepEqual(
    shown.slice(first, first + 3).map(({ type, code }) => [type, code]),
    [
      ["fail", "network_failed"],
      ["retry", "network_failed"],
      ["retry", "network_failed"],
    ],
  );

  await press(page, "+1 min, one minute ahead");
  const last = page.locator(".life-words dd").last();
  await last
    .filter({
      hasText:
        "The token endpoint at https://idp.example cannot be reached. network_failed unavailable" +
        "Check the address, and that the server is up",
    })
    .waitFor();
  await page.locator("#life [role=status]", { hasText: "Callers get an error" }).waitFor();
  assert.ok((await count(page, "failed")) > 0);
  await page.locator(".life-sentence", { hasText: "callers get the error at once" }).waitFor();

  await press(page, "Down");
  await page.locator("#life [role=status]", { hasText: "Callers are served again" }).waitFor();
  const failed = await count(page, "failed");
  await page.locator(".life-sentence", { hasText: /^Token 2 is fresh/ }).waitFor();
  assert.equal(await count(page, "failed"), failed);
  assert.equal((await events(page))[0].type, "fetch");
});

test("while it is slow callers wait, all for one request, and all are served", async (t) => {
  const page = await panel.open(t);
  await start(page);
  await press(page, "Slow (3 s)");
  await press(page, "Start over");
  await page
    .locator(".life-sentence", { hasText: /^No token yet: 10[12] callers wait for one request\.$/ })
    .waitFor();
  assert.equal(await count(page, "waited"), 0);
  await page.locator(".life-waited").first().waitFor();
  await page.locator(".life-fetch").waitFor();
  await page.locator(".life-sentence", { hasText: /^Token 1 is fresh/ }).waitFor();
  const { waited, failed, requests } = await counts(page);
  assert.ok(waited >= 102, String(waited));
  assert.deepEqual([failed, requests], [0, 1]);
});

test("a token that an API refuses is replaced, but not twice within a minute", async (t) => {
  const page = await panel.open(t);
  await start(page, "60 s");
  await firstToken(page);
  await press(page, "Refuse it (401)");
  await page.locator(".life-invalidate", { hasText: "the next caller gets another" }).waitFor();
  await until(page, "requests", 2);
  await page.locator(".life-sentence", { hasText: /^Token 2 is fresh/ }).waitFor();
  await press(page, "Refuse it (401)");
  await page.locator(".life-invalidate", { hasText: "not counted" }).waitFor();
  await until(page, "callers", 105);
  assert.equal(await count(page, "requests"), 2);
  assert.equal(await count(page, "failed"), 0);
});

test("the clock jumps an hour ahead and back: it heals; no other clock moves", async (t) => {
  const page = await panel.open(t);
  await start(page);
  const first = await firstToken(page);
  await press(page, "+1 h, one hour ahead");
  await until(page, "requests", 2);
  await page.locator(".life-sentence", { hasText: /^Token 2 is fresh/ }).waitFor();
  assert.ok((await count(page, "waited")) > first, "the old token was over");
  const waited = await count(page, "waited");
  assert.ok(Math.abs((await page.evaluate(() => Date.now())) - Date.now()) < HOUR / 60);

  await press(page, "−1 h, one hour back");
  await until(page, "requests", 3);
  await page.locator(".life-sentence", { hasText: /^Token 3 is fresh for \d\.\d\ss/ }).waitFor();
  assert.deepEqual(
    [await count(page, "waited"), await count(page, "failed")],
    [waited, 0],
    "the old one is used until the new one is there",
  );
  assert.equal(await page.locator(".life-jump").count(), 3, "two, and the legend's");
});

test("twelve hours: the clock can be moved to the refresh", async (t) => {
  const page = await panel.open(t);
  await start(page, "12 h");
  const first = await firstToken(page);
  const expected =
    "a refresh is expected from 7\\smin 30\\ss before its end, in 11\\sh 52\\smin\\.";
  await page
    .locator(".life-sentence", {
      hasText: new RegExp(`^Token 1 is fresh for 11\\sh 59\\smin; ${expected}$`),
    })
    .waitFor();
  await press(page, "To the refresh");
  const latest = "a call refreshes it 5\\smin before its end at the latest\\.";
  await page
    .locator(".life-sentence", {
      hasText: new RegExp(`^Token 1 is good for 7\\smin \\d+\\ss; ${latest}$`),
    })
    .waitFor();
  // By now it may have been drawn already; after three minutes it is.
  for (const _ of Array(3)) await press(page, "+1 min, one minute ahead");
  await page.locator(".life-refresh").waitFor();
  assert.deepEqual([await count(page, "waited"), await count(page, "requests")], [first, 2]);
});

test("without callers nobody refreshes; starting over begins at nothing", async (t) => {
  const page = await panel.open(t);
  await start(page);
  await firstToken(page);
  await press(page, "1 a second");
  await page
    .locator(".life-sentence", { hasText: "nobody calls, so nobody refreshes it" })
    .waitFor();
  await press(page, "+1 min, one minute ahead");
  await page
    .locator(".life-sentence", { hasText: "No token that is good: the next caller gets one." })
    .waitFor();
  const before = await counts(page);
  assert.equal(before.requests, 1);
  await press(page, "Start over");
  await until(page, "callers", 100);
  await firstToken(page);
  assert.equal((await events(page)).length, 1);
  await page.locator(".life-sentence", { hasText: /^Token 1 is fresh/ }).waitFor();
});
