// What a fake issuer takes, is, and records.

/** What a fake issuer is like. */
export interface FakeIssuerOptions {
  /** its address, by default one that no other fake issuer has */
  issuer?: string;
  /** the secrets by client id, by default `{ service: "secret" }` */
  clients?: Record<string, string>;
  /** the lifetime of its tokens, seconds; 3,600 by default */
  expiresIn?: number;
  /** whether the tokens that it issues are opaque instead of JWTs: a verifier introspects them */
  opaque?: boolean;
  /** claims of every token that it issues, such as roles; they replace its own */
  claims?: Record<string, unknown>;
}

/** A request that a fake issuer got. */
export interface FakeRequest {
  method: string;
  url: string;
  /** names in lower case */
  headers: Record<string, string>;
  /** the body's fields, decoded */
  form: Record<string, string>;
}

/** How a fake issuer fails. */
export interface FakeFailure {
  /** of the response, 503 by default; 0: there is no response, as if the network were down */
  status?: number;
  /** such as `invalid_client` (RFC 6749 section 5.2) */
  error?: string;
  /** the server's words */
  errorDescription?: string;
}

/** A key file, as ZITADEL gives it to a service user or to an application. */
export interface FakeKeyFile {
  [name: string]: unknown;
  type: "serviceaccount" | "application";
  keyId: string;
  /** PEM in PKCS#8, of a key on the curve P-256 */
  key: string;
}

/** An issuer for tests. */
export interface FakeIssuer {
  /** its address */
  issuer: string;
  /** the first of its clients */
  clientId: string;
  clientSecret: string;
  /** the standard `fetch`, answered by the issuer; it reaches nothing else, and fails elsewhere */
  fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
  /** what was asked, the oldest first; `issuer.requests.length = 0` forgets it */
  requests: FakeRequest[];
  /**
   * signs a JWT with the issuer's key. `iss`, `sub`, `iat`, `exp` and `jti` are added; a claim that
   * is `undefined` is left out. The header is `{ alg: "ES256", kid, typ: "JWT" }`, which `header`
   * changes
   */
  sign: (claims: Record<string, unknown>, header?: Record<string, unknown>) => Promise<string>;
  /**
   * lets the next requests fail, all but those for metadata: one by default, `Infinity` for all, 0
   * for none any more. A source repeats a request that failed, so one failure may go unnoticed
   */
  fail: (times?: number, failure?: FakeFailure) => void;
  /**
   * returns a private key that the issuer knows, for the options `key` and `introspection.key`: of
   * its service user, or of its first client
   */
  keyFile: (type?: FakeKeyFile["type"]) => Promise<FakeKeyFile>;
}
