// @ts-check
// Draws a run: time goes from right to left under a line that is now. What has happened is drawn
// once and then moved; only what is still going on is drawn again with every frame.
import { svg } from "./svg.js";
import { duration, spansOf } from "./words.js";

/** @typedef {import("./history.js").History} History */
/** @typedef {import("./history.js").Held} Held */

/** Where things are, from the top. */
const ROWS = { callers: 48, requests: 86, lanes: [130, 156, 182], axis: 212 };
const HEIGHT = 234;
/** How high a token's bar is, and the line in it that shows its use. */
const BAR = 20;
const USED = 5;
/** From how many callers at once a number stands beside them. */
const MANY = 10;
/** What the words beside a jump need until the next one. */
const ROOM = 70;
/** Where now is, as a share of the width; and how much time is shown, ms. */
const NOW = 0.42;
const STEPS = [5_000, 10_000, 30_000];

/** @typedef {{ grow: Element; since: number; until: number }} Open what grows until now */

export class Timeline {
  #root;
  #moving = svg("g");
  #fixed = svg("g");
  #width = 0;
  #shown = 30_000;
  #origin = 0;
  /** @type {Open[]} */
  #open = [];

  /** @param {Element} root an `svg` */
  constructor(root) {
    this.#root = root;
    const stripes = svg("pattern", {
      id: "life-stripes",
      width: 6,
      height: 6,
      patternUnits: "userSpaceOnUse",
      patternTransform: "rotate(45)",
    });
    stripes.append(
      svg("rect", { class: "life-ahead-ground", width: 6, height: 6 }),
      svg("rect", { class: "life-ahead-stripe", width: 2, height: 6 }),
    );
    const defs = svg("defs");
    defs.append(stripes);
    root.append(defs, this.#moving, this.#fixed);
  }

  /**
   * @type {(width: number, lifetime: number) => void} of the drawing, in pixels, and of tokens, in
   *   seconds
   */
  fit(width, lifetime) {
    this.#width = width;
    this.#shown = { 10: 26_000, 30: 75_000 }[lifetime] ?? 140_000;
    this.#root.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    this.#root.setAttribute("height", String(HEIGHT));
    this.#drawFixed();
  }

  /**
   * What has happened.
   *
   * @type {(history: History, now: number) => void}
   */
  draw(history, now) {
    this.#origin = now;
    this.#open = [];
    this.#moving.replaceChildren(
      ...history.jumps.map((jump, index) => this.#jump(jump, history.jumps[index + 1]?.at)),
      ...history.tokens.flatMap((token, index) =>
        this.#token(token, history.tokens[index + ROWS.lanes.length]?.startedAt),
      ),
      ...history.requests.map((request) => this.#request(request)),
      ...history.tokens.map((token) => this.#obtained(token)),
      ...history.calls.map((calls) => this.#calls(calls)),
    );
    this.move(now);
  }

  /** @param {number} now */
  move(now) {
    const x = this.#width * NOW - this.#length(now - this.#origin);
    this.#moving.setAttribute("transform", `translate(${x.toFixed(2)} 0)`);

    for (const { grow, since, until } of this.#open) {
      const millis = Math.max(0, Math.min(now, until) - since);
      grow.setAttribute("width", this.#length(millis).toFixed(2));
    }
  }

  #drawFixed() {
    const middle = this.#width * NOW;
    this.#fixed.replaceChildren(
      text(0, 12, "Callers", "life-row"),
      text(0, 72, "Token requests", "life-row"),
      text(0, 122, "Tokens", "life-row"),
      svg("line", { class: "life-tick", x1: 0, x2: this.#width, y1: ROWS.axis, y2: ROWS.axis }),
      ...this.#ticks(middle),
      svg("line", { class: "life-now", x1: middle, x2: middle, y1: 4, y2: ROWS.axis + 4 }),
      text(middle, ROWS.axis + 17, "now", "life-axis life-axis-now"),
    );
  }

  /** @param {number} middle where now is */
  #ticks(middle) {
    const step = STEPS.find((step) => this.#shown / step < 8) ?? 30_000;
    const first = -Math.floor((this.#shown * NOW) / step) * step;
    const end = this.#shown * (1 - NOW);

    const ticks = [];
    for (let time = first; time < end; time += step) {
      const x = middle + this.#length(time);
      if (time === 0 || x < 14 || x > this.#width - 20) continue;

      const sign = time < 0 ? "−" : "+";
      ticks.push(
        svg("line", { class: "life-tick", x1: x, x2: x, y1: ROWS.axis, y2: ROWS.axis + 4 }),
        text(x, ROWS.axis + 17, `${sign}${Math.abs(time) / 1000} s`, "life-axis"),
      );
    }
    return ticks;
  }

  /** @type {(token: Held, nextInLane: number | undefined) => Element[]} */
  #token(token, nextInLane = Infinity) {
    const { number, startedAt, jumpedAt, expiresAt, offset, replacedAt, rejectedAt } = token;
    const { earliest, latest, margin } = spansOf(token);
    // Where the clock was moved past something, that came at the jump.
    const at = (/** @type {number} */ beforeEnd) =>
      Math.min(nextInLane, Math.max(jumpedAt, expiresAt - beforeEnd - offset));
    const from = at(earliest);
    const to = at(latest);
    const last = at(margin);
    const end = at(0);
    const y = laneOf(number);
    const gone = replacedAt ?? rejectedAt;

    const group = svg("g", gone === undefined ? {} : { class: "life-gone" });
    const used = svg("rect", {
      class: "life-used",
      x: this.#x(startedAt),
      y: y + BAR - USED,
      height: USED,
    });
    this.#open.push({ grow: used, since: startedAt, until: Math.min(end, gone ?? Infinity) });
    group.append(
      this.#bar("life-fresh", startedAt, from, y),
      this.#bar("life-ahead", from, to, y, "url(#life-stripes)"),
      this.#bar("life-due", to, last, y),
      this.#bar("life-margin", last, end, y),
      used,
      svg("line", {
        class: "life-end",
        x1: this.#x(end),
        x2: this.#x(end),
        y1: y - 2,
        y2: y + BAR + 2,
      }),
      text(this.#x(startedAt) + 6, y + 11.5, String(number), "life-number"),
    );
    if (rejectedAt === undefined) return [group];
    const x = this.#x(rejectedAt);
    return [group, this.#cross(x, y + BAR / 2), text(x + 9, y + 14, "401", "life-note life-bad")];
  }

  /**
   * From its request to its bar.
   *
   * @param {Held} token
   */
  #obtained({ number, startedAt, aheadBy }) {
    const x = this.#x(startedAt);
    const line = { x1: x, x2: x, y1: ROWS.requests, y2: laneOf(number) };
    const group = svg("g", {}, svg("line", { class: "life-link", ...line }));
    if (aheadBy === undefined) return group;

    const words = `${duration(aheadBy)} ahead`;
    group.append(text(x - 5, ROWS.requests + 20, words, "life-note life-good life-before"));
    return group;
  }

  /** @param {import("./server.js").Request} request */
  #request({ sentAt, endedAt, answered }) {
    const hasFailed = endedAt !== undefined && !answered;
    const group = svg("g", { class: hasFailed ? "life-request life-failed" : "life-request" });
    group.append(
      this.#span(sentAt, endedAt, ROWS.requests - 3),
      svg("circle", { cx: this.#x(sentAt), cy: ROWS.requests, r: 4.5 }),
    );
    if (hasFailed) group.append(this.#cross(this.#x(endedAt) + 4, ROWS.requests));
    return group;
  }

  /** @param {import("./worker.js").Calls} calls */
  #calls({ at, endedAt, count, failed, waited }) {
    const x = this.#x(at);
    const isMany = count >= MANY;
    const top = ROWS.callers - (isMany ? 26 : 14);
    const hasWaited = endedAt === undefined || waited > 0 || (failed > 0 && endedAt - at > 20);

    const group = svg("g", { class: "life-call" });
    if (hasWaited) {
      group.classList.add("life-waited");
      group.append(this.#span(at, endedAt, ROWS.callers - 10));
    }
    const line = { x1: x, x2: x, y1: top, y2: ROWS.callers };
    group.append(svg("line", { class: isMany ? "life-many" : "", ...line }));
    if (failed) group.append(this.#cross(this.#x(endedAt ?? at), ROWS.callers - 7));
    if (isMany) group.append(text(x + 5, top + 9, String(count), "life-note"));
    return group;
  }

  /**
   * A thin bar, which grows while there is no end.
   *
   * @type {(from: number, to: number | undefined, y: number) => Element}
   */
  #span(from, to, y) {
    const width = to === undefined ? 0 : this.#length(to - from);
    const bar = svg("rect", { x: this.#x(from), y, height: 6, width });
    if (to === undefined) this.#open.push({ grow: bar, since: from, until: Infinity });
    return bar;
  }

  /** @type {(jump: { at: number; by: number }, next: number | undefined) => Element} */
  #jump({ at, by }, next = Infinity) {
    const x = this.#x(at);
    const line = { x1: x, x2: x, y1: 4, y2: ROWS.axis };
    const group = svg("g", {}, svg("line", { class: "life-jump", ...line }));
    if (this.#length(next - at) <= ROOM) return group;

    const sign = by < 0 ? "−" : "+";
    group.append(text(x + 4, 12, `${sign}${duration(by)}`, "life-note life-moved"));
    return group;
  }

  /** @type {(name: string, from: number, to: number, y: number, fill?: string) => Element} */
  #bar(name, from, to, y, fill) {
    return svg("rect", {
      class: name,
      x: this.#x(from),
      y,
      width: this.#length(Math.max(0, to - from)),
      height: BAR,
      ...(fill && { fill }),
    });
  }

  /** @type {(x: number, y: number) => Element} */
  #cross(x, y) {
    return svg("path", { class: "life-cross", d: `M${x - 4} ${y - 4}l8 8m0-8l-8 8` });
  }

  /** @param {number} time */
  #x(time) {
    return this.#length(Math.max(-this.#shown, Math.min(time - this.#origin, 100 * this.#shown)));
  }

  /** @param {number} millis */
  #length(millis) {
    return (Math.min(millis, 100 * this.#shown) / this.#shown) * this.#width;
  }
}

/** @param {number} number of a token */
function laneOf(number) {
  return ROWS.lanes[(number - 1) % ROWS.lanes.length];
}

/** @type {(x: number, y: number, words: string, name: string) => Element} */
function text(x, y, words, name) {
  const made = svg("text", { x, y, class: name });
  made.append(words);
  return made;
}
