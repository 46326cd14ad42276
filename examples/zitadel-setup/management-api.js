// ZITADEL's management API: JSON over a personal access token.
import { tokenSource } from "edge-credentials";

/** What went wrong, in words for a person. */
export class ZitadelError extends Error {}

/** A function that calls the API at `issuer`, and returns its answer. */
export function managementApi(issuer, accessToken) {
  if (!issuer || !accessToken) throw new ZitadelError("set ISSUER and ZITADEL_TOKEN");
  const { origin } = new URL(issuer);
  const source = tokenSource({ accessToken, allowedOrigins: [origin] });

  return async function call(method, path, body) {
    const url = `${origin}/management/v1${path}`;
    const headers = { "content-type": "application/json" };
    const response = await source.fetch(url, { method, headers, body: JSON.stringify(body) });
    const text = await response.text();
    if (response.ok) return JSON.parse(text);

    const hint = HINTS[response.status] ?? "see ZITADEL's own log";
    throw new ZitadelError(`${method} ${path}: ${response.status} ${messageOf(text)}\n${hint}`);
  };
}

const HINTS = {
  401: "ZITADEL_TOKEN is no personal access token of this instance, or has ended",
  403: "make the owner of ZITADEL_TOKEN an organization owner (ORG_OWNER)",
  404: "make the owner of ZITADEL_TOKEN an organization owner (ORG_OWNER)",
  409: "it exists: choose another name by PROJECT or SERVICE_USER",
};

function messageOf(text) {
  try {
    return JSON.parse(text).message ?? "";
  } catch {
    return "(no JSON)";
  }
}
