// Asks an MCP server for its metadata (RFC 9728), and checks that a token may go there.
import { malformed } from "../core/error-constructors.js";
import { AuthError } from "../core/errors.js";
import type { ErrorCode } from "../core/errors.js";
import { platform } from "../core/platform.js";
import type { Fetch } from "../core/types.js";
import { isRecord } from "../core/values.js";
import { send } from "../io/fetch.js";
import { withTimeout } from "../io/timeout.js";
import { metadataAddress, shown } from "./address.js";
import { scopesIn } from "./challenge-scope.js";

/** How long a request may take, ms. */
const TIMEOUT = 10_000;

/** How much of a response is read, bytes. */
const MAX_BYTES = 2 ** 17;

const BUSY: Map<number, ErrorCode> = new Map([
  [429, "rate_limited"],
  [503, "server_overloaded"],
]);

const NO_TOKEN = "no token was sent there";

/** What is read of the metadata. */
export interface FoundMetadata {
  /** as the server writes it */
  resource: string;
  authorizationServers: string[];
  scopes: string[];
}

/**
 * Requests the metadata of a server.
 *
 * @param names by which the server may name itself
 * @throws {AuthError} `endpoint_not_found`, `endpoint_redirects`, `server_failed`,
 *   `server_overloaded`, `rate_limited`, `response_not_json`, `response_too_large`,
 *   `member_missing`, `member_invalid`, `network_failed`, `timed_out`
 */
export async function requestMetadata(
  url: URL,
  names: string[],
  fetch: Fetch | undefined,
): Promise<FoundMetadata> {
  const address = metadataAddress(url);
  const { response } = await withTimeout(TIMEOUT, "asking the MCP server", (signal) =>
    send(
      "the MCP server",
      {
        method: "GET",
        url: address,
        headers: { accept: "application/json" },
        redirect: "manual",
        ...platform.noStore,
      },
      { fetch, signal, maxBytes: MAX_BYTES },
    ),
  );
  const { status, body } = response;
  const place = shown(address);
  if (status !== 200) throw refusal(place, status);
  if (body.length > MAX_BYTES) {
    throw malformed("response_too_large", `the metadata at ${place} are too long`, NO_TOKEN);
  }
  return readDocument(body, names, place);
}

function refusal(place: string, status: number): AuthError {
  if (status >= 500 || status === 429) {
    const hint = `${NO_TOKEN}; the server is down or busy: try again later`;
    const message = `${place} answers ${status}`;
    const code = BUSY.get(status) ?? "server_failed";
    const details = { code, category: "unavailable", retryable: true } as const;
    return new AuthError({ ...details, message, hint, status });
  }
  // A browser gives an opaque redirect, whose status is 0.
  const isRedirect = status === 0 || (status >= 300 && status < 400);
  const code = isRedirect ? "endpoint_redirects" : "endpoint_not_found";
  const message = `the MCP server has no metadata at ${place} (${status || "redirect"})`;
  const hint =
    `${NO_TOKEN}: the server must serve them at that very address (RFC 9728). Check \`url\`; of a ` +
    "server that has none, name its origin in `allowedOrigins` and use `source.fetch`";
  return new AuthError({ code, category: "misuse", message, hint, status });
}

function readDocument(body: string, names: string[], place: string): FoundMetadata {
  const document = parse(body);
  if (!isRecord(document)) {
    throw malformed("response_not_json", `${place} gives no JSON object`, NO_TOKEN);
  }
  const resource = own(document, "resource");
  if (typeof resource !== "string") throw missing(place, "resource");
  if (!names.includes(resource)) {
    throw malformed(
      "member_invalid",
      `the metadata at ${place} are of another resource, ${shown(resource)}`,
      `${NO_TOKEN}: pass its address as \`url\`, if that is the server that you mean`,
    );
  }
  const authorizationServers = textsOf(own(document, "authorization_servers"));
  if (authorizationServers.length === 0) throw missing(place, "authorization_servers");
  const scopes = scopesIn(textsOf(own(document, "scopes_supported")));
  return { resource, authorizationServers, scopes };
}

function missing(place: string, member: string): AuthError {
  const message = `the metadata at ${place} have no \`${member}\``;
  return malformed("member_missing", message, `${NO_TOKEN}: the server must name it (RFC 9728)`);
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body.replace(/^\uFEFF+/, ""));
  } catch {
    return undefined; // The error would quote the body.
  }
}

/** Own properties only: a polluted prototype must not add an issuer. */
function own(document: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(document, name) ? document[name] : undefined;
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}
