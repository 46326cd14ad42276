// @ts-check
// Chromium for the tests of the test page: one for all files of `npm test`, or, where a file runs
// alone, one of its own.
import { chromium } from "playwright-core";
import { systemProgram, FLAGS } from "../../../../scripts/setup/programs.js";

const ENDPOINT = "EDGE_CREDENTIALS_TEST_BROWSER";

/** Other sites are played by servers of this machine. */
const NAMES = "--host-resolver-rules=MAP *.example 127.0.0.1";

/**
 * Starts the browser that {@link launchBrowser} of every child process connects to.
 *
 * @returns {Promise<() => Promise<void>>} what ends it
 */
export async function shareBrowser() {
  const server = await chromium.launchServer({ ...options(), host: "127.0.0.1" });
  process.env[ENDPOINT] = server.wsEndpoint();
  return () => server.close();
}

/** To be closed; of the shared one that closes the contexts that were opened through it. */
export function launchBrowser() {
  const endpoint = process.env[ENDPOINT];
  return endpoint ? chromium.connect(endpoint) : chromium.launch(options());
}

function options() {
  return { executablePath: systemProgram("chromium"), args: [...FLAGS, NAMES] };
}
