import { AuthError } from "./errors.js";
import { misuse } from "./faults.js";
import { buildMetadataRequest, parseMetadataResponse } from "./metadata.js";
import { send } from "./transport.js";

const LONGEST = 2 ** 20;
/** For how long metadata are used before they are asked for again, ms; the core adds what a dead server needs. */
const LIFETIME = 12 * 3_600_000;

/** @typedef {"client_secret_basic" | "client_secret_post" | "private_key_jwt"} ClientAuth */
/** @typedef {{ tokenEndpoint: string, clientAuth?: "client_secret_basic" | "client_secret_post" }} Endpoint */

const JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/**
 * What a server's metadata say: by OpenID Connect's path, which ZITADEL has, or after a 404 by RFC 8414's.
 * @template T
 * @param {{ issuer: string, insecureHttp: boolean }} options
 * @param {(metadata: import("./metadata.js").Metadata) => T} read what of them is wanted
 * @param {import("./transport.js").Fetch | undefined} fetch
 * @param {AbortSignal} signal
 */
export async function discover({ issuer, insecureHttp }, read, fetch, signal) {
  /** @param {import("./metadata.js").WellKnown} wellKnown */
  const ask = async (wellKnown) => {
    const request = buildMetadataRequest({ issuer, wellKnown, insecureHttp });
    const { answer, sentAt } = await send("the issuer", request, { fetch, signal, longest: LONGEST });
    const value = read(parseMetadataResponse(answer, { issuer, insecureHttp }));
    return { value, sentAt, end: sentAt + LIFETIME, expiresAt: sentAt + LIFETIME };
  };
  try {
    return await ask("openid-configuration");
  } catch (error) {
    if (!(error instanceof AuthError && error.code === "endpoint_not_found")) throw error;
    return ask("oauth-authorization-server");
  }
}

/** @type {(metadata: import("./metadata.js").Metadata, way: import("./proof.js").Way, wanted: ClientAuth | undefined) => Endpoint} */
export function tokenEndpointOf({ tokenEndpoint, tokenEndpointAuthMethodsSupported: methods, document }, way, wanted) {
  if (tokenEndpoint === null) {
    throw new AuthError({
      code: "member_missing",
      class: "malformed",
      message: "the metadata name no `token_endpoint`",
      hint: "set `tokenEndpoint`, if the server has one",
    });
  }
  if (way === "jwt_profile") {
    // Own members only, and not judged in Rust.
    const grants = Object.hasOwn(document, "grant_types_supported") ? document.grant_types_supported : undefined;
    if (Array.isArray(grants) && !grants.includes(JWT_BEARER)) throw unsupported("no assertion (JWT profile)", grants, "tokenEndpoint");
    return { tokenEndpoint };
  }
  /** @type {ClientAuth[]} */
  const ours = way === "client_secret" ? ["client_secret_basic", "client_secret_post"] : ["private_key_jwt"];
  const clientAuth = wanted ?? (methods ? ours.find((method) => methods.includes(method)) : ours[0]);
  if (!clientAuth) throw unsupported(way === "client_secret" ? "no client secret" : "no `private_key_jwt`", methods ?? [], "clientAuth");
  return clientAuth === "private_key_jwt" ? { tokenEndpoint } : { tokenEndpoint, clientAuth };
}

/** @type {(what: string, taken: unknown[], option: string) => AuthError} */
function unsupported(what, taken, option) {
  const names = taken.filter((name) => typeof name === "string" && /^[a-z0-9_:-]{1,60}$/.test(name)).slice(0, 9);
  const hint = `it takes ${names.join(", ") || "nothing that is known here"}; if that is wrong, set \`${option}\``;
  return misuse("client_auth_unsupported", `by its metadata the server takes ${what}`, hint);
}
