// Selects the token endpoint and the client authentication from a server's metadata.
import type { AuthenticationMethod } from "../client-auth/credentials.js";
import { noEndpoint } from "../protocol/metadata.js";
import type { Metadata } from "../protocol/metadata.js";
import { misuse } from "../core/error-constructors.js";
import type { AuthError } from "../core/errors.js";

export interface Endpoint {
  tokenEndpoint: string;
  clientAuth: string | undefined;
}

const JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/** How many of the server's methods a hint names. */
const MAX_NAMES = 9;

/** How a source authenticates, and by which method the options say that it does. */
interface Authentication {
  method: AuthenticationMethod;
  /** whether client credentials go beside an assertion */
  hasSecret: boolean;
  wanted: string | undefined;
}

export function tokenEndpointOf(
  metadata: Metadata,
  { method, hasSecret, wanted }: Authentication,
): Endpoint {
  const { tokenEndpoint, tokenEndpointAuthMethodsSupported, document } = metadata;
  if (tokenEndpoint === null) {
    throw noEndpoint(metadata, "token_endpoint", "tokenEndpoint");
  }

  if (method === "jwt_profile") {
    checkGrantTypes(document);
    if (!hasSecret) return { tokenEndpoint, clientAuth: undefined };
  }

  const by = method === "jwt_profile" ? "client_secret" : method;
  const clientAuth = wanted ?? selectClientAuth(by, tokenEndpointAuthMethodsSupported);
  return { tokenEndpoint, clientAuth: clientAuth === "private_key_jwt" ? undefined : clientAuth };
}

function checkGrantTypes(document: Record<string, unknown>) {
  // Own properties only, since the core does not check this member.
  const grants = Object.hasOwn(document, "grant_types_supported")
    ? document.grant_types_supported
    : undefined;
  if (Array.isArray(grants) && !grants.includes(JWT_BEARER)) {
    throw unsupported("no assertion (JWT profile)", grants, "tokenEndpoint");
  }
}

/** @param supported by the server */
function selectClientAuth(
  method: Exclude<AuthenticationMethod, "jwt_profile">,
  supported: string[] | null,
): string {
  const hasSecret = method === "client_secret";
  /** in the order of preference */
  const candidates: string[] = hasSecret ? ["client_secret_basic", "client_secret_post"] : [method];
  if (!supported) return candidates[0];

  const clientAuth = candidates.find((name) => supported.includes(name));
  if (clientAuth) return clientAuth;
  throw unsupported(
    hasSecret ? "no client secret" : "no `private_key_jwt`",
    supported,
    "clientAuth",
  );
}

function unsupported(what: string, supported: unknown[], option: string): AuthError {
  const names = supported
    .filter((name) => typeof name === "string" && /^[a-z0-9_:-]{1,60}$/.test(name))
    .slice(0, MAX_NAMES);
  const taken = names.join(", ") || "nothing that is known here";
  const hint = `it takes ${taken}; if that is wrong, set \`${option}\``;
  return misuse("client_auth_unsupported", `by its metadata the server takes ${what}`, hint);
}
