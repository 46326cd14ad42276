//! The one error: what failed, whose fault it is, what to do.

use alloc::boxed::Box;
use alloc::string::String;

use alloc::borrow::Cow;
use core::fmt;

use crate::encoding::time::Timestamp;

/// Whose fault an error is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Category {
    /// The caller's code or configuration.
    Misuse,
    /// The server refused: credentials, scope, user.
    Denied,
    /// The answer is not what the protocol allows.
    Malformed,
    /// Network, timeout, overload: the same request may succeed later.
    Unavailable,
    /// A token that came in is not good: whoever brought it must get another.
    Rejected,
    /// A bug of this library.
    Internal,
}

impl Category {
    /// The name that JavaScript sees, such as `misuse`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Category::Misuse => "misuse",
            Category::Denied => "denied",
            Category::Malformed => "malformed",
            Category::Unavailable => "unavailable",
            Category::Rejected => "rejected",
            Category::Internal => "internal",
        }
    }
}

macro_rules! codes {
    ($($(#[doc = $meaning:literal])+ $name:ident, $text:literal, $category:ident;)+) => {
        /// What failed. The names are a contract: a name is never given another meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Code { $($(#[doc = $meaning])+ $name,)+ }

        impl Code {
            /// Every code, in the order of docs/errors.md.
            pub const ALL: &[Code] = &[$(Code::$name),+];

            /// The name that JavaScript sees, such as `credentials_refused`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Code::$name => $text),+ }
            }

            /// Whose fault it is.
            pub const fn category(self) -> Category {
                match self { $(Code::$name => Category::$category),+ }
            }
        }
    };
}

codes! {
    /// An option is missing, unknown, undefined, of the wrong type, or holds what the protocol
    /// forbids.
    OptionInvalid, "option_invalid", Misuse;
    /// An address is http and not on loopback.
    UrlInsecure, "url_insecure", Misuse;
    /// The server's metadata names another issuer than the one configured.
    IssuerMismatch, "issuer_mismatch", Misuse;
    /// 404: nothing answers at this address, or the server does not know its own host name.
    EndpointNotFound, "endpoint_not_found", Misuse;
    /// 3xx: the address is not the endpoint's own; redirects are never followed with credentials.
    EndpointRedirects, "endpoint_redirects", Misuse;
    /// 405, 415: what answers at this address is not the endpoint.
    EndpointUnsuitable, "endpoint_unsuitable", Misuse;
    /// The package has no WebAssembly module yet: its entry `manual` waits for one.
    ModuleMissing, "module_missing", Misuse;
    /// Something was asked where the runtime permits no I/O, such as a Worker's global scope.
    IoForbidden, "io_forbidden", Misuse;
    /// A token was to be sent to an origin that is not allowed.
    OriginRefused, "origin_refused", Misuse;
    /// By its metadata the server takes no client authentication that is known here.
    ClientAuthUnsupported, "client_auth_unsupported", Misuse;
    /// A function given as an option threw, or gave no string.
    CallbackFailed, "callback_failed", Misuse;
    /// A key file's expiration date is past.
    KeyExpired, "key_expired", Misuse;
    /// Client id or secret is wrong, or the server does not take this client authentication.
    CredentialsRefused, "credentials_refused", Denied;
    /// ZITADEL has no secret for this service user, or none yet: a new one takes a second or two to
    /// arrive.
    SecretNotReady, "secret_not_ready", Denied;
    /// The service user is deactivated or locked.
    UserInactive, "user_inactive", Denied;
    /// The client may not use this grant, or the server does not know it.
    GrantRefused, "grant_refused", Denied;
    /// The scope is missing, unknown or not permitted.
    ScopeRefused, "scope_refused", Denied;
    /// The resource is unknown or not permitted (RFC 8707).
    TargetRefused, "target_refused", Denied;
    /// Refused for another reason: see `error` and `errorDescription`.
    RequestRefused, "request_refused", Denied;
    /// The body is not the JSON that it should be: HTML, empty, cut off.
    ResponseNotJson, "response_not_json", Malformed;
    /// The body is larger than such an answer can be.
    ResponseTooLarge, "response_too_large", Malformed;
    /// The JSON names a member twice.
    MemberDuplicate, "member_duplicate", Malformed;
    /// The JSON lacks a member that the protocol requires.
    MemberMissing, "member_missing", Malformed;
    /// A member holds what the protocol does not allow.
    MemberInvalid, "member_invalid", Malformed;
    /// The token is not a bearer token.
    TokenTypeUnsupported, "token_type_unsupported", Malformed;
    /// A status that the protocol does not know here.
    StatusUnexpected, "status_unexpected", Malformed;
    /// No answer from the server.
    NetworkFailed, "network_failed", Unavailable;
    /// No answer in time.
    TimedOut, "timed_out", Unavailable;
    /// 429.
    RateLimited, "rate_limited", Unavailable;
    /// 408, 503 or `temporarily_unavailable`.
    ServerOverloaded, "server_overloaded", Unavailable;
    /// Any other 5xx or `server_error`.
    ServerFailed, "server_failed", Unavailable;
    /// The issuer's key set has no key that the token may be signed with, and cannot be asked again
    /// yet.
    KeyUnknown, "key_unknown", Unavailable;
    /// The request carries no token.
    TokenMissing, "token_missing", Rejected;
    /// The request carries the token in a way that RFC 6750 does not allow, or what it carries
    /// cannot be one.
    TokenMalformed, "token_malformed", Rejected;
    /// Not an access token of this issuer's: by its form, algorithm, signature or claims.
    TokenInvalid, "token_invalid", Rejected;
    /// The token has ended, or has not begun.
    TokenExpired, "token_expired", Rejected;
    /// The server knows no such token, or knows that it has ended or was revoked.
    TokenInactive, "token_inactive", Rejected;
    /// The token is meant for others than this API.
    AudienceRefused, "audience_refused", Rejected;
    /// The token lacks a scope.
    ScopeInsufficient, "scope_insufficient", Rejected;
    /// The token lacks a role.
    RoleInsufficient, "role_insufficient", Rejected;
    /// A claim that is required is missing, or is another.
    ClaimRefused, "claim_refused", Rejected;
    /// A bug of this library.
    Internal, "internal", Internal;
}

/// A failure. It holds no secret, no token and no body of a response; `Debug` and `Display` are
/// safe to log.
#[derive(Clone, Debug)]
pub struct Error(Box<Details>);

#[derive(Clone, Debug)]
struct Details {
    code: Code,
    message: Cow<'static, str>,
    hint: Cow<'static, str>,
    error: Option<String>,
    error_description: Option<String>,
    status: Option<u16>,
    retry_at: Option<Timestamp>,
}

impl Error {
    /// What failed, as a stable name.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// Whose fault it is.
    pub fn category(&self) -> Category {
        self.0.code.category()
    }

    /// What failed and what was expected, in words. `Display` prints the same.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What to do about it.
    pub fn hint(&self) -> &str {
        &self.0.hint
    }

    /// The server's `error` (RFC 6749 section 5.2), if it sent one that is safe to show.
    pub fn error(&self) -> Option<&str> {
        self.0.error.as_deref()
    }

    /// The server's `error_description`, cut to 256 characters, whatever may be secret in it
    /// replaced by `[redacted]`.
    pub fn error_description(&self) -> Option<&str> {
        self.0.error_description.as_deref()
    }

    /// The HTTP status of the answer, if the error comes from one.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// Whether the same request may succeed later.
    pub fn retryable(&self) -> bool {
        self.category() == Category::Unavailable || self.code() == Code::SecretNotReady
    }

    /// When the server permits the next attempt, if it said so.
    pub fn retry_at(&self) -> Option<Timestamp> {
        self.0.retry_at
    }

    pub(crate) fn new(code: Code, message: impl Into<Cow<'static, str>>, hint: impl Into<Cow<'static, str>>) -> Self {
        Self::from_texts(code, message.into(), hint.into())
    }

    #[inline(never)]
    fn from_texts(code: Code, message: Cow<'static, str>, hint: Cow<'static, str>) -> Self {
        let (error, error_description, status, retry_at) = (None, None, None, None);
        Error(Box::new(Details { code, message, hint, error, error_description, status, retry_at }))
    }

    pub(crate) fn with_status(mut self, status: u16) -> Self {
        self.0.status = Some(status);
        self
    }

    pub(crate) fn with_hint(mut self, hint: &'static str) -> Self {
        self.0.hint = hint.into();
        self
    }

    pub(crate) fn with_retry_at(mut self, at: Option<Timestamp>) -> Self {
        self.0.retry_at = at;
        self
    }

    /// Both texts must have been through [`Redaction`](crate::redact::Redaction).
    pub(crate) fn with_server_error(mut self, error: Option<String>, description: Option<String>) -> Self {
        self.0.error = error;
        self.0.error_description = description;
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl core::error::Error for Error {}
