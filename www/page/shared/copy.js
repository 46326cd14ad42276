// @ts-check
// Buttons that copy a text, and say that they did.
import { element } from "./dom.js";

/** How long the button says so, ms. */
const SAID_FOR = 2_000;

/**
 * @param {string} what for people who do not see where the button stands
 * @param {() => string} text
 * @param {(sentence: string) => void} announce
 */
export function copyButton(what, text, announce) {
  const button = element(
    "button",
    { type: "button", class: "small", "aria-label": `Copy ${what}` },
    "Copy",
  );
  button.addEventListener("click", async () => {
    const copied = await navigator.clipboard.writeText(text()).then(
      () => true,
      () => false,
    );
    button.textContent = copied ? "Copied" : "Not permitted";
    announce(
      copied
        ? `${what} copied`
        : "This browser does not permit it: select the text and copy it by hand",
    );
    setTimeout(() => {
      button.textContent = "Copy";
    }, SAID_FOR);
  });
  return button;
}
