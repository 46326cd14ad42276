// @ts-check
// The answer to a token request: as it came, and as the package reads it.
import { localTime, timeElement } from "./clock.js";
import { element } from "./dom.js";
import { errorElement } from "./error-view.js";

/** @typedef {import("./exchange.js").Answer} Answer */
/** @typedef {import("./exchange.js").Obtained} Obtained */
/** @typedef {import("./exchange.js").Failure} Failure */
/** @typedef {import("./ways.js").Way} Way */

/** In the middle of a sentence. */
const WAYS = { browser: "from this browser", worker: "through the Worker" };

/**
 * @param {Obtained | Failure} result
 * @param {{
 *   way: Way;
 *   sentAt: number;
 *   took: number;
 *   lookInside: (accessToken: string) => void;
 * }} about
 */
export function answerElements(result, { way, sentAt, took, lookInside }) {
  const time = localTime(new Date(sentAt)).slice(11);
  const sent = `Sent ${WAYS[way]} at ${time}; it took ${Math.round(took)} ms.`;
  const note = element("p", { class: "quiet" }, sent);
  const read = result.error ? errorElement(result.error) : tokenElement(result.token, lookInside);
  const raw = result.answer
    ? [element("h4", {}, "As it came"), rawAnswer(result.answer, "the token endpoint")]
    : [];
  return [note, element("h4", {}, "As the package reads it"), read, ...raw];
}

/** @param {Obtained | Failure} result */
export function summaryOf(result) {
  return result.error ? `No token: ${result.error.message}` : "A token came";
}

/** @type {(answer: Answer, whose: string) => HTMLElement} */
export function rawAnswer({ status, headers, body }, whose) {
  const lines = Object.entries(headers).flatMap(([name, value]) => [
    element("span", { class: "quiet" }, `${name}: `),
    `${value}\n`,
  ]);
  const label = `the answer of ${whose}`;
  return element(
    "pre",
    { class: "code tall", tabindex: "0", role: "region", "aria-label": label },
    element("strong", {}, String(status)),
    "\n",
    ...lines,
    "\n",
    body,
  );
}

/**
 * @type {(
 *   token: import("edge-credentials").Token,
 *   lookInside: (accessToken: string) => void,
 * ) => HTMLElement}
 */
function tokenElement({ accessToken, tokenType, scope, obtainedAt, expiresAt }, lookInside) {
  const button = element(
    "button",
    { type: "button", id: "to-look-inside" },
    "Look inside this token",
  );
  button.addEventListener("click", () => lookInside(accessToken));

  const parts = accessToken.split(".").length;
  const kind = { 3: "a JWT", 5: "an encrypted JWT" }[parts] ?? "opaque";
  return element(
    "div",
    {},
    element(
      "dl",
      { class: "facts" },
      ...fact("token", `${kind}, ${accessToken.length} characters`),
      ...fact("type", tokenType),
      ...fact("scope", scope ?? "not said by the server"),
      ...fact("obtained", timeElement(obtainedAt)),
      ...fact("ends", expiresAt === null ? "not known" : timeElement(expiresAt)),
    ),
    button,
  );
}

/** @type {(name: string, value: string | Node) => HTMLElement[]} */
function fact(name, value) {
  return [element("dt", {}, name), element("dd", {}, value)];
}
