// @ts-check
// A token by a source that was made for it.
import { tokenSource } from "edge-credentials";

/**
 * @param {import("../support/stub.js").Options} options
 * @param {import("../support/stub.js").Fetch} fetch
 * @returns {Promise<string>}
 */
export async function getToken(options, fetch) {
  const { accessToken } = await tokenSource({ ...options, fetch }).get();
  return accessToken;
}
