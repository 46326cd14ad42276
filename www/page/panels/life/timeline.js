// @ts-check
// Draws a run: time goes from right to left under a line that is now. What has happened is drawn
// once and then moved; only what is still going on is drawn again with every frame.
import { svg } from "./svg.js";
import { duration, spansOf } from "./words.js";

/** @typedef {import("./history.js").History} History */
/** @typedef {import("./history.js").Held} Held */

/** Where things are, from the top. */
const ROWS = { callers: 48, requests: 86, lanes: [130, 156, 182], axis: 212 };
const [BAR, USED, HEIGHT] = [20, 5, 234];
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
    this.#moving.setAttribute(
      "transform",
      `translate(${(this.#width * NOW - this.#length(now - this.#origin)).toFixed(2)} 0)`,
    );
    for (const { grow, since, until } of this.#open)
      grow.setAttribute(
        "width",
        this.#length(Math.max(0, Math.min(now, until) - since)).toFixed(2),
      );
  }

  #drawFixed() {
    const middle = this.#width * NOW;
    const names = /** @type {const} */ ([
      ["Callers", 12],
      ["Token requests", 72],
      ["Tokens", 122],
    ]);
    const step = STEPS.find((step) => this.#shown / step < 8) ?? 30_000;
    const ticks = [];
    for (
      let time = -Math.floor((this.#shown * NOW) / step) * step;
      time < this.#shown * (1 - NOW);
      time += step
    ) {
      const x = middle + this.#length(time);
      if (time === 0 || x < 14 || x > this.#width - 20) continue;
      ticks.push(
        svg("line", { class: "life-tick", x1: x, x2: x, y1: ROWS.axis, y2: ROWS.axis + 4 }),
        text(x, ROWS.axis + 17, `${time < 0 ? "−" : "+"}${Math.abs(time) / 1000} s`, "life-axis"),
      );
    }
    this.#fixed.replaceChildren(
      ...names.map(([name, y]) => text(0, y, name, "life-row")),
      svg("line", { class: "life-tick", x1: 0, x2: this.#width, y1: ROWS.axis, y2: ROWS.axis }),
      ...ticks,
      svg("line", { class: "life-now", x1: middle, x2: middle, y1: 4, y2: ROWS.axis + 4 }),
      text(middle, ROWS.axis + 17, "now", "life-axis life-axis-now"),
    );
  }

  /** @type {(token: Held, nextInLane: number | undefined) => Element[]} */
  #token(token, nextInLane = Infinity) {
    const { number, startedAt, jumpedAt, expiresAt, offset, replacedAt, rejectedAt } = token;
    const { earliest, latest, margin } = spansOf(token);
    // Where the clock was moved past something, that came at the jump.
    const [end, from, to, last] = [0, earliest, latest, margin].map((before) =>
      Math.min(nextInLane, Math.max(jumpedAt, expiresAt - before - offset)),
    );
    const y = ROWS.lanes[(number - 1) % ROWS.lanes.length];
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
    return rejectedAt === undefined
      ? [group]
      : [
          group,
          this.#cross(this.#x(rejectedAt), y + BAR / 2),
          text(this.#x(rejectedAt) + 9, y + 14, "401", "life-note life-bad"),
        ];
  }

  /**
   * From its request to its bar.
   *
   * @param {Held} token
   */
  #obtained({ number, startedAt, aheadBy }) {
    const [group, x] = [svg("g"), this.#x(startedAt)];
    group.append(
      svg("line", {
        class: "life-link",
        x1: x,
        x2: x,
        y1: ROWS.requests,
        y2: ROWS.lanes[(number - 1) % ROWS.lanes.length],
      }),
    );
    if (aheadBy !== undefined)
      group.append(
        text(
          x - 5,
          ROWS.requests + 20,
          `${duration(aheadBy)} ahead`,
          "life-note life-good life-before",
        ),
      );
    return group;
  }

  /** @param {import("./server.js").Request} request */
  #request({ sentAt, endedAt, answered }) {
    const group = svg("g", {
      class: endedAt !== undefined && !answered ? "life-request life-failed" : "life-request",
    });
    const bar = svg("rect", {
      x: this.#x(sentAt),
      y: ROWS.requests - 3,
      height: 6,
      width: endedAt === undefined ? 0 : this.#length(endedAt - sentAt),
    });
    if (endedAt === undefined) this.#open.push({ grow: bar, since: sentAt, until: Infinity });
    group.append(bar, svg("circle", { cx: this.#x(sentAt), cy: ROWS.requests, r: 4.5 }));
    if (endedAt !== undefined && !answered)
      group.append(this.#cross(this.#x(endedAt) + 4, ROWS.requests));
    return group;
  }

  /** @param {import("./worker.js").Calls} calls */
  #calls({ at, endedAt, count, failed, waited }) {
    const [x, top] = [this.#x(at), ROWS.callers - (count >= MANY ? 26 : 14)];
    const group = svg("g", { class: "life-call" });
    const hasWaited = endedAt === undefined || waited > 0 || (failed > 0 && endedAt - at > 20);
    if (hasWaited) {
      group.classList.add("life-waited");
      const wait = svg("rect", {
        x,
        y: ROWS.callers - 10,
        height: 6,
        width: endedAt === undefined ? 0 : this.#length(endedAt - at),
      });
      if (endedAt === undefined) this.#open.push({ grow: wait, since: at, until: Infinity });
      group.append(wait);
    }
    group.append(
      svg("line", {
        class: count >= MANY ? "life-many" : "",
        x1: x,
        x2: x,
        y1: top,
        y2: ROWS.callers,
      }),
    );
    if (failed) group.append(this.#cross(this.#x(endedAt ?? at), ROWS.callers - 7));
    if (count >= MANY) group.append(text(x + 5, top + 9, String(count), "life-note"));
    return group;
  }

  /** @type {(jump: { at: number; by: number }, next: number | undefined) => Element} */
  #jump({ at, by }, next = Infinity) {
    const [group, x] = [svg("g"), this.#x(at)];
    group.append(svg("line", { class: "life-jump", x1: x, x2: x, y1: 4, y2: ROWS.axis }));
    if (this.#length(next - at) > ROOM)
      group.append(text(x + 4, 12, `${by < 0 ? "−" : "+"}${duration(by)}`, "life-note life-moved"));
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

/** @type {(x: number, y: number, words: string, name: string) => Element} */
function text(x, y, words, name) {
  const made = svg("text", { x, y, class: name });
  made.append(words);
  return made;
}
