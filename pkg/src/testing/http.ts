// The fake issuer's HTTP: what it reads of a request, and what it answers.
import type { FakeFailure, FakeRequest } from "./types.js";

const decoder = new TextDecoder();

export const JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/** Fails as it was asked to. */
export function fail({ status = 503, error, errorDescription }: FakeFailure): Response {
  if (status === 0) throw new TypeError("the fake issuer is down");
  return refuse(status, error ?? "temporarily_unavailable", errorDescription);
}

/** An error response (RFC 6749 section 5.2). */
export function refuse(status: number, error: string, error_description?: string): Response {
  return Response.json({ error, error_description }, { status });
}

/** The metadata document (RFC 8414). */
export function metadataOf(issuer: string) {
  const methods = ["client_secret_basic", "client_secret_post", "private_key_jwt"];
  return {
    issuer,
    token_endpoint: `${issuer}/token`,
    introspection_endpoint: `${issuer}/introspect`,
    revocation_endpoint: `${issuer}/revoke`,
    jwks_uri: `${issuer}/keys`,
    grant_types_supported: ["client_credentials", JWT_BEARER],
    response_types_supported: [],
    token_endpoint_auth_methods_supported: methods,
    introspection_endpoint_auth_methods_supported: methods,
    revocation_endpoint_auth_methods_supported: methods,
  };
}

export async function readRequest(
  input: string | URL | Request,
  init: RequestInit | undefined,
): Promise<FakeRequest> {
  // Without the signal, which may be of another realm, as jsdom's is.
  const { signal, ...rest } = init ?? {};
  if (signal?.aborted) throw signal.reason;
  const request = new Request(input, rest);
  // Not `text`, at which workerd warns that a form is none.
  const body = decoder.decode(await request.arrayBuffer());
  return {
    method: request.method,
    url: request.url,
    headers: Object.fromEntries(request.headers),
    form: Object.fromEntries(new URLSearchParams(body)),
  };
}
