// @ts-check
// How an error of the package's is shown: whose fault it is, what failed, and what to do.
import { element } from "./dom.js";
import { timeElement } from "./clock.js";

/** @typedef {import("./exchange.js").Told} Told */

/** @param {Told} error */
export function errorElement({ code, category, message, hint, error, errorDescription, retryAt }) {
  const title = element("strong", {}, ...words(message));
  const fault = element("span", { class: "quiet" }, category);
  const shown = element(
    "div",
    { class: "error" },
    element("p", {}, title, " ", element("code", {}, code), " ", fault),
    element("p", {}, ...words(hint)),
  );

  if (error) {
    const said = [error, errorDescription].filter(Boolean).join(": ");
    const quote = element("code", {}, said);
    shown.append(element("p", { class: "quiet" }, "The server says ", quote));
  }
  if (retryAt)
    shown.append(element("p", { class: "quiet" }, "Not again before ", timeElement(retryAt)));
  return shown;
}

/**
 * As a sentence, names as code.
 *
 * @param {string} text lower case, without full stop, with names between backticks
 */
function words(text) {
  const sentence = `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
  return sentence
    .split(/`([^`]*)`/)
    .map((part, index) => (index % 2 ? element("code", {}, part) : part));
}
