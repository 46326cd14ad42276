import { AuthError } from "./errors.js";
import { misuse } from "./faults.js";
import { buildMetadataRequest, parseMetadataResponse } from "./metadata.js";
import { send } from "./transport.js";

const LONGEST = 2 ** 20;
/** For how long metadata are used before they are asked for again, ms; the core adds what a dead server needs. */
const LIFETIME = 12 * 3_600_000;

/** @typedef {NonNullable<import("./token.js").TokenRequestOptions["clientAuth"]>} ClientAuth */
/** @typedef {{ tokenEndpoint: string, clientAuth: ClientAuth }} Endpoint */

/**
 * What a server's metadata say of its token endpoint: by OpenID Connect's path, which ZITADEL has, or after a 404 by RFC 8414's.
 * @param {{ issuer: string, clientAuth: ClientAuth | undefined, insecureHttp: boolean }} options `clientAuth`: the caller's wish
 * @param {import("./transport.js").Fetch | undefined} fetch
 * @param {AbortSignal} signal
 */
export async function discover({ issuer, clientAuth, insecureHttp }, fetch, signal) {
  /** @param {import("./metadata.js").WellKnown} wellKnown */
  const ask = async (wellKnown) => {
    const request = buildMetadataRequest({ issuer, wellKnown, insecureHttp });
    const { answer, sentAt } = await send("the issuer", request, { fetch, signal, longest: LONGEST });
    const value = chooseClientAuth(parseMetadataResponse(answer, { issuer, insecureHttp }), clientAuth);
    return { value, sentAt, end: sentAt + LIFETIME, expiresAt: sentAt + LIFETIME };
  };
  try {
    return await ask("openid-configuration");
  } catch (error) {
    if (!(error instanceof AuthError && error.code === "endpoint_not_found")) throw error;
    return ask("oauth-authorization-server");
  }
}

/** @type {(metadata: import("./metadata.js").Metadata, wanted: ClientAuth | undefined) => Endpoint} */
function chooseClientAuth({ tokenEndpoint, tokenEndpointAuthMethodsSupported: supported }, wanted) {
  if (tokenEndpoint === null) {
    throw new AuthError({
      code: "member_missing",
      class: "malformed",
      message: "the metadata name no `token_endpoint`",
      hint: "set `tokenEndpoint`, if the server has one",
    });
  }
  const ours = /** @type {const} */ (["client_secret_basic", "client_secret_post"]);
  const clientAuth = wanted ?? (supported ? ours.find((method) => supported.includes(method)) : ours[0]);
  if (!clientAuth) {
    const names = (supported ?? []).filter((name) => /^[a-z_]{1,40}$/.test(name)).slice(0, 9);
    const hint = `it takes ${names.join(", ") || "nothing that is known here"}; if that is wrong, set \`clientAuth\``;
    throw misuse("client_auth_unsupported", "by its metadata the server takes no client secret", hint);
  }
  return { tokenEndpoint, clientAuth };
}
