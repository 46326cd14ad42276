// @ts-check
// What fields of a form have in common: an error beside each, and secrets that are dots until
// somebody asks.
import { find } from "./dom.js";
import { errorElement } from "./error-view.js";

/** @typedef {import("./exchange.js").Told} Told */

/** @param {string} id */
export function field(id) {
  return /** @type {HTMLInputElement} */ (find(id));
}

/** @type {(id: string, error: Told | undefined) => void} beside the field, in `{id}-error` */
export function showError(id, error) {
  find(`${id}-error`).replaceChildren(...(error ? [errorElement(error)] : []));
  if (error) field(id).setAttribute("aria-invalid", "true");
  else field(id).removeAttribute("aria-invalid");
}

/**
 * A button `{id}-show` beside a field for a secret.
 *
 * @param {string} id
 * @param {() => void} [changed]
 */
export function secretField(id, changed = () => {}) {
  const input = field(id);
  const button = find(`${id}-show`);
  button.addEventListener("click", () => {
    const shown = input.type === "password";
    input.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
    changed();
  });

  return { isShown: () => input.type === "text" };
}

/** @type {(name: string) => HTMLInputElement[]} */
export function radios(name) {
  return [...document.querySelectorAll(`input[name="${name}"]`)].map(
    (input) => /** @type {HTMLInputElement} */ (input),
  );
}

/** @param {string} name */
export function chosen(name) {
  return radios(name).find(({ checked }) => checked)?.value ?? "";
}

/**
 * A button that works shows it and takes no second press. It stays enabled, so that whoever pressed
 * it keeps the focus.
 *
 * @type {(button: HTMLElement, work: () => Promise<void>) => Promise<void>}
 */
export async function whileWorking(button, work) {
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true");
  try {
    await work();
  } finally {
    button.removeAttribute("aria-disabled");
  }
}
