// Finds a server's metadata.
import type { MetadataRequestOptions } from "../core/calls.js";
import type { Fetch } from "../core/types.js";
import type { Metadata } from "../protocol/metadata.js";
import { AuthError } from "../core/errors.js";
import { buildMetadataRequest, parseMetadataResponse } from "../protocol/metadata.js";
import { send } from "./fetch.js";

/** How much of a metadata response is read, bytes. */
const MAX_BYTES = 2 ** 20;

/**
 * How long metadata are used before a refresh, ms. While the server is down, the core uses them
 * longer.
 */
const LIFETIME = 12 * 3_600_000;

/**
 * Requests a server's metadata: at OpenID Connect's well-known path, which ZITADEL has, and after a
 * 404 at the one of RFC 8414.
 *
 * @param select picks what the caller needs of the metadata
 */
export async function discover<T>(
  { issuer, insecureHttp }: { issuer: string; insecureHttp: boolean },
  select: (metadata: Metadata) => T,
  fetch: Fetch | undefined,
  signal: AbortSignal,
) {
  const request = async (wellKnown: MetadataRequestOptions["wellKnown"]) => {
    const { response, sentAt } = await send(
      "the issuer",
      buildMetadataRequest({ issuer, wellKnown, insecureHttp }),
      { fetch, signal, maxBytes: MAX_BYTES },
    );
    const value = select(parseMetadataResponse(response, { issuer, insecureHttp }));
    const end = sentAt + LIFETIME;
    return { value, sentAt, end, expiresAt: end };
  };

  try {
    return await request("openid-configuration");
  } catch (error) {
    if (!(error instanceof AuthError && error.code === "endpoint_not_found")) throw error;
    return request("oauth-authorization-server");
  }
}
