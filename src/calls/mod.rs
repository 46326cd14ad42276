//! The functions that JavaScript calls: what each takes and gives, and what it does.
//!
//! Pure, so that they are tested here as they run there. `wasm` only exports them.

use alloc::string::String;

mod keys;
mod requests;
mod responses;
mod serialize;
mod tokens;

use crate::error::Error;
use crate::schema::fields::Fields;
use crate::schema::given::{GivenAs, Gives};
use crate::schema::options::*;
use crate::schema::results::*;
use crate::schema::{Rows, Shape};

/// What a function takes and gives.
pub trait Signature {
    /// What it takes.
    type Takes<'a>: Rows<'a>;
    /// What it gives.
    type Gives: Gives;
}

/// Gives 16 fresh random bytes, or nothing where there are none.
pub type Random = fn() -> Option<[u8; 16]>;

/// A function that needs nothing but what it takes, and random bytes.
pub trait Call: Signature {
    /// What it does.
    ///
    /// # Errors
    /// Those of the function that its documentation names.
    fn call(takes: Self::Takes<'_>, random: Random) -> Result<Self::Gives, Error>;
}

/// Calls a function as JavaScript does: with a text of fields, for a text of fields. An error is
/// JSON.
///
/// # Errors
/// Those of the function.
#[inline(never)]
pub fn call<C: Call>(fields: &str, random: Random) -> Result<String, String> {
    let given = C::call(C::Takes::read(&mut Fields::of(fields)), random);
    given.map(Gives::into_text).map_err(|error| serialize::error(&error))
}

/// Calls the function at a place of [`CALLS`].
///
/// # Errors
/// Those of the function; `internal` for a place that is none: the caller is of another version.
pub fn call_at(place: usize, fields: &str, random: Random) -> Result<String, String> {
    match FUNCTIONS.get(place) {
        Some(call) => call(fields, random),
        None => Err(serialize::error(&keys::internal("there is no such function"))),
    }
}

/// A function as a row of the table.
#[derive(Debug)]
pub struct CallShape {
    /// The name of its type here; in JavaScript it begins with a small letter.
    pub name: &'static str,
    /// The lines of its documentation.
    pub doc: &'static [&'static str],
    /// What it takes.
    pub takes: &'static Shape,
    /// What it gives.
    pub gives: &'static GivenAs,
}

