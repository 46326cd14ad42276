// @ts-check
// How the suite's panel looks before it runs, while it runs and afterwards.
import { element, find } from "../../shared/dom.js";

/**
 * @typedef {{ part: string; name: string; error: string | undefined; time: number }} Result `time`
 *   in milliseconds
 */
/** @typedef {{ raw: number; delivered: number }} Size */

/** @type {Record<string, { title: string; about: string }>} */
const PARTS = {
  vectors: {
    title: "Vectors",
    about: "Requests, answers, expiry and metadata: the data that the Rust core is tested with.",
  },
  options: {
    title: "Options",
    about: "What callers get wrong, how they are told, and what they get back.",
  },
  zitadel: {
    title: "ZITADEL",
    about: "The roles and the metadata that claims tell.",
  },
  leaks: {
    title: "Leaks",
    about: "No secret in any error, in whatever form it is shown.",
  },
  flow: {
    title: "Flow",
    about: "Discovery, a token and a call of an API, against servers that run.",
  },
  keys: {
    title: "Keys",
    about: "Assertions signed by keys of every kind, and a revocation, against the same servers.",
  },
  verify: {
    title: "Verify",
    about: "Tokens of the same servers checked by an API, and JWTs by every algorithm.",
  },
};

/** @param {{ run: () => void; loadTime: number }} options */
export function createView({ run, loadTime }) {
  const parts = find("parts");
  const filter = /** @type {HTMLInputElement} */ (find("filter"));
  const button = /** @type {HTMLButtonElement} */ (find("run"));
  const progress = /** @type {HTMLProgressElement} */ (find("progress"));
  let total = 0;

  find("controls").addEventListener("input", applyFilter);
  find("controls").addEventListener("submit", (event) => event.preventDefault());
  button.addEventListener("click", run);
  button.disabled = false;
  find("load").textContent = milliseconds(loadTime);

  /** @type {(state: "running" | "passed" | "failed", verdict: string, done: number) => void} */
  function setState(state, verdict, done) {
    find("suite").dataset.state = state;
    find("verdict").textContent = verdict;
    progress.value = done;
    button.disabled = state === "running";
    button.textContent = state === "running" ? "Running" : "Run again";
  }

  /** @param {Result[]} results */
  function show(results) {
    parts.replaceChildren(...sectionsOf(results));
    applyFilter();
  }

  function applyFilter() {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const item of parts.querySelectorAll("li"))
      item.hidden = !words.every((word) => item.dataset.text?.includes(word));
    for (const group of parts.querySelectorAll("details")) {
      const shown = group.querySelectorAll("li:not([hidden])").length;
      const all = group.querySelectorAll("li").length;
      group.hidden = shown === 0;
      group.open = words.length > 0 && shown > 0;
      const count = /** @type {HTMLElement} */ (group.querySelector(".count"));
      count.textContent = words.length ? `${shown} of ${all}` : String(all);
    }

    const sections = [...parts.querySelectorAll("section")];
    for (const section of sections) section.hidden = !section.querySelector("li:not([hidden])");
    find("nothing").hidden = total === 0 || sections.some(({ hidden }) => !hidden);
  }

  return {
    start() {
      setState("running", "Running", 0);
    },
    /** @param {{ part: string; name: string }[]} cases */
    begin(cases) {
      total = cases.length;
      progress.max = total;
      show(cases.map((one) => ({ ...one, error: undefined, time: NaN })));
    },
    /** @param {Result[]} results so far */
    progress(results) {
      setState("running", `${results.length} of ${total}`, results.length);
    },
    /**
     * @type {(
     *   results: Result[],
     *   facts: { time: number; sizes: { module: Size; package: Size & { files: number } } },
     * ) => void}
     */
    end(results, { time, sizes }) {
      const failed = results.filter(({ error }) => error !== undefined).length;
      const verdict = failed ? `${failed} of ${total} failed` : `${total} passed`;
      setState(failed ? "failed" : "passed", verdict, total);
      find("announcement").textContent = verdict;
      document.title = `${verdict} · edge-credentials`;
      find("time").textContent = time < 1000 ? milliseconds(time) : `${(time / 1000).toFixed(2)} s`;
      find("time-note").textContent = `for ${total} cases`;
      find("module").textContent = kilobytes(sizes.module.raw);
      find("module-note").textContent = `raw; ${kilobytes(sizes.module.delivered)} in brotli`;
      find("package").textContent = kilobytes(sizes.package.delivered);
      find("package-note").textContent =
        `brotli; ${kilobytes(sizes.package.raw)} raw, ${sizes.package.files} files, not bundled`;
      show(results);
    },
    /** @param {unknown} error */
    giveUp(error) {
      setState("failed", "It did not run", 0);
      find("announcement").textContent = "The suite did not run";
      document.title = "did not run · edge-credentials";
      const hint = "Is the server of this page still there? It comes with `npm start`.";
      parts.replaceChildren(element("p", { class: "trouble" }, `${error}\n${hint}`));
    },
  };
}

