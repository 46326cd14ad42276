// @ts-check
// What the panel "The life of a token" is made of, apart from the drawing.
import { element } from "../../shared/dom.js";
import { errorElement } from "../../shared/error-view.js";
import { svg } from "./svg.js";
import { clockTime, detailOf, resultOf } from "./words.js";

/** @typedef {import("./history.js").History} History */
/** @typedef {import("./worker.js").Calls} Calls */
/** @typedef {import("./server.js").Request} Request */

const MINUTE = 60_000;
const HOUR = 3_600_000;
const LIFETIMES = [
  { seconds: 10, words: "10 s" },
  { seconds: 30, words: "30 s" },
  { seconds: 60, words: "60 s" },
  { seconds: 43_200, words: "12 h" },
];
const COUNTS = /** @type {const} */ ([
  { name: "callers", title: "Callers" },
  { name: "requests", title: "Token requests" },
  { name: "atOnce", title: "Served at once" },
  { name: "waited", title: "Waited" },
  { name: "failed", title: "Failed" },
]);
const LEAD =
  "A token source at work: 100 callers at once make one request, and the next token is there " +
  "before the last one ends. Its token endpoint is a function of this page and its clock can be " +
  "moved, so that lifetime, outage and time are in your hand.";
const STATES = { waiting: "Start", running: "Pause", paused: "Go on", failed: "Start" };

/**
 * @param {HTMLElement} section
 * @param {{
 *   toggle: () => void;
 *   startOver: () => void;
 *   callMany: () => void;
 *   refuse: () => void;
 *   jump: (by: number) => void;
 *   jumpToRefresh: () => void;
 *   setServer: () => void;
 *   setSteady: (on: boolean) => void;
 * }} actions
 */
