// @ts-check
// Times as people read them: where they are, and how far from now, which is kept up to date.
import { element } from "./dom.js";

/** In seconds, the largest first. */
const UNITS = [
  { unit: "d", length: 86_400 },
  { unit: "h", length: 3600 },
  { unit: "min", length: 60 },
  { unit: "s", length: 1 },
];
/** How often distances are brought up to date, ms. */
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
  const index = UNITS.findIndex(({ length }) => seconds >= length);
  if (index < 0) return "now";

  const largest = UNITS[index];
  const next = UNITS.at(index + 1);
  const rest = next ? Math.floor((seconds % largest.length) / next.length) : 0;
  const whole = `${Math.floor(seconds / largest.length)} ${largest.unit}`;
  const words = rest ? `${whole} ${rest} ${next?.unit}` : whole;
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
