// @ts-check
// What a module costs in which nothing is.

/**
 * @param {import("../support/stub.js").Options} options
 * @param {import("../support/stub.js").Fetch} fetch
 * @returns {Promise<string>}
 */
export async function getToken({ tokenEndpoint }, fetch) {
  await fetch(tokenEndpoint, {});
  return "";
}
