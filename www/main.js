// @ts-check
// The test page: imports the package as any page would, and puts the panels together.
import { element, find } from "./dom.js";
import { startSuite } from "./suite.js";

async function main() {
  find("browser").textContent = browserName();
  try {
    const [{ ec, loadTime }, { version }] = await Promise.all([load(), getJson("/package.json")]);
    find("version").textContent = version;
    startSuite({ ec, loadTime, getJson });
  } catch (error) {
    console.error(error);
    giveUp(error);
  }
}

/** Ready is when it has given an answer, not when it was read. */
async function load() {
  const started = performance.now();
  const ec = await import("../pkg/inline.js");
  ec.isExpired({ obtainedAt: 0, expiresAt: 1 });
  return { ec, loadTime: performance.now() - started };
}

/** @param {string} path */
async function getJson(path) {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path}: the page's server answers ${response.status}`);
  return response.json();
}

/** @param {unknown} error */
function giveUp(error) {
  document.title = "did not start · edge-credentials";
  const hint = "Is the server of this page still there? It comes with `npm start`.";
  find("trouble").append(element("pre", { class: "trouble" }, `${error}\n${hint}`));
  find("page").dataset.state = "failed";
}

/** As people call it: the first of these that the browser says of itself, for each also claims to be those behind it. */
function browserName() {
  const found = /(Firefox|Edg|OPR|Chrome|Version)\/(\d+)/.exec(navigator.userAgent);
  const names = /** @type {Record<string, string>} */ ({ Edg: "Edge", OPR: "Opera", Version: "Safari" });
  return found ? `${names[found[1]] ?? found[1]} ${found[2]}` : "";
}

main();
