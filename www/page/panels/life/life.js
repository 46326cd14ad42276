// @ts-check
// The panel "The life of a token": a token source at work, its callers and its token endpoint, and
// time as the visitor has it.
import { History } from "./history.js";
import { Timeline } from "./timeline.js";
import { createLifeView } from "./view.js";
import { sentenceOf, spansOf } from "./words.js";

/** @typedef {import("./worker.js").Order} Order */
/** @typedef {import("./worker.js").News} News */

/** How many callers a run begins with, and how many the button brings. */
const MANY = 100;
/** How often the steady caller calls, ms. */
const EACH = 1_000;
/** How often the words change, ms; where motion is reduced, the drawing too. */
const WORDS = { full: 250, reduced: 1_000 };
/** How long before its earliest refresh the clock is moved to, ms. */
const BEFORE_REFRESH = 2_000;

/** @param {HTMLElement} section */
export function startLife(section) {
  const view = createLifeView(section, {
    toggle,
    startOver,
    callMany,
    refuse,
    jump,
    jumpToRefresh,
    setServer,
    setSteady,
  });
  const timeline = new Timeline(view.drawing);
  const reduced = matchMedia("(prefers-reduced-motion: reduce)");
  let history = new History();
  /** @type {Worker | undefined} made when the drawing is first seen: until then nothing is loaded */
  let worker;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let calling;
  let run = 0;
  let isSteady = true;
  let isSeen = false;
  let isScheduled = false;
  let hasChanged = false;
  let saidAt = 0;
  let shownAt = Date.now();

  new ResizeObserver(fit).observe(view.drawing);
  // The whole panel: on a phone its words are read, and its buttons pressed, when the drawing is
  // out of sight.
  new IntersectionObserver(([{ isIntersecting }]) => see(isIntersecting)).observe(section);
  const first = new IntersectionObserver(
    ([{ isIntersecting }]) => {
      if (!isIntersecting) return;
      first.disconnect();
      if (!worker) startOver();
    },
    { threshold: 0.5 },
  );
  // Once: what a person paused stays as it is.
  first.observe(view.drawing);
  document.addEventListener("visibilitychange", () => see(isSeen));

  function toggle() {
    if (!worker) startOver();
    else if (calling === undefined) resume();
    else pause();
  }

  /** With another source, which has no token yet. */
  function startOver() {
    worker ??= startWorker();
    history = new History();
    run += 1;

    fit();
    view.showCounts(history);
    view.showEvents(history);
    view.say(sentenceOf(history, Date.now(), isSteady));

    order({ type: "begin", run });
    setServer();
    callMany();
    resume();
  }

  function startWorker() {
    const made = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
    made.addEventListener("message", ({ data }) => take(data));
    made.addEventListener("error", (event) => {
      pause();
      made.terminate();
      worker = undefined;
      view.giveUp(event.message || "its Web Worker did not load");
    });
    return made;
  }

  /** @param {Order} given */
  function order(given) {
    worker?.postMessage(given);
  }

  function resume() {
    clearInterval(calling);
    // The first ones are to come first, however long the Worker takes to load.
    calling = setInterval(() => {
      if (isSteady && history.counts.callers > 0) order({ type: "call", count: 1 });
    }, EACH);
    view.setState("running");
    schedule();
  }

  function pause() {
    clearInterval(calling);
    calling = undefined;
    view.setState("paused");
  }

  function callMany() {
    order({ type: "call", count: MANY });
  }

  function refuse() {
    order({ type: "refuse" });
  }

  /** @param {boolean} on */
  function setSteady(on) {
    isSteady = on;
  }

  function setServer() {
    order({ type: "server", server: view.server() });
  }

  /** @param {number} by */
  function jump(by) {
    order({ type: "jump", by });
  }

  function jumpToRefresh() {
    const { current } = history;
    if (!current) return;

    const refreshAt = current.expiresAt - spansOf(current).earliest;
    const now = Date.now() + history.offset;
    jump(refreshAt - BEFORE_REFRESH - now);
  }

  /** @param {News} news */
  function take(news) {
    if (news.run !== run) return;
    history.take(news);
    hasChanged = true;

    view.showCounts(history);
    if (news.type === "event") view.showEvents(history);
    if (news.type === "calls" && news.calls.endedAt !== undefined)
      view.showCalls(news.calls, history.requests);
  }

  function fit() {
    timeline.fit(view.drawing.clientWidth, view.server().lifetime);
    timeline.draw(history, shownAt);
  }

  /** @param {boolean} isIntersecting */
  function see(isIntersecting) {
    isSeen = isIntersecting;
    schedule();
  }

  function schedule() {
    if (isScheduled || calling === undefined || !isSeen || document.hidden) return;
    isScheduled = true;
    if (reduced.matches) setTimeout(frame, WORDS.reduced);
    else requestAnimationFrame(frame);
  }

  function frame() {
    isScheduled = false;
    if (calling === undefined) return;

    const now = Date.now();
    shownAt = now;
    if (hasChanged) timeline.draw(history, now);
    else timeline.move(now);
    hasChanged = false;

    if (now - saidAt >= WORDS.full) {
      saidAt = now;
      view.say(sentenceOf(history, now, isSteady));
    }
    schedule();
  }
}
