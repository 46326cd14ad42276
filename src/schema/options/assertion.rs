//! Keys and assertions.

use crate::encoding::time::Timestamp;
use crate::schema::kinds::{Bytes, Choice, Js, JsonObject, KeyDescription, names};
use crate::schema::shape;

names! {
    /// What a key signs with, by its JOSE name.
    SignatureAlgorithms: "RS256", "PS256", "ES256", "EdDSA", "Ed25519"
}

names! {
    /// Whose a key file is.
    Owners: "userId", "clientId"
}

shape! {
    /// The options of `importKey`.
    ImportKeyOptions<'a> {
        /// the key's name at the server, if the key does not hold it
        key_id: Option<&'a str>,
        /// by default what the key says, otherwise RS256, ES256 or EdDSA, by the type of the key
        algorithm: Option<Choice<'a, SignatureAlgorithms>>,
    }
}

shape! {
    /// The options of `prepareAssertion`.
    AssertionOptions<'a> {
        /// the result of `importKey`, or the description of a key that is kept elsewhere
        key: Js<KeyDescription>,
        /// both issuer and subject of the assertion: the service user's id (JWT profile) or the
        /// client id (`private_key_jwt`). By default the one that the key file names
        subject: Option<&'a str>,
        /// the server's issuer, exactly as the server names itself, or what else the server wants:
        /// Hydra, Authlib and Glewlwyd want the token endpoint
        audience: &'a str,
        /// members that are added to the header, such as `x5t`; `typ` may be another
        header: Option<Js<JsonObject>>,
        /// members that are added to the claims, such as `scope`; `sub` may be another
        claims: Option<Js<JsonObject>>,
        /// ms since 1970, by default the clock
        now: Option<Timestamp>,
    }
}

shape! {
    /// What the core reads of a key's description.
    DescribedKey<'a> {
        algorithm: &'a str,
        key_id: Option<&'a str>,
        user_id: Option<&'a str>,
        client_id: Option<&'a str>,
        expires_at: Option<Timestamp>,
    }
}

shape! {
    /// An assertion, signed.
    SignedAssertion<'a> {
        signing_input: &'a str,
        signature: Js<Bytes>,
    }
}

shape! {
    /// A key as its owner wrote it.
    WrittenKey<'a> {
        owner: Option<Choice<'a, Owners>>,
        key_id: Option<&'a str>,
        algorithm: Option<&'a str>,
        key: &'a str,
    }
}

shape! {
    /// An assertion before it is signed.
    AssertionParts<'a> {
        algorithm: &'a str,
        key_id: Option<&'a str>,
        subject: &'a str,
        audience: &'a str,
        /// as JSON
        more_header: Option<&'a str>,
        /// as JSON
        more_claims: Option<&'a str>,
        key_expires_at: Option<Timestamp>,
        now: Timestamp,
    }
}

shape! {
    /// A signing input and its signature, in base64.
    AssertionAndSignature<'a> {
        signing_input: &'a str,
        signature: &'a str,
    }
}