export function createLifeView(section, actions) {
  const start = button(STATES.waiting, actions.toggle, "main life-primary");
  const over = button("Start over", actions.startOver);
  const drawing = svg("svg", {
    class: "life-drawing",
    role: "img",
    "aria-label": "Timeline: not started",
  });
  const now = element("p", { class: "life-sentence" }, "Not started yet.");
  const last = element("dd", {}, "–");
  const lastMany = element("dd", {}, "–");
  const announcement = element("p", { role: "status", class: "unseen" });
  const trouble = element("div", { role: "alert" });
  const counts = COUNTS.map(({ name, title }) => ({
    name,
    title,
    value: element("dd", { "data-count": name }, "0"),
  }));
  const rows = element("tbody");
  const lifetimes = LIFETIMES.map(({ seconds, words }) => {
    const input = /** @type {HTMLInputElement} */ (
      element("input", { type: "radio", name: "life-lifetime", value: String(seconds) })
    );
    input.checked = seconds === LIFETIMES[0].seconds;
    input.addEventListener("change", () => {
      if (isStarted()) actions.startOver();
    });
    return { input, label: element("label", {}, input, element("span", {}, words)) };
  });
  const steady = toggle("1 a second", true, actions.setSteady);
  const down = toggle("Down", false, actions.setServer);
  const slow = toggle("Slow (3 s)", false, actions.setServer);
  const acts = [
    group("Callers", steady, button("100 at once", actions.callMany)),
    group("Token endpoint", down, slow),
    group("API", button("Refuse it (401)", actions.refuse)),
    group("Clock", ...jumps(actions), button("To the refresh", actions.jumpToRefresh)),
  ];

  section.append(
    element("p", { class: "lead" }, LEAD),
    element(
      "div",
      { class: "life-run" },
      start,
      over,
      group("Lifetime of a token", ...lifetimes.map(({ label }) => label)),
    ),
    trouble,
    drawing,
    now,
    element("div", { class: "life-acts" }, ...acts),
    legend(),
    element(
      "dl",
      { class: "figures life-counts" },
      ...counts.map(({ title, value }) => pair(title, value)),
    ),
    element(
      "div",
      { class: "life-told" },
      eventsTable(rows),
      element(
        "dl",
        { class: "life-words" },
        pair("The last 100 at once", lastMany),
        pair("The last caller", last),
      ),
    ),
    announcement,
  );
  let isFailing = false;
  setState("waiting");

  /** @param {keyof typeof STATES} state */
  function setState(state) {
    section.dataset.state = state;
    if (state !== "failed") trouble.replaceChildren();
    start.textContent = STATES[state];
    over.disabled = !isStarted();
    for (const act of acts) act.disabled = state !== "running";
  }

  function isStarted() {
    return section.dataset.state === "running" || section.dataset.state === "paused";
  }

  return {
    drawing,
    setState,
    server() {
      const lifetime = Number(lifetimes.find(({ input }) => input.checked)?.input.value);
      return { lifetime, isDown: isPressed(down), isSlow: isPressed(slow) };
    },
    /** @param {string} sentence */
    say(sentence) {
      if (now.textContent === sentence) return;
      now.textContent = sentence;
      // Nothing is announced by that.
      drawing.setAttribute(
        "aria-label",
        `Timeline of callers, token requests and tokens. ${sentence}`,
      );
    },
    /** @param {History} history */
    showCounts(history) {
      for (const { name, value } of counts) value.textContent = String(history.counts[name]);
    },
    /** @param {History} history */
    showEvents(history) {
      if (history.events.length === 0) rows.replaceChildren(nothingRow());
      else rows.replaceChildren(...history.events.map(eventRow));
    },
    /** @type {(calls: Calls, requests: Request[]) => void} of calls that are done */
    showCalls(calls, requests) {
      const { at, endedAt = at, count, failed, error, token } = calls;
      const result = resultOf(calls);

      if (error && failed) {
        last.replaceChildren(errorElement(error));
      } else {
        const end = clockTime(token?.expiresAt ?? NaN);
        last.replaceChildren(`${result.replace(/^.*: /, "")}, with the token that ends at ${end}`);
      }

      if (count > 1) {
        const during = requests.filter(
          (request) => request.sentAt <= endedAt && (request.endedAt ?? Infinity) >= at,
        );
        const words = `${result}; ${requestsInWords(during.length)}`;
        lastMany.textContent = words;
        announcement.textContent = words;
      }

      if (failed > 0 && !isFailing)
        announcement.textContent = `Callers get an error: ${error?.message}. ${error?.hint}`;
      if (failed === 0 && isFailing) announcement.textContent = "Callers are served again";
      isFailing = failed > 0;
    },
    /** @param {string} message */
    giveUp(message) {
      setState("failed");
      trouble.replaceChildren(
        element(
          "p",
          { class: "trouble" },
          `This panel has stopped: ${message}. Is the server of this page still there?`,
        ),
      );
    },
  };
}

/** @param {{ jump: (by: number) => void }} actions */
function jumps({ jump }) {
  const each = [
    { words: "−1 h", label: "one hour back", by: -HOUR },
    { words: "+1 min", label: "one minute ahead", by: MINUTE },
    { words: "+1 h", label: "one hour ahead", by: HOUR },
  ];
  return each.map(({ words, label, by }) => {
    const made = button(words, () => jump(by));
    made.setAttribute("aria-label", `${words}, ${label}`);
    return made;
  });
}

/** @param {number} count */
function requestsInWords(count) {
  if (count === 0) return "no token request";
  return count === 1 ? "1\u00a0token request" : `${count} token requests`;
}

/** @type {(words: string, act: () => void, name?: string) => HTMLButtonElement} */
function button(words, act, name = "") {
  const made = /** @type {HTMLButtonElement} */ (
    element("button", { type: "button", class: name }, words)
  );
  made.addEventListener("click", act);
  return made;
}

/** @type {(words: string, isOn: boolean, act: (isOn: boolean) => void) => HTMLButtonElement} */
function toggle(words, isOn, act) {
  const made = button(words, () => {
    made.setAttribute("aria-pressed", String(!isPressed(made)));
    act(isPressed(made));
  });
  made.setAttribute("aria-pressed", String(isOn));
  return made;
}

