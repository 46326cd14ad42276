// What both ends take and give. The SDKs' types have the same shapes.
import type { Claims, Fetch, Requirements, TokenSource } from "edge-credentials";

/** What an MCP server wants, by its metadata and its challenges. */
export interface Asked {
  /** the server, as it names itself: the `resource` of RFC 8707 */
  resource: string;
  /**
   * the scopes that the server names, separated by spaces; empty if it names none. **Warning**: the
   * server chose them. With ZITADEL a scope decides whom a token is for, so request only those that
   * you expect
   */
  scope: string;
}

/**
 * The source of an agent's tokens, or a function that makes one of what the server asks for. Equal
 * options give the same source, so the function may be called often.
 */
export type McpSource = TokenSource | ((asked: Asked) => TokenSource);

/** The options of `mcpAuth`. */
export interface McpAuthOptions {
  /** the address of the MCP server, the one that the transport gets. https, or http on loopback */
  url: string | URL;
  /** the issuer of the source's tokens, where the source names none, such as of an `accessToken` */
  issuer?: string;
  /** used for the server's metadata instead of the runtime's */
  fetch?: Fetch;
  /** permits http to hosts other than loopback. **Warning**: tokens then cross it unencrypted */
  insecureHttp?: boolean;
}

/** What the SDK's transports say of a 401. */
export interface UnauthorizedContext {
  /** the answer, with its challenge */
  response: Response;
  /** the address of the server that the transport is for */
  serverUrl: URL;
}

/** The SDK's `AuthProvider`. The methods do not use `this`. They throw an `AuthError`. */
export interface McpAuth {
  /**
   * returns the access token. The call cannot be cancelled. It waits for the server's metadata 10 s
   * at most, and 11 s more where the runtime cancels a call that has requested them
   */
  token: () => Promise<string>;
  /** gets another token after a 401 */
  onUnauthorized: (context: UnauthorizedContext) => Promise<void>;
  /**
   * adds the scopes that a 403 named (the SDK's `InsufficientScopeError.requiredScope`), for a
   * source that is a function. Then repeat the call
   */
  stepUp: (scope: string) => void;
}

/** The metadata of a protected resource (RFC 9728 section 2). */
export interface ResourceMetadata {
  resource: string;
  authorization_servers: string[];
  scopes_supported?: string[];
  bearer_methods_supported: string[];
}

/** An error that the SDK's own middleware can answer with. */
export type SdkErrorCode = "invalid_token" | "insufficient_scope";

/** The options of `mcpGate`. */
export interface McpGateOptions {
  /** the address of the MCP server, as clients have it. https, or http on loopback */
  resource: string | URL;
  /**
   * what clients should request. The metadata and the challenges name it; nothing is checked by it.
   * With ZITADEL `zitadel.scopes.audience(projectId)` and `zitadel.scopes.roles()`
   */
  scopes?: string | string[];
  /** where clients log in, by default the verifier's issuers */
  authorizationServers?: string[];
  /**
   * makes the error by which the SDK's own middleware answers to a token that `verifyAccessToken`
   * refuses: `(code, message) => new OAuthError(code, message)`. Without it, that answers 500
   */
  sdkError?: (code: SdkErrorCode, message: string) => unknown;
  /** permits http to hosts other than loopback. **Warning**: tokens then cross it unencrypted */
  insecureHttp?: boolean;
}

/** The SDK's `AuthInfo`. */
export interface McpAuthInfo {
  /** empty: a server must not pass its caller's token on to others */
  token: string;
  /** `client_id` or `azp` of the token; empty where the issuer names no client */
  clientId: string;
  /** of the token; empty where the issuer writes none, as ZITADEL into JWTs */
  scopes: string[];
  /** s since 1970 */
  expiresAt?: number;
  /** the server */
  resource: URL;
  resourceMetadataUrl: string;
  /** what the issuer said; `sub` identifies the caller */
  extra: { claims: Claims };
}

/** What `OAuthResourceServer` of `@cloudflare/workers-oauth-provider` takes. */
export interface ValidatedToken {
  props: { claims: Claims };
  audience: string;
  expiresAt?: number;
  scope: string[];
  userId?: string;
  clientId: string;
}

/** Lets requests with a good token in. The methods do not use `this`. */
export interface McpGate {
  /**
   * returns the metadata to a request for it; the challenge (401, 400, 403, 503) to one whose token
   * is not accepted; otherwise who calls
   *
   * @param requirements what this request needs in addition to what the verifier requires, for
   *   step-up
   * @throws {AuthError} for mistakes of the server itself
   */
  (request: Request, requirements?: Requirements): Promise<Response | McpAuthInfo>;
  /** the metadata, and where they are served */
  metadata: ResourceMetadata;
  metadataUrl: string;
  /** the SDK's `OAuthTokenVerifier`: it refuses a token without an end, as the SDK does */
  verifyAccessToken: (token: string) => Promise<McpAuthInfo>;
  /**
   * the validator that `OAuthResourceServer` of `@cloudflare/workers-oauth-provider` takes; `null`
   * for a token that is refused, or for another resource
   */
  validateToken: (resource: string, token: string) => Promise<ValidatedToken | null>;
}
