// Server metadata (RFC 8414): request and response.
import { buildRequest, checkAddress, runtimeAgrees } from "./address.js";
import { run } from "../core/wasm.js";
import { AuthError } from "../core/errors.js";
import { checkOptions } from "../core/check-options.js";
import { readResponse } from "./response.js";

/**
 * The well-known name under which a server publishes its metadata: OpenID Connect's, which is the
 * default and which ZITADEL has, or that of RFC 8414, to be tried after a 404.
 *
 * @typedef {"openid-configuration" | "oauth-authorization-server"} WellKnown
 */

/**
 * A server's metadata (RFC 8414 section 2). Members that the server leaves out are `null`.
 *
 * @typedef {object} Metadata
 * @property {string} issuer
 * @property {string | null} tokenEndpoint
 * @property {string | null} introspectionEndpoint
 * @property {string | null} revocationEndpoint
 * @property {string | null} jwksUri
 * @property {string[] | null} tokenEndpointAuthMethodsSupported `null` means `client_secret_basic`
 * @property {Record<string, unknown>} document all members, also those that are not checked here
 */

/**
 * The options of `buildMetadataRequest`.
 *
 * @typedef {object} MetadataRequestOptions
 * @property {string} issuer exactly as the server names itself; https, or http on loopback
 * @property {WellKnown} [wellKnown] `openid-configuration` by default
 * @property {boolean} [insecureHttp] permits http to hosts other than loopback. **Warning**: an
 *   attacker on the network can then insert endpoints of their own
 */

/**
 * The context of a metadata response.
 *
 * @typedef {object} MetadataResponseContext
 * @property {string} issuer the issuer of the request
 * @property {boolean} [insecureHttp] as in the request
 * @property {number} [now] ms since 1970, by default the clock; `Retry-After` counts from here
 */

/**
 * Builds the request for a server's metadata (RFC 8414 section 3.1).
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
 * Reads the response to a metadata request (RFC 8414 section 3.3). The issuer must match exactly.
 * Endpoints must be https, or on loopback if the issuer is.
 *
 * @param {import("./http.js").ResponseData} response
 * @param {MetadataResponseContext} context
 * @returns {Metadata}
 * @throws {import("../core/errors.js").AuthError} `endpoint_not_found`: try the other well-known
 *   name; `issuer_mismatch`; and the codes of any response
 */
export function parseMetadataResponse(response, context) {
  const caller = "parseMetadataResponse";
  const { body, ...head } = readResponse(caller, response);
  const { issuer, insecureHttp, now } = checkOptions(caller, context, {
    issuer: "string!",
    insecureHttp: "boolean",
    now: "time",
  });
  run(caller, { ...head, issuer, insecureHttp: insecureHttp || undefined, now }, body);
  checkAddress("the issuer", issuer);

  const document = JSON.parse(body);
  // Own properties only: a polluted prototype must not add an endpoint that the core did not check.
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
