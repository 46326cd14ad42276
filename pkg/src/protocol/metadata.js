import { buildRequest, checkAddress, runtimeAgrees } from "./address.js";
import { run } from "../core/wasm.js";
import { AuthError } from "../core/errors.js";
import { checkOptions } from "../core/check-options.js";
import { readResponse } from "./response.js";

/**
 * Where a server publishes its metadata: OpenID Connect's name (the default; ZITADEL has it), or
 * RFC 8414's, to be tried after a 404.
 *
 * @typedef {"openid-configuration" | "oauth-authorization-server"} WellKnown
 */

/**
 * What a server says of itself (RFC 8414 section 2); `null` where it does not.
 *
 * @typedef {object} Metadata
 * @property {string} issuer
 * @property {string | null} tokenEndpoint
 * @property {string | null} introspectionEndpoint
 * @property {string | null} revocationEndpoint
 * @property {string | null} jwksUri
 * @property {string[] | null} tokenEndpointAuthMethodsSupported `null` means `client_secret_basic`
 * @property {Record<string, unknown>} document the whole of it, members that are not checked here
 *   included
 */

/**
 * Whose metadata, and where.
 *
 * @typedef {object} MetadataRequestOptions
 * @property {string} issuer exactly as the server names itself; https, or http on loopback
 * @property {WellKnown} [wellKnown] `openid-configuration` by default
 * @property {boolean} [insecureHttp] permits http to other hosts than loopback. **Warning**:
 *   whoever is on the network can then name endpoints of their own
 */

/**
 * What is known of the exchange that a metadata response belongs to.
 *
 * @typedef {object} MetadataResponseContext
 * @property {string} issuer the one that was asked for
 * @property {boolean} [insecureHttp] as for the request
 * @property {number} [now] ms since 1970, by default the clock; what `Retry-After` counts from
 */

/**
 * The request for a server's metadata.
 *
 * @param {MetadataRequestOptions} options
 * @returns {import("./http.js").RequestData}
 * @throws {import("../core/errors.js").AuthError} `option_invalid`, `url_insecure`
 */
export function buildMetadataRequest(options) {
  const { issuer, wellKnown, insecureHttp } = checkOptions("buildMetadataRequest", options, {
    issuer: "string!",
    wellKnown: "string",
    insecureHttp: "boolean",
  });
  return buildRequest("the issuer", "buildMetadataRequest", {
    issuer,
    wellKnown,
    insecureHttp: insecureHttp || undefined,
  });
}

/**
 * Reads the answer to a metadata request. The issuer must be named exactly; endpoints must be
 * https, or on loopback where the issuer is.
 *
 * @param {import("./http.js").ResponseData} response
 * @param {MetadataResponseContext} context
 * @returns {Metadata}
 * @throws {import("../core/errors.js").AuthError} `endpoint_not_found`: try the other well-known
 *   name; `issuer_mismatch`; and what any answer can be
 */
export function parseMetadataResponse(response, context) {
  const caller = "parseMetadataResponse";
  const { body, ...head } = readResponse(caller, response);
  const { issuer, insecureHttp, now } = checkOptions(caller, context, {
    issuer: "string!",
    insecureHttp: "boolean",
    now: "time",
  });
  run(
    "parseMetadataResponse",
    { ...head, issuer, insecureHttp: insecureHttp || undefined, now },
    body,
  );
  checkAddress("the issuer", issuer);
  const document = JSON.parse(body);
  // Own members only: a polluted prototype must not add an endpoint that nobody judged.
  const member = (/** @type {string} */ name) =>
    Object.hasOwn(document, name) ? document[name] : null;
  /** @type {(name: string) => string | null} */
  const address = (name) => {
    const given = member(name);
    if (given === null || runtimeAgrees(given)) return given;
    throw new AuthError({
      code: "member_invalid",
      category: "malformed",
      message: `the metadata's \`${name}\` is no https address`,
      hint: "the server's metadata breaks RFC 8414 section 2: report it to whoever runs the server",
      status: head.status,
    });
  };
  return {
    issuer,
    tokenEndpoint: address("token_endpoint"),
    introspectionEndpoint: address("introspection_endpoint"),
    revocationEndpoint: address("revocation_endpoint"),
    jwksUri: address("jwks_uri"),
    tokenEndpointAuthMethodsSupported: member("token_endpoint_auth_methods_supported"),
    document,
  };
}
