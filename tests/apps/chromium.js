// @ts-check
// Opens what a bundler made, in Chromium.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { after, before } from "node:test";
import { chromium } from "playwright-core";
import { systemProgram, FLAGS } from "../../scripts/setup/programs.js";

/** @type {import("playwright-core").Browser} */
let browser;
before(async () => {
  browser = await chromium.launch({ executablePath: systemProgram("chromium"), args: FLAGS });
});
after(() => browser.close());

/** @type {Record<string, string>} */
const TYPES = { ".html": "text/html", ".js": "text/javascript" };

/**
 * What the app in tests/apps/page gives there, and what the browser had to say.
 *
 * @param {string} url
 * @param {object} settings
 */
export async function openPage(url, settings) {
  const page = await browser.newPage();
  /** @type {string[]} */
  const messages = [];
  page.on("pageerror", (error) => messages.push(String(error)));
  page.on("console", (message) => {
    if (["warning", "error"].includes(message.type())) messages.push(message.text());
  });
  await page.addInitScript((settings) => Object.assign(globalThis, { settings }), settings);
  await page.goto(url);
  const result = await page
    .waitForFunction("'result' in globalThis", null, { timeout: 20_000 })
    .then(() => page.evaluate("globalThis.result"))
    .catch(String);
  await page.close();
  return { result, messages };
}

/**
 * Serves a folder until the test ends.
 *
 * @param {import("node:test").TestContext} t
 * @param {string} folder
 */
export async function serve(t, folder) {
  const server = createServer(({ url = "/" }, response) => {
    const path = url === "/" ? "/index.html" : url;
    try {
      const content = readFileSync(join(folder, path));
      const type = TYPES[extname(path)] ?? "application/octet-stream";
      response.writeHead(200, { "content-type": type }).end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return `http://127.0.0.1:${port}/`;
}
