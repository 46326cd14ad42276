import { AuthError } from "../core/errors.js";
import { buildMetadataRequest, parseMetadataResponse } from "../protocol/metadata.js";
import { send } from "./fetch.js";

const LONGEST = 2 ** 20;
/**
 * For how long metadata are used before they are asked for again, ms; the core adds what a dead
 * server needs.
 */
const LIFETIME = 12 * 3_600_000;

/**
 * What a server's metadata say: by OpenID Connect's path, which ZITADEL has, or after a 404 by RFC
 * 8414's.
 *
 * @template T
 * @param {{ issuer: string; insecureHttp: boolean }} options
 * @param {(metadata: import("../protocol/metadata.js").Metadata) => T} read what of them is wanted
 * @param {import("./fetch.js").Fetch | undefined} fetch
 * @param {AbortSignal} signal
 */
export async function discover({ issuer, insecureHttp }, read, fetch, signal) {
  /** @param {import("../protocol/metadata.js").WellKnown} wellKnown */
  const ask = async (wellKnown) => {
    const request = buildMetadataRequest({ issuer, wellKnown, insecureHttp });
    const { response, sentAt } = await send("the issuer", request, {
      fetch,
      signal,
      maxBytes: LONGEST,
    });
    const value = read(parseMetadataResponse(response, { issuer, insecureHttp }));
    return { value, sentAt, end: sentAt + LIFETIME, expiresAt: sentAt + LIFETIME };
  };
  try {
    return await ask("openid-configuration");
  } catch (error) {
    if (!(error instanceof AuthError && error.code === "endpoint_not_found")) throw error;
    return ask("oauth-authorization-server");
  }
}
