// @ts-check
// The test page: imports the package as any page would, and puts the panels together.
import { startClock } from "./shared/clock.js";
import { element, find } from "./shared/dom.js";
import { startLife } from "./panels/life/life.js";
import { startLookInside } from "./panels/look-inside/look-inside.js";
import { startNavigation } from "./navigation.js";
import { startSuite } from "./panels/suite/suite.js";
import { startTryIt } from "./panels/try-it/try-it.js";
import { createWays } from "./shared/ways.js";

/** As it is shipped. By a name, for TypeScript looks into generated code otherwise. */
const PACKAGE = "/pkg/dist/esm/inline.js";

async function main() {
  find("browser").textContent = browserName();
  try {
    const [{ ec, loadTime }, settings, { version }] = await Promise.all([
      load(),
      getJson("/settings.json"),
      getJson("/package.json"),
    ]);
    find("version").textContent = version;

    const ways = createWays(ec, settings);
    startTryIt({ ec, ways, settings: settings.settings, inside: startLookInside({ ec, ways }) });
    startLife(find("life"));
    startSuite({ ec, loadTime, getJson });
    startClock();
    startNavigation();

    // The browser went there before the panels had their heights.
    if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
    find("page").dataset.state = "ready";
  } catch (error) {
    console.error(error);
    giveUp(error);
  }
}

/** Ready is when it has given an answer, not when it was read. */
async function load() {
  const started = performance.now();
  const ec = /** @type {import("./shared/exchange.js").Package} */ (await import(PACKAGE));
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

/**
 * As people call it: the first of these that the browser says of itself, for each also claims to be
 * those behind it.
 */
function browserName() {
  const found = /(Firefox|Edg|OPR|Chrome|Version)\/(\d+)/.exec(navigator.userAgent);
  const names = /** @type {Record<string, string>} */ ({
    Edg: "Edge",
    OPR: "Opera",
    Version: "Safari",
  });
  return found ? `${names[found[1]] ?? found[1]} ${found[2]}` : "";
}

main();
