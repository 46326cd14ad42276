// Which endpoint the metadata name, and how a client authenticates there.
import { misuse } from "../core/error-constructors.js";
import { AuthError } from "../core/errors.js";

/** @typedef {import("../client-auth/client-auth.js").ClientAuth} ClientAuth */
/** @typedef {{ tokenEndpoint: string; clientAuth?: "client_secret_basic" | "client_secret_post" }} Endpoint */

const JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/**
 * @type {(
 *   metadata: import("../protocol/metadata.js").Metadata,
 *   method: import("../client-auth/client-auth.js").AuthenticationMethod,
 *   wanted: ClientAuth | undefined,
 * ) => Endpoint}
 */
export function tokenEndpointOf(
  { tokenEndpoint, tokenEndpointAuthMethodsSupported: methods, document },
  method,
  wanted,
) {
  if (tokenEndpoint === null) {
    throw new AuthError({
      code: "member_missing",
      category: "malformed",
      message: "the metadata name no `token_endpoint`",
      hint: "set `tokenEndpoint`, if the server has one",
    });
  }
  if (method === "jwt_profile") {
    // Own members only, and not judged in Rust.
    const grants = Object.hasOwn(document, "grant_types_supported")
      ? document.grant_types_supported
      : undefined;
    if (Array.isArray(grants) && !grants.includes(JWT_BEARER))
      throw unsupported("no assertion (JWT profile)", grants, "tokenEndpoint");
    return { tokenEndpoint };
  }
  /** @type {ClientAuth[]} */
  const supported =
    method === "client_secret"
      ? ["client_secret_basic", "client_secret_post"]
      : ["private_key_jwt"];
  const clientAuth =
    wanted ?? (methods ? supported.find((name) => methods.includes(name)) : supported[0]);
  if (!clientAuth)
    throw unsupported(
      method === "client_secret" ? "no client secret" : "no `private_key_jwt`",
      methods ?? [],
      "clientAuth",
    );
  return clientAuth === "private_key_jwt" ? { tokenEndpoint } : { tokenEndpoint, clientAuth };
}

/** @type {(what: string, taken: unknown[], option: string) => AuthError} */
function unsupported(what, taken, option) {
  const names = taken
    .filter((name) => typeof name === "string" && /^[a-z0-9_:-]{1,60}$/.test(name))
    .slice(0, 9);
  const hint = `it takes ${names.join(", ") || "nothing that is known here"}; if that is wrong, set \`${option}\``;
  return misuse("client_auth_unsupported", `by its metadata the server takes ${what}`, hint);
}
