// Server metadata (RFC 8414): request and response.
import * as core from "../core/calls.js";
import type {
  CheckedMetadataRequestOptions,
  CheckedMetadataResponseContext,
  MetadataRequestOptions,
  MetadataResponseContext,
  ResponseData,
} from "../core/calls.js";
import { checkerOf } from "../core/check.js";
import { malformed } from "../core/error-constructors.js";
import type { AuthError } from "../core/errors.js";
import type { RequestData } from "../core/types.js";
import { getRequest, requireAgreement, runtimeAgrees } from "./request.js";
import { readResponse } from "./response.js";

/**
 * The well-known name under which a server publishes its metadata: OpenID Connect's, which is the
 * default and which ZITADEL has; that of RFC 8414, which stands between host and path of the
 * issuer; or the same name, appended to the issuer.
 */
export type WellKnown = NonNullable<MetadataRequestOptions["wellKnown"]>;

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

const AUTH_METHODS = "token_endpoint_auth_methods_supported";

const checkRequest = checkerOf<CheckedMetadataRequestOptions>(
  "buildMetadataRequest",
  core.metadataRequestOptionsKinds,
);
const checkContext = checkerOf<CheckedMetadataResponseContext>(
  "parseMetadataResponse",
  core.metadataResponseContextKinds,
);

/**
 * Builds the request for a server's metadata (RFC 8414 section 3.1).
 *
 * @throws {AuthError} `option_invalid`, `url_insecure`
 */
export function buildMetadataRequest(options: MetadataRequestOptions): RequestData {
  return getRequest("the issuer", core.buildMetadataRequest(checkRequest(options)));
}

/**
 * Reads the response to a metadata request (RFC 8414 section 3.3). The issuer must match exactly.
 * An endpoint that is neither https, nor on loopback as the issuer is, is `null`.
 *
 * @throws {AuthError} `endpoint_not_found`: try another well-known name; `issuer_mismatch`; and the
 *   codes of any response
 */
export function parseMetadataResponse(
  response: ResponseData,
  context: MetadataResponseContext,
): Metadata {
  const head = readResponse("parseMetadataResponse", response);
  const { issuer, insecureHttp, now = Date.now() } = checkContext(context);
  const endpoints = core.parseMetadataResponse({ ...head, issuer, insecureHttp, now });
  requireAgreement("the issuer", issuer);

  const document = JSON.parse(head.body);
  // An own property only: the core does not check this member.
  const methods = Object.hasOwn(document, AUTH_METHODS) ? document[AUTH_METHODS] : null;
  const isList =
    Array.isArray(methods) && methods.every((method: unknown) => typeof method === "string");
  const address = (given: string | undefined): string | null =>
    given !== undefined && runtimeAgrees(given) ? given : null;
  return {
    issuer,
    tokenEndpoint: address(endpoints.tokenEndpoint),
    introspectionEndpoint: address(endpoints.introspectionEndpoint),
    revocationEndpoint: address(endpoints.revocationEndpoint),
    jwksUri: address(endpoints.jwksUri),
    tokenEndpointAuthMethodsSupported: isList ? methods : null,
    document,
  };
}

/**
 * The error of an endpoint that is `null` and needed.
 *
 * @param name of the member
 * @param option names the endpoint instead
 */
export function noEndpoint({ document }: Metadata, name: string, option: string): AuthError {
  const isThere = Object.hasOwn(document, name) && document[name] !== null;
  const hint = `set \`${option}\`, if the server has one`;
  return isThere
    ? malformed("member_invalid", `the metadata's \`${name}\` is no https address`, hint)
    : malformed("member_missing", `the metadata name no \`${name}\``, hint);
}
