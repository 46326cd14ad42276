// @ts-check
// A token by the pair of functions.
import { buildTokenRequest, parseTokenResponse } from "edge-credentials";

/**
 * @param {import("../support/stub.js").Options} options
 * @param {import("../support/stub.js").Fetch} fetch
 * @returns {Promise<string>}
 */
export async function getToken(options, fetch) {
  const request = buildTokenRequest(options);
  const requestedAt = Date.now();
  const response = await fetch(request.url, request);
  const { status, headers } = response;
  const answer = { status, headers, body: await response.text() };
  return parseTokenResponse(answer, { requestedAt, request }).accessToken;
}