/** @param {HTMLElement} toggle */
function isPressed(toggle) {
  return toggle.getAttribute("aria-pressed") === "true";
}

/** @type {(title: string, ...controls: HTMLElement[]) => HTMLFieldSetElement} */
function group(title, ...controls) {
  return /** @type {HTMLFieldSetElement} */ (
    element("fieldset", {}, element("legend", {}, title), element("div", {}, ...controls))
  );
}

/** @type {(title: string, value: HTMLElement) => HTMLElement} */
function pair(title, value) {
  return element("div", {}, element("dt", {}, title), value);
}

function legend() {
  const bar = (/** @type {string} */ name, fill = "") =>
    svg("rect", { class: name, width: 20, height: 12, ...(fill && { fill }) });
  const line = (/** @type {string} */ name) =>
    svg("line", { class: name, x1: 3, x2: 3, y1: 0, y2: 12 });
  const used = svg("rect", { class: "life-used", y: 4, width: 20, height: 5 });
  const wait = svg("rect", { x: 3, y: 3, width: 16, height: 6 });
  const cross = svg("path", { class: "life-cross", d: "M1 2l8 8m0-8l-8 8" });

  const tokens = legendRow("Tokens", [
    { words: "fresh", width: 20, sample: bar("life-fresh") },
    { words: "a refresh may begin", width: 20, sample: bar("life-ahead", "url(#life-stripes)") },
    { words: "is due", width: 20, sample: bar("life-due") },
    { words: "used only while the server fails", width: 20, sample: bar("life-margin") },
    { words: "hard end", width: 6, sample: line("life-end") },
    { words: "in use", width: 20, sample: used },
  ]);
  const others = legendRow("Callers", [
    { words: "served at once", width: 6, sample: svg("g", { class: "life-call" }, line("")) },
    {
      words: "waits",
      width: 20,
      sample: svg("g", { class: "life-call life-waited" }, wait, line("")),
    },
    { words: "failed, a caller or a request", width: 10, sample: cross },
    { words: "clock moved", width: 6, sample: line("life-jump") },
  ]);
  return element("div", { class: "life-legend quiet" }, tokens, others);
}

/**
 * @type {(
 *   title: string,
 *   samples: { words: string; width: number; sample: SVGElement }[],
 * ) => HTMLElement}
 */
function legendRow(title, samples) {
  const items = samples.map(({ words, width, sample }) =>
    element("li", {}, svg("svg", { width, height: 12, "aria-hidden": "true" }, sample), words),
  );
  return element("ul", { "aria-label": title }, ...items);
}

/** @param {HTMLElement} rows */
function eventsTable(rows) {
  const head = element(
    "tr",
    {},
    ...["Time", "Type", "What", "Code", "More"].map((title) =>
      element("th", { scope: "col" }, title),
    ),
  );
  rows.append(nothingRow());

  const table = element("table", {}, element("thead", {}, head), rows);
  const title = element(
    "h3",
    { id: "life-events-title" },
    "What ",
    element("code", {}, "onEvent"),
    " is told, the latest first",
  );
  return element(
    "div",
    {},
    title,
    element(
      "div",
      { class: "life-events", role: "region", "aria-labelledby": title.id, tabindex: "0" },
      table,
    ),
  );
}

/** @param {{ event: import("edge-credentials").SourceEvent; time: number }} told */
function eventRow({ event, time }) {
  const cells = [
    clockTime(time),
    event.type,
    event.what,
    "code" in event ? event.code : "",
    detailOf(event),
  ];
  return element(
    "tr",
    { class: `life-${event.type}` },
    ...cells.map((words) => element("td", {}, words)),
  );
}

function nothingRow() {
  return element("tr", {}, element("td", { class: "quiet", colspan: "5" }, "Nothing yet"));
}
