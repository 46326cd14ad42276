// Finds a server's metadata.
import type { Fetch } from "../core/types.js";
import type { Metadata, WellKnown } from "../protocol/metadata.js";
import type { AuthErrorDetails } from "../core/errors.js";
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

/** In the order in which they are asked. ZITADEL has the first. */
const WELL_KNOWN: WellKnown[] = [
  "openid-configuration",
  "oauth-authorization-server",
  "oauth-authorization-server-appended",
];

export interface DiscoveryOptions {
  issuer: string;
  insecureHttp: boolean;
  fetch: Fetch | undefined;
}

/**
 * Makes a function that requests a server's metadata at its well-known addresses, one after the
 * other, and first at the one that answered last.
 *
 * @param select picks what the caller needs of the metadata
 */
export function discovery<T>(
  { issuer, insecureHttp, fetch }: DiscoveryOptions,
  select: (metadata: Metadata) => T,
) {
  let answered: WellKnown | undefined;

  async function request(wellKnown: WellKnown, signal: AbortSignal) {
    const { response, sentAt } = await send(
      "the issuer",
      buildMetadataRequest({ issuer, wellKnown, insecureHttp }),
      { fetch, signal, maxBytes: MAX_BYTES },
    );
    const metadata = parseMetadataResponse(response, { issuer, insecureHttp });
    answered = wellKnown;
    const end = sentAt + LIFETIME;
    return { value: select(metadata), sentAt, end, expiresAt: end };
  }

  return async (signal: AbortSignal) => {
    const failures: Map<string, AuthError> = new Map();
    for (const wellKnown of [answered ?? WELL_KNOWN[0], ...WELL_KNOWN]) {
      const { url } = buildMetadataRequest({ issuer, wellKnown, insecureHttp });
      // Of an issuer without a path two addresses are one.
      if (failures.has(url)) continue;
      try {
        return await request(wellKnown, signal);
      } catch (error) {
        if (!isElsewhere(error)) throw error;
        failures.set(url, error);
      }
    }
    throw notFound(failures);
  };
}

/** Whether an answer may mean that the metadata are at another address. */
function isElsewhere(error: unknown): error is AuthError {
  if (!(error instanceof AuthError) || error.status === undefined) return false;
  const { code, status } = error;
  const isOther = status < 200 || (status >= 300 && status <= 406);
  return isOther || code === "response_not_json";
}

function notFound(failures: Map<string, AuthError>): AuthError {
  const [first] = failures.values();
  const asked = [...failures].map(([url, { status }]) => `${url} (${status})`).join(", ");
  const hint = `${first.hint}. Asked: ${asked}`;
  return new AuthError({ ...first, message: first.message, hint } as AuthErrorDetails);
}