macro_rules! calls {
    (<$life:lifetime> $($(#[doc = $doc:literal])* $name:ident($takes:ty) -> $gives:ty $(= $does:path)?;)+) => {
        $(
            $(#[doc = $doc])*
            #[derive(Clone, Copy, Debug)]
            pub struct $name;

            impl Signature for $name {
                type Takes<$life> = $takes;
                type Gives = $gives;
            }

            $(impl Call for $name {
                fn call(takes: Self::Takes<'_>, _: Random) -> Result<Self::Gives, Error> {
                    $does(takes)
                }
            })?
        )+

        /// All of them, in the order of [`CALLS`]: JavaScript calls a function by its place.
        const FUNCTIONS: &[fn(&str, Random) -> Result<String, String>] = &[$(call::<$name>),+];

        /// All of them.
        pub const CALLS: &[CallShape] = &[$(CallShape {
            name: stringify!($name),
            doc: &[$($doc),*],
            takes: &<<$name as Signature>::Takes<'static> as Rows<'static>>::SHAPE,
            gives: &<$gives as Gives>::FIELDS,
        }),+];
    };
}

calls! {
    <'a>
    /// See [`build_token_request`](crate::build_token_request).
    BuildTokenRequest(TokenRequestOptions<'a>) -> Form = requests::token;
    /// Refuses what is wrong with credentials, before a secret or an assertion is there.
    CheckCredentials(KnownCredentials<'a>) -> () = requests::check_credentials;
    /// Refuses scopes, resources and parameters that no request can hold.
    CheckRequested(RequestedToken<'a>) -> () = requests::check_requested;
    /// See [`parse_token_response`](crate::parse_token_response); nothing for whatever is no success.
    ReadToken(TokenSuccess<'a>) -> Option<TokenFields> = responses::read_token;
    /// See [`parse_token_response`](crate::parse_token_response).
    ParseTokenResponse(TokenResponse<'a>) -> TokenFields = responses::token;
    /// See [`authorization_header`](crate::authorization_header).
    AuthorizationHeader(AccessToken<'a>) -> String = tokens::authorization_header;
    /// See [`Validity::is_expired`](crate::Validity::is_expired).
    IsExpired(ExpiryQuestion) -> Expiry = tokens::is_expired;
    /// See [`build_metadata_request`](crate::build_metadata_request); gives the address.
    BuildMetadataRequest(MetadataRequestOptions<'a>) -> String = requests::metadata;
    /// See [`parse_metadata_response`](crate::parse_metadata_response).
    ParseMetadataResponse(MetadataResponse<'a>) -> Endpoints = responses::metadata;
    /// See [`build_revocation_request`](crate::build_revocation_request).
    BuildRevocationRequest(RevocationRequestOptions<'a>) -> Form = requests::revocation;
    /// See [`parse_revocation_response`](crate::parse_revocation_response).
    ParseRevocationResponse(AnswerAboutToken<'a>) -> () = responses::revocation;
    /// See [`build_introspection_request`](crate::build_introspection_request).
    BuildIntrospectionRequest(IntrospectionRequestOptions<'a>) -> Form = requests::introspection;
    /// See [`parse_introspection_response`](crate::parse_introspection_response); what else is said
    /// of an active token, the caller reads from the same text.
    ParseIntrospectionResponse(AnswerAboutToken<'a>) -> Activity = responses::introspection;
    /// See [`AnyKey::parse`](crate::AnyKey::parse).
    ReadKey(WrittenKey<'a>) -> KeyFields = keys::read_key;
    /// See [`prepare_assertion`](crate::prepare_assertion). Its errors too: `io_forbidden`, without
    /// random bytes; `key_expired`.
    PrepareAssertion(AssertionParts<'a>) -> String;
    /// See [`complete_assertion`](crate::complete_assertion).
    CompleteAssertion(AssertionAndSignature<'a>) -> String = keys::complete_assertion;
    /// See [`KeySet::parse`](crate::KeySet::parse).
    ParseKeySet(KeySetResponse<'a>) -> KeySetFields = responses::key_set;
    /// See [`KeySet::candidates`](crate::KeySet::candidates); gives their places in the list.
    ChooseKeys(KeyChoice<'a>) -> ChosenKeys = tokens::choose_keys;
    /// Refuses a token that shows by itself that it is of another kind; says nothing of any other.
    RefuseOtherKinds(UnknownToken<'a>) -> () = tokens::refuse_other_kinds;
    /// Reads the header of a JWT.
    ReadHeader(EncodedHeader<'a>) -> HeaderFields = tokens::read_header;
    /// See [`check_claims`](crate::check_claims), with all requirements. What it gives counts only
    /// once the signature has been verified.
    JudgeJwt(JwtClaims<'a>) -> JudgedClaims = tokens::judge_jwt;
    /// Judges what a server says of an active token by the same requirements.
    JudgeIntrospection(IntrospectedClaims<'a>) -> () = tokens::judge_introspection;
    /// See [`Scope`](crate::zitadel::Scope).
    ZitadelScope(NamedScope<'a>) -> String = tokens::zitadel_scope;
    /// Refuses an address that no request may be sent to.
    CheckAddress(GivenAddress<'a>) -> () = requests::check_address;
    /// Whether a name cannot be a secret, and may be shown.
    IsPlainName(GivenName<'a>) -> Plainness = tokens::is_plain_name;
}

impl Call for PrepareAssertion {
    fn call(takes: Self::Takes<'_>, random: Random) -> Result<Self::Gives, Error> {
        keys::prepare_assertion(&takes, random())
    }
}
