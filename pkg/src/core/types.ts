// Types that callers give or get, and that have no table.

/** A `fetch` that the caller provides. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/**
 * A request as plain data, ready for `fetch(request.url, request)`. Do not log it: it prints in
 * full, secrets included.
 *
 * `redirect` is `manual`, since following a redirect would send the credentials along. `cache` is
 * `no-store`, since Next 13 and 14 cache the response to a POST too. On workerd `cache` is left
 * out: older compatibility dates throw at it, and workerd caches no response by itself.
 */
export interface RequestData {
  method: "GET" | "POST";
  url: string;
  /** names in lower case */
  headers: Record<string, string>;
  /** an encoded form */
  body?: string;
  redirect: "manual";
  cache?: "no-store";
}

/**
 * A signature algorithm by its JOSE name: `RS256` or `PS256` for an RSA key, `ES256` for a key on
 * the curve P-256, `EdDSA` or its newer name `Ed25519` for an Ed25519 key.
 */
export type SignatureAlgorithm = "RS256" | "PS256" | "ES256" | "EdDSA" | "Ed25519";

/**
 * A private key: a PEM (PKCS#8, PKCS#1 or SEC1), a JWK or a ZITADEL key file, as a string; the
 * latter two also as an object. Bytes are those of the text.
 */
export type KeyInput =
  | string
  | Uint8Array
  | ArrayBuffer
  | { kty?: string }
  | { kty: string; [name: string]: unknown }
  | { type: string; key: string; [name: string]: unknown };

/** The server that a function makes an assertion for. */
export interface AuthorizationServer {
  issuer: string | undefined;
  /** of the options, otherwise of the metadata */
  tokenEndpoint: string;
}

/** What a function that requests a token gets. */
export interface TokenRequestContext {
  issuer: string | undefined;
  /** of the options, otherwise of the metadata, if there is an issuer */
  tokenEndpoint: string | undefined;
  /** the option `fetch`, otherwise the runtime's */
  fetch: typeof globalThis.fetch;
  /** aborts when the time for the request is up */
  signal: AbortSignal;
}

/** The description of the key that signs an assertion. */
export interface AssertionKey {
  algorithm: SignatureAlgorithm;
  /** the key's name at the server */
  keyId?: string | null;
  /** the service user that the key file names */
  userId?: string | null;
  /** the application that the key file names */
  clientId?: string | null;
  /** ms since 1970 */
  expiresAt?: number | null;
}

/** A role in a project of ZITADEL. A string is a role in the verifier's `projectId`. */
export type RoleRequirement = string | { role: string; project?: string; organization?: string };

/** An access token. Do not log it: it prints in full. */
export interface Token {
  accessToken: string;
  tokenType: "Bearer";
  /** the granted scope; `null` if the server does not say (ZITADEL never does) */
  scope: string | null;
  /**
   * what else the server says, such as `instance_url`, frozen; never a `refresh_token` or an
   * `id_token`
   */
  extra: Readonly<Record<string, unknown>>;
  /** when the request was sent, ms since 1970 */
  obtainedAt: number;
  /** ms since 1970; `null` if it is not known */
  expiresAt: number | null;
}
