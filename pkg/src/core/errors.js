/** Marks errors of every copy of this module, so that `instanceof` works across bundles and realms. */
const BRAND = Symbol.for("edge-credentials.AuthError");

/**
 * Whose fault it is: `misuse` (the caller's code or configuration), `denied` (the server refused),
 * `malformed` (the answer is not what the protocol allows), `unavailable` (the same request may
 * succeed later), `rejected` (a token that came in is not good), `internal` (a bug of this
 * package).
 *
 * @typedef {"misuse" | "denied" | "malformed" | "unavailable" | "rejected" | "internal"} ErrorCategory
 */

/**
 * What failed; the README's table has the meanings. A name is never given another one.
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
 * What an {@link AuthError} is made of; the members are described there.
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
 * What every function of this package throws. It holds no secret, no token and no body of a
 * response, so it is safe to log. `code` is the contract (the README has the table); the texts may
 * be worded better one day.
 */
export class AuthError extends Error {
  static {
    // Written out, since a minifier renames the class.
    Object.defineProperty(this.prototype, "name", {
      value: "AuthError",
      writable: true,
      configurable: true,
    });
    // What an error has not, a polluted prototype must not add.
    for (const name of ["error", "errorDescription", "status", "retryAt"])
      Object.defineProperty(this.prototype, name, {
        value: undefined,
        writable: true,
        configurable: true,
      });
  }

  /** @param {AuthErrorDetails} given */
  constructor(given) {
    // Own members only: a polluted prototype must not add a cause.
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
     * The server's `error_description`, cut to 256 characters, what may be secret in it replaced by
     * `[redacted]`.
     */
    this.errorDescription = details.errorDescription;
    /** The HTTP status of the answer. */
    this.status = details.status;
    /** Whether the same request may succeed later. */
    this.retryable = details.retryable ?? false;
    /**
     * Before this nothing is asked again: the server's wish, or a pause of a source's or a
     * verifier's. Milliseconds since 1970.
     */
    this.retryAt = details.retryAt;
    // Uncaught, an error is often shown by its stack alone.
    if (typeof this.stack === "string")
      Reflect.set(
        this,
        "stack",
        this.stack.replace(
          details.message,
          () => `${details.message} (${details.code}): ${details.hint}`,
        ),
      );
    // Printed, an error shows only what it knows.
    for (const [name, value] of Object.entries(this))
      if (value === undefined) Reflect.deleteProperty(this, name);
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
      return false; // A proxy that was revoked, or that throws, is no error of ours.
    }
  }

  /** For `JSON.stringify`: everything but the stack. */
  toJSON() {
    // Own members only: a polluted prototype must not add an error of the server's.
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
