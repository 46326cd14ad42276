// Server metadata (RFC 8414): request and response.
import type { RequestData, ResponseData } from "./http.js";
import { buildRequest, checkAddress, runtimeAgrees } from "./address.js";
import { run } from "../core/wasm.js";
import { AuthError } from "../core/errors.js";
import { checkOptions } from "../core/check-options.js";
import { readResponse } from "./response.js";

/**
 * The well-known name under which a server publishes its metadata: OpenID Connect's, which is the
 * default and which ZITADEL has, or that of RFC 8414, to be tried after a 404.
 */
export type WellKnown = "openid-configuration" | "oauth-authorization-server";

/** A server's metadata (RFC 8414 section 2). Members that the server leaves out are `null`. */
export interface Metadata {
  issuer: string;
  tokenEndpoint: string | null;
  introspectionEndpoint: string | null;
  revocationEndpoint: string | null;
  jwksUri: string | null;
  /** `null` means `client_secret_basic` */
  tokenEndpointAuthMethodsSupported: string[] | null;
  /** all members, also those that are not checked here */
  document: Record<string, unknown>;
}

/** The options of `buildMetadataRequest`. */
export interface MetadataRequestOptions {
  /** exactly as the server names itself; https, or http on loopback */
  issuer: string;
  /** `openid-configuration` by default */
  wellKnown?: WellKnown;
  /**
   * permits http to hosts other than loopback. **Warning**: an attacker on the network can then
   * insert endpoints of their own
   */
  insecureHttp?: boolean;
}

/** The context of a metadata response. */
export interface MetadataResponseContext {
  /** the issuer of the request */
  issuer: string;
  /** as in the request */
  insecureHttp?: boolean;
  /** ms since 1970, by default the clock; `Retry-After` counts from here */
  now?: number;
}

/**
 * Builds the request for a server's metadata (RFC 8414 section 3.1).
 *
 * @throws {AuthError} `option_invalid`, `url_insecure`
 */
export function buildMetadataRequest(options: MetadataRequestOptions): RequestData {
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
 * @throws {AuthError} `endpoint_not_found`: try the other well-known name; `issuer_mismatch`; and
 *   the codes of any response
 */
export function parseMetadataResponse(
  response: ResponseData,
  context: MetadataResponseContext,
): Metadata {
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
  const member = (name: string) => (Object.hasOwn(document, name) ? document[name] : null);
  const address = (name: string): string | null => {
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
