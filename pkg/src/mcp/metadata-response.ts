// Serves a server's metadata (RFC 9728 section 3.2).
import type { ResourceMetadata } from "./types.js";

/** Anybody may read them: clients in browsers too. */
const HEADERS = {
  "access-control-allow-origin": "*",
  "access-control-allow-headers": "*",
  "cache-control": "public, max-age=300",
};

export function metadataResponse({ method }: Request, metadata: ResourceMetadata): Response {
  if (method === "OPTIONS") return new Response(null, { status: 204, headers: HEADERS });
  if (method !== "GET" && method !== "HEAD") {
    return new Response(null, {
      status: 405,
      headers: { ...HEADERS, allow: "GET, HEAD, OPTIONS" },
    });
  }
  const body = method === "HEAD" ? null : JSON.stringify(metadata);
  return new Response(body, { headers: { ...HEADERS, "content-type": "application/json" } });
}
