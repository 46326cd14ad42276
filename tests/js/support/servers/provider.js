// @ts-check
// The embedded provider for the tests of a file, which may leave nothing on the console.
import assert from "node:assert/strict";
import { after, mock } from "node:test";
import { startProvider } from "../../../../www/server/provider.js";

/** Runs until the tests of the file are over. */
export async function startQuietProvider() {
  const notices = /** @type {const} */ (["info", "warn", "error"]).map((method) =>
    mock.method(console, method),
  );
  const provider = await startProvider();
  after(async () => {
    await provider.stop();
    assert.deepEqual(
      notices.flatMap(({ mock }) => mock.calls.flatMap((call) => call.arguments)),
      [],
      "nothing to worry about on the console",
    );
  });
  return provider;
}
