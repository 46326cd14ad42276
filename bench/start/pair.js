// @ts-check
import { buildTokenRequest } from "edge-credentials";

/** @param {import("edge-credentials").TokenRequestOptions} options */
export async function build(options) {
  return buildTokenRequest(options);
}
