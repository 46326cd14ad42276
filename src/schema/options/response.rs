//! What the readers of responses take, and the questions about a token.

use crate::encoding::time::Timestamp;
use crate::schema::kinds::{Body, Headers, Js, Millis, Rest, SentRequest, Status, TimeOrNull};
use crate::schema::shape;

shape! {
    /// A response as plain data: `{ status: response.status, headers: response.headers, body: await
    /// response.text() }`.
    ResponseData {
        /// the HTTP status
        status: Js<Status>,
        headers: Option<Js<Headers>>,
        body: Js<Body>,
    }
}

shape! {
    /// The context of a token response.
    TokenResponseContext {
        /// `Date.now()` from just before the request was sent; the lifetime counts from here
        requested_at: Timestamp,
        /// ms since 1970, by default the clock; `Retry-After` counts from here
        now: Option<Timestamp>,
        /// what `buildTokenRequest` returned. With it, errors contain the server's own words,
        /// without the secrets of the request; without it, only words that are known to be harmless
        request: Option<Js<SentRequest>>,
    }
}

shape! {
    /// The context of a response about a token: to a revocation or an introspection.
    RevocationResponseContext {
        /// ms since 1970, by default the clock; `Retry-After` counts from here
        now: Option<Timestamp>,
        /// what the builder returned. With it, errors contain the server's own words
        request: Option<Js<SentRequest>>,
    }
}

shape! {
    /// The context of a metadata response.
    MetadataResponseContext<'a> {
        /// the issuer of the request
        issuer: &'a str,
        /// as in the request
        insecure_http: bool,
        /// ms since 1970, by default the clock; `Retry-After` counts from here
        now: Option<Timestamp>,
    }
}

shape! {
    /// When a token was obtained, and when it ends.
    TokenTimes {
        /// ms since 1970
        obtained_at: Timestamp,
        /// ms since 1970, or `null`
        expires_at: Js<TimeOrNull>,
    }
}

shape! {
    /// The options of `isExpired`.
    ExpiryOptions {
        /// ms since 1970, by default the clock
        now: Option<Timestamp>,
        /// ms before the end at which a token counts as expired; by default 30 s, or a tenth of the
        /// lifetime if that is less
        leeway: Option<Millis>,
    }
}

shape! {
    /// What the core reads of any response, but for its body.
    ResponseHead<'a> {
        status: u16,
        content_type: Option<&'a str>,
        retry_after: Option<&'a str>,
        date: Option<&'a str>,
        cache_control: Option<&'a str>,
        cf_mitigated: Option<&'a str>,
        cf_ray: Option<&'a str>,
    }
}

shape! {
    /// What of a request tells which words of an answer may be shown.
    SentSecrets<'a> {
        /// where the request was sent
        url: Option<&'a str>,
        /// as the server names itself
        issuer: Option<&'a str>,
        authorization: Option<&'a str>,
        form: Option<&'a str>,
    }
}

shape! {
    /// A response to a token request, if it is a success.
    TokenSuccess<'a> {
        status: u16,
        requested_at: Timestamp,
        body: Rest<'a>,
    }
}

shape! {
    /// A response to a token request, with what explains a failure.
    TokenResponse<'a> {
        head: ResponseHead<'a>,
        sent: SentSecrets<'a>,
        requested_at: Timestamp,
        now: Timestamp,
        body: Rest<'a>,
    }
}

shape! {
    /// A response to a revocation or an introspection.
    AnswerAboutToken<'a> {
        head: ResponseHead<'a>,
        sent: SentSecrets<'a>,
        now: Timestamp,
        body: Rest<'a>,
    }
}

shape! {
    /// A response to a metadata request.
    MetadataResponse<'a> {
        head: ResponseHead<'a>,
        issuer: &'a str,
        insecure_http: bool,
        now: Timestamp,
        body: Rest<'a>,
    }
}

shape! {
    /// A response to a request for keys.
    KeySetResponse<'a> {
        head: ResponseHead<'a>,
        now: Timestamp,
        body: Rest<'a>,
    }
}

shape! {
    /// Whether a token is expired.
    ExpiryQuestion {
        obtained_at: Timestamp,
        expires_at: Option<Timestamp>,
        now: Timestamp,
        leeway: Option<Millis>,
    }
}

shape! {
    /// A token that goes into a header.
    AccessToken<'a> {
        access_token: &'a str,
    }
}

shape! {
    /// A reserved scope of ZITADEL, by the name of its builder.
    NamedScope<'a> {
        name: &'a str,
        value: &'a str,
    }
}

shape! {
    /// A name that may be a secret.
    GivenName<'a> {
        name: Rest<'a>,
    }
}
