// @ts-check
// How an error of the package's is shown: whose fault it is, what failed, and what to do.
import { element } from "./dom.js";
import { timeElement } from "./clock.js";

/** @typedef {import("./exchange.js").Told} Told */

/** @param {Told} error */
export function errorElement({ code, category, message, hint, error, errorDescription, retryAt }) {
  return element(
    "div",
    { class: "error" },
    element(
      "p",
      {},
      element("strong", {}, ...words(message)),
      " ",
      element("code", {}, code),
      " ",
      element("span", { class: "quiet" }, category),
    ),
    element("p", {}, ...words(hint)),
    ...(error
      ? [
          element(
            "p",
            { class: "quiet" },
            "The server says ",
            element("code", {}, [error, errorDescription].filter(Boolean).join(": ")),
          ),
        ]
      : []),
    ...(retryAt
      ? [element("p", { class: "quiet" }, "Not again before ", timeElement(retryAt))]
      : []),
  );
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
