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
import { AuthError } from "../core/errors.js";
import type { RequestData } from "../core/types.js";
import { checkAddress, getRequest, runtimeAgrees } from "./request.js";
import { readResponse } from "./response.js";

/**
 * The well-known name under which a server publishes its metadata: OpenID Connect's, which is the
 * default and which ZITADEL has, or that of RFC 8414, to be tried after a 404.
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
 * Endpoints must be https, or on loopback if the issuer is.
 *
 * @throws {AuthError} `endpoint_not_found`: try the other well-known name; `issuer_mismatch`; and
 *   the codes of any response
 */
export function parseMetadataResponse(
  response: ResponseData,
  context: MetadataResponseContext,
): Metadata {
  const head = readResponse("parseMetadataResponse", response);
  const { issuer, insecureHttp, now = Date.now() } = checkContext(context);
  core.parseMetadataResponse({ ...head, issuer, insecureHttp, now });
  checkAddress("the issuer", issuer);

  const document = JSON.parse(head.body);
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
