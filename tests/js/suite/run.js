// @ts-check
// For runtimes without a test runner: every case, one after the other.

/** @typedef {{ name: string; error?: string }} Result */

/**
 * @param {import("./index.js").Case[]} cases
 * @returns {Promise<Result[]>} how each failed, if it did
 */
export async function runAll(cases) {
  const results = [];
  for (const { name, run } of cases) {
    try {
      await run();
      results.push({ name });
    } catch (error) {
      results.push({ name, error: String(error) });
    }
  }
  return results;
}
