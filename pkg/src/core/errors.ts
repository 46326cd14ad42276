// The error that everything throws.
import { isWorkerd } from "./platform.js";

/**
 * Marks the errors of every copy of this module, so that `instanceof` works across bundles and
 * realms.
 */
const BRAND = Symbol.for("edge-credentials.AuthError");

/**
 * Whose fault an error is:
 *
 * - `misuse`: the caller's code or configuration.
 * - `denied`: the server refused.
 * - `malformed`: the response breaks the protocol.
 * - `unavailable`: the same request may succeed later.
 * - `rejected`: an incoming token is not valid.
 * - `internal`: a bug of this package.
 */
export type ErrorCategory =
  "misuse" | "denied" | "malformed" | "unavailable" | "rejected" | "internal";

/** What failed. docs/errors.md has the meanings. A code never changes its meaning. */
export type ErrorCode =
  | "option_invalid"
  | "url_insecure"
  | "issuer_mismatch"
  | "endpoint_not_found"
  | "endpoint_redirects"
  | "endpoint_unsuitable"
  | "module_missing"
  | "io_forbidden"
  | "origin_refused"
  | "client_auth_unsupported"
  | "callback_failed"
  | "key_expired"
  | "credentials_refused"
  | "secret_not_ready"
  | "user_inactive"
  | "grant_refused"
  | "scope_refused"
  | "target_refused"
  | "request_refused"
  | "response_not_json"
  | "response_too_large"
  | "member_duplicate"
  | "member_missing"
  | "member_invalid"
  | "token_type_unsupported"
  | "status_unexpected"
  | "network_failed"
  | "timed_out"
  | "rate_limited"
  | "server_overloaded"
  | "server_failed"
  | "key_unknown"
  | "token_missing"
  | "token_malformed"
  | "token_invalid"
  | "token_expired"
  | "token_inactive"
  | "audience_refused"
  | "scope_insufficient"
  | "role_insufficient"
  | "claim_refused"
  | "internal";

/** What is shown of a runtime's error or a caller's: none of its texts, since they may hold secrets. */
export interface ErrorCause {
  /** of its class, such as `TypeError` */
  name: string;
  /** the system's code, such as `ECONNREFUSED` */
  code?: string;
  /** what the runtime says, if it is a sentence that is known: `Network connection lost` */
  reason?: string;
}

/** The properties of an {@link AuthError}, which describes them. */
export interface AuthErrorDetails {
  code: ErrorCode;
  category: ErrorCategory;
  message: string;
  hint: string;
  error?: string;
  errorDescription?: string;
  status?: number;
  retryable?: boolean;
  retryAt?: number;
  cause?: ErrorCause;
  token?: RefusedToken;
}

/**
 * Whose token was refused: what an issuer signed or said of it, each text cut to 256 characters and
 * each list to 20 entries. For people on call; nothing may be decided by it.
 */
export interface RefusedToken {
  sub?: string;
  client_id?: string;
  aud?: string[];
  /** of the claim `roleClaim`, or of ZITADEL's claims */
  roles?: string[];
}

/** The properties of an error beside `message` and `cause`, in the order in which they are printed. */
const NAMES = [
  "code",
  "category",
  "hint",
  "error",
  "errorDescription",
  "status",
  "retryable",
  "retryAt",
  "token",
] as const;

/** Not by an assignment, which would meet a setter of a polluted prototype. */
function define(object: object, name: string, value: unknown, enumerable: boolean): void {
  const property = { __proto__: null, value, enumerable, writable: true, configurable: true };
  Object.defineProperty(object, name, property);
}

/**
 * The error that every function of this package throws. It is safe to log: it holds no secret, no
 * token and no response body. Branch on `code`, which docs/errors.md explains; the wording of
 * `message` and `hint` may change.
 */
export class AuthError extends Error {
  static {
    // A literal, since a minifier renames the class.
    define(this.prototype, "name", "AuthError", false);
    // Hides the same names on a polluted `Object.prototype`.
    for (const name of NAMES) define(this.prototype, name, undefined, false);
  }

  /** What failed. */
  declare code: ErrorCode;

  /** Whose fault it is. */
  declare category: ErrorCategory;

  /** What to do about it. */
  declare hint: string;

  /** The server's `error` (RFC 6749 section 5.2), where it is safe to show. */
  declare error?: string | undefined;

  /**
   * The server's `error_description` (RFC 6749 section 5.2), cut to 256 characters. Parts that may
   * be secret are replaced by `[redacted]`.
   */
  declare errorDescription?: string | undefined;

  /** The HTTP status of the response. */
  declare status?: number | undefined;

  /** Whether the same request may succeed later. */
  declare retryable: boolean;

  /**
   * When the next request may be sent, ms since 1970: the server asked for the pause, or a source
   * or a verifier makes it.
   */
  declare retryAt?: number | undefined;

  /**
   * Whose token a verifier refused. Only of a token that is known to be the issuer's: by its
   * signature, or by an introspection.
   */
  declare token?: RefusedToken | undefined;

  /** The runtime's error or the caller's that led to this one. */
  declare cause?: ErrorCause | undefined;

  constructor(given: AuthErrorDetails) {
    // Without a prototype: a polluted one must not add a cause.
    const details = { __proto__: null, ...given } as AuthErrorDetails;
    const full = `${details.message} (${details.code}): ${details.hint}`;
    // workerd shows an error that ends a Worker's start by its message alone. Its clock is at 0 then.
    const isStarting = isWorkerd && Date.now() === 0;
    super(isStarting ? full : details.message, details.cause && { cause: details.cause });

    details.retryable ??= false;
    // A printed error shows only the properties that have a value.
    for (const name of NAMES) {
      if (details[name] !== undefined) define(this, name, details[name], true);
    }

    // Runtimes often print an uncaught error by its stack alone.
    if (typeof this.stack === "string" && !isStarting) {
      Reflect.set(
        this,
        "stack",
        this.stack.replace(details.message, () => full),
      );
    }
  }

  get [BRAND]() {
    return true;
  }

  static [Symbol.hasInstance](value: unknown) {
    try {
      // Subclasses do not own the brand. A class that names itself becomes `_AuthError` in bundles.
      const isAuthError = Object.hasOwn(this.prototype, BRAND);
      if (!isAuthError) return Function.prototype[Symbol.hasInstance].call(this, value);
      return typeof value === "object" && value !== null && BRAND in value;
    } catch {
      return false; // A revoked proxy, or one that throws, is no AuthError.
    }
  }

  /** Returns all properties but the stack, for `JSON.stringify`. */
  toJSON() {
    // Own properties only: a polluted prototype must not add a server's error.
    const own = (name: string) => (Object.hasOwn(this, name) ? Reflect.get(this, name) : undefined);
    return {
      name: this.name,
      ...Object.fromEntries(["message", ...NAMES, "cause"].map((name) => [name, own(name)])),
    };
  }
}
