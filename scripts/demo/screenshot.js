// @ts-check
// `npm run screenshot`: the picture of docs/demo.md, docs/images/page.png, from the real page against
// the embedded provider, on what was built last. Its addresses are always the same; times and what
// is drawn by chance, such as a token, are not in the picture.
import { statSync } from "node:fs";
import { join, relative } from "node:path";
import { systemProgram, FLAGS, provideBrowsers } from "../setup/programs.js";
import { root, runIfMain, Stop } from "../run.js";
import { setUp } from "../setup/setup.js";

const FILE = join(root, "docs/images/page.png");
const WIDTH = 1120;
const HEIGHT = 930;
/** In bytes. */
const LARGEST = 200_000;
/** That of `npm start`, which readers will see. */
const PORT = 8410;

async function screenshot() {
  await setUp();
  await provideBrowsers();
  const [{ chromium }, { startServers }, { startProvider }, { startPage }, { startPageWorker }] =
    await Promise.all([
      import("playwright-core"),
      import("../../tests/js/support/servers/servers.js"),
      import("../../www/server/provider.js"),
      import("../../www/server/page-server.js"),
      import("./page-worker.js"),
    ]);
  const [servers, provider, worker] = await Promise.all([
    startServers(),
    startProvider({ port: PORT }),
    startPageWorker(),
  ]);
  const { issuer, clientId, clientSecret } = provider;
  const page = await startPage({
    context: servers.context,
    settings: { "embedded provider": { issuer, clientId, clientSecret } },
    worker,
  });

  const browser = await chromium.launch({
    executablePath: systemProgram("chromium"),
    args: FLAGS,
  });
  try {
    await take(browser, page.url);
  } finally {
    await browser.close();
    await Promise.all([page, provider, worker, servers].map(({ stop }) => stop()));
  }

  const { size } = statSync(FILE);
  if (size > LARGEST)
    throw new Stop(`${relative(root, FILE)} has ${size} bytes, more than ${LARGEST}`);
  console.log(`${relative(root, FILE)}  ${(size / 1000).toFixed(1)} kB`);
}

/** @type {(browser: import("playwright-core").Browser, url: string) => Promise<void>} */
async function take(browser, url) {
  const context = await browser.newContext({
    viewport: { width: WIDTH, height: HEIGHT },
    colorScheme: "light",
    reducedMotion: "reduce",
  });
  const shown = await context.newPage();
  await shown.goto(url);
  await shown.getByText("from the issuer's metadata").waitFor();
  await shown.evaluate("document.fonts.ready");
  await shown.evaluate(() => document.getElementById("try-it")?.scrollIntoView());
  await shown.locator("nav a[aria-current]", { hasText: "Try it" }).waitFor();
  await shown.screenshot({ path: FILE });
}

runIfMain(import.meta, screenshot);
