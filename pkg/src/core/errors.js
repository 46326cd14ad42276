// The error that everything throws.

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
 *
 * @typedef {"misuse" | "denied" | "malformed" | "unavailable" | "rejected" | "internal"} ErrorCategory
 */

/**
 * What failed. The README's table has the meanings. A code never changes its meaning.
 *
 * @typedef {"option_invalid"
 *   | "url_insecure"
 *   | "issuer_mismatch"
 *   | "endpoint_not_found"
 *   | "endpoint_redirects"
 *   | "endpoint_unsuitable"
 *   | "module_missing"
 *   | "io_forbidden"
 *   | "origin_refused"
 *   | "client_auth_unsupported"
 *   | "callback_failed"
 *   | "key_expired"
 *   | "credentials_refused"
 *   | "secret_not_ready"
 *   | "user_inactive"
 *   | "grant_refused"
 *   | "scope_refused"
 *   | "target_refused"
 *   | "request_refused"
 *   | "response_not_json"
 *   | "response_too_large"
 *   | "member_duplicate"
 *   | "member_missing"
 *   | "member_invalid"
 *   | "token_type_unsupported"
 *   | "status_unexpected"
 *   | "network_failed"
 *   | "timed_out"
 *   | "rate_limited"
 *   | "server_overloaded"
 *   | "server_failed"
 *   | "key_unknown"
 *   | "token_missing"
 *   | "token_malformed"
 *   | "token_invalid"
 *   | "token_expired"
 *   | "token_inactive"
 *   | "audience_refused"
 *   | "scope_insufficient"
 *   | "role_insufficient"
 *   | "internal"} ErrorCode
 */

/**
 * The properties of an {@link AuthError}, which describes them.
 *
 * @typedef {object} AuthErrorDetails
 * @property {ErrorCode} code
 * @property {ErrorCategory} category
 * @property {string} message
 * @property {string} hint
 * @property {string} [error]
 * @property {string} [errorDescription]
 * @property {number} [status]
 * @property {boolean} [retryable]
 * @property {number} [retryAt]
 * @property {{ name: string; code?: string }} [cause]
 */

/**
 * The error that every function of this package throws. It is safe to log: it holds no secret, no
 * token and no response body. Branch on `code`, which the README's table explains; the wording of
 * `message` and `hint` may change.
 */
export class AuthError extends Error {
  static {
    // A literal, since a minifier renames the class.
    Object.defineProperty(this.prototype, "name", {
      value: "AuthError",
      writable: true,
      configurable: true,
    });
    // Hides the same names on a polluted `Object.prototype`.
    for (const name of ["error", "errorDescription", "status", "retryAt"]) {
      Object.defineProperty(this.prototype, name, {
        value: undefined,
        writable: true,
        configurable: true,
      });
    }
  }

  /** @param {AuthErrorDetails} given */
  constructor(given) {
    // Without a prototype: a polluted one must not add a cause.
    const details = /** @type {AuthErrorDetails} */ ({ __proto__: null, ...given });
    super(details.message, details.cause && { cause: details.cause });

    /** What failed. */
    this.code = details.code;

    /** Whose fault it is. */
    this.category = details.category;

    /** What to do about it. */
    this.hint = details.hint;

    /** The server's `error` (RFC 6749 section 5.2), where it is safe to show. */
    this.error = details.error;

    /**
     * The server's `error_description` (RFC 6749 section 5.2), cut to 256 characters. Parts that
     * may be secret are replaced by `[redacted]`.
     */
    this.errorDescription = details.errorDescription;

    /** The HTTP status of the response. */
    this.status = details.status;

    /** Whether the same request may succeed later. */
    this.retryable = details.retryable ?? false;

    /**
     * When the next request may be sent, ms since 1970: the server asked for the pause, or a source
     * or a verifier makes it.
     */
    this.retryAt = details.retryAt;

    // Runtimes often print an uncaught error by its stack alone.
    if (typeof this.stack === "string") {
      const full = `${details.message} (${details.code}): ${details.hint}`;
      Reflect.set(
        this,
        "stack",
        this.stack.replace(details.message, () => full),
      );
    }

    // A printed error shows only the properties that have a value.
    for (const [name, value] of Object.entries(this)) {
      if (value === undefined) Reflect.deleteProperty(this, name);
    }
  }

  get [BRAND]() {
    return true;
  }

  /** @param {unknown} value */
  static [Symbol.hasInstance](value) {
    try {
      if (this !== AuthError) return Function.prototype[Symbol.hasInstance].call(this, value);
      return typeof value === "object" && value !== null && BRAND in value;
    } catch {
      return false; // A revoked proxy, or one that throws, is no AuthError.
    }
  }

  /** Returns all properties but the stack and the cause, for `JSON.stringify`. */
  toJSON() {
    // Own properties only: a polluted prototype must not add a server's error.
    const own = (/** @type {string} */ name) =>
      Object.hasOwn(this, name) ? Reflect.get(this, name) : undefined;
    const names = [
      "code",
      "category",
      "message",
      "hint",
      "error",
      "errorDescription",
      "status",
      "retryable",
      "retryAt",
    ];
    return { name: this.name, ...Object.fromEntries(names.map((name) => [name, own(name)])) };
  }
}
