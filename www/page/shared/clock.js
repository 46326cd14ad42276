// @ts-check
// Times as people read them: where they are, and how far from now, which is kept up to date.
import { element } from "./dom.js";

const UNITS = /** @type {const} */ ([
  ["d", 86_400],
  ["h", 3600],
  ["min", 60],
  ["s", 1],
]);
const TICK = 1000;

/** @param {number} at ms since 1970 */
export function timeElement(at) {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return element("span", {}, "no time that a calendar has");
  const moment = element("time", { datetime: date.toISOString() }, localTime(date));
  return element(
    "span",
    {},
    moment,
    " ",
    element("span", { class: "quiet", "data-at": String(at) }, distance(at, Date.now())),
  );
}

/** @param {Date} date */
export function localTime(date) {
  return date.toLocaleString("sv-SE"); // The one locale that writes 2026-11-23 16:04:05.
}

/**
 * In the largest unit and the next one.
 *
 * @type {(at: number, now: number) => string}
 */
export function distance(at, now) {
  const seconds = Math.round(Math.abs(at - now) / 1000);
  const largest = UNITS.findIndex(([, length]) => seconds >= length);
  if (largest < 0) return "now";
  const [[unit, length], next] = [UNITS[largest], UNITS[largest + 1]];
  const rest = next ? Math.floor((seconds % length) / next[1]) : 0;
  const words = `${Math.floor(seconds / length)} ${unit}${rest ? ` ${rest} ${next[0]}` : ""}`;
  return at > now ? `in ${words}` : `${words} ago`;
}

export function startClock() {
  setInterval(() => {
    if (document.hidden) return;
    for (const shown of document.querySelectorAll("[data-at]")) {
      const text = distance(Number(shown.getAttribute("data-at")), Date.now());
      if (shown.textContent !== text) shown.textContent = text;
    }
  }, TICK);
}