/**
 * Whatever failed comes first, with its error; the rest by part, closed.
 *
 * @param {Result[]} results
 */
function sectionsOf(results) {
  const failed = results.filter(({ error }) => error !== undefined);
  const rest = results.filter(({ error }) => error === undefined);
  const sections = [...groupBy(rest, ({ part }) => part)].map(([part, ofPart]) => {
    const { title, about } = PARTS[part] ?? { title: part, about: "" };
    const groups = [...groupBy(ofPart, groupOf)];
    const content = groups.map(([name, ofGroup]) => groupElement(name, ofGroup));
    return sectionElement(title, about, content);
  });
  if (failed.length === 0) return sections;

  const list = element("ul", {}, ...failed.map(caseElement));
  const about = "What was expected, and what came instead.";
  return [sectionElement("Failed", about, [list]), ...sections];
}

/** @type {(title: string, about: string, content: HTMLElement[]) => HTMLElement} */
function sectionElement(title, about, content) {
  const heading = element(
    "div",
    {},
    element("h3", {}, title),
    element("p", { class: "quiet" }, about),
  );
  return element("section", { class: "part" }, heading, element("div", {}, ...content));
}

/** @type {(name: string, results: Result[]) => HTMLElement} */
function groupElement(name, results) {
  const mark = element("span", { class: "mark", "aria-hidden": "true" }, markOf(results[0]));
  const summary = element(
    "summary",
    {},
    element("span", {}, name),
    element("span", { class: "count" }),
    mark,
  );
  return element(
    "details",
    { class: outcomeOf(results[0]) },
    summary,
    element("ul", {}, ...results.map(caseElement)),
  );
}

/** @param {Result} result */
function caseElement(result) {
  const { name, error, time } = result;
  const outcome = outcomeOf(result);
  const [group, own] = split(name);
  const shown =
    outcome === "failed"
      ? [element("span", { class: "quiet" }, `${group}: `), element("b", {}, own)]
      : [own];
  const item = element(
    "li",
    { class: outcome, "data-text": name.toLowerCase() },
    element("span", { class: "mark", "aria-hidden": "true" }, markOf(result)),
    element(
      "span",
      { class: "case-name" },
      ...shown,
      element("span", { class: "unseen" }, `, ${outcome}`),
    ),
    element("span", { class: "quiet" }, time >= 1 ? milliseconds(time) : ""),
  );
  if (error !== undefined) item.append(element("pre", {}, error));
  return item;
}

/** @param {Result} result */
function outcomeOf({ error, time }) {
  if (error !== undefined) return "failed";
  return Number.isNaN(time) ? "waiting" : "passed";
}

/** @param {Result} result */
function markOf(result) {
  return { failed: "✗", waiting: "·", passed: "✓" }[outcomeOf(result)];
}

/** @param {Result} result */
function groupOf({ name }) {
  return split(name)[0];
}

/**
 * What stands before the first colon is what the case belongs to.
 *
 * @type {(name: string) => [group: string, own: string]}
 */
function split(name) {
  const at = name.indexOf(": ");
  if (at < 0) return ["everything else", name];
  return [name.slice(0, at).replaceAll("_", " "), name.slice(at + 2)];
}

/** @type {(results: Result[], key: (result: Result) => string) => Map<string, Result[]>} */
function groupBy(results, key) {
  const groups = new Map();
  for (const result of results) {
    const name = key(result);
    groups.set(name, [...(groups.get(name) ?? []), result]);
  }
  return groups;
}

/** @param {number} time */
function milliseconds(time) {
  return `${Math.round(time)} ms`;
}

/** @param {number} bytes */
function kilobytes(bytes) {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
