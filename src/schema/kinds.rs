//! The kinds of values: how each is checked, named in TypeScript, and read.

use core::marker::PhantomData;

use crate::encoding::time::Timestamp;
use crate::schema::fields::{Fields, whole};
use crate::schema::{Field, Kind, Type};

/// A value that crosses the boundary as one text.
pub trait Value<'a>: Sized {
    /// Its kind.
    const KIND: Kind;
    /// Whether `undefined` counts as left out. It does not for what names or authenticates
    /// somebody, nor for what a token must have.
    const UNSET: bool = true;

    /// From the text that JavaScript wrote.
    fn from_text(text: &'a str) -> Self;
}

const fn value(check: &'static str, given: &'static str, taken: &'static str) -> Kind {
    Kind::Value { check, given: Type::Text(given), taken, crosses: true }
}

impl<'a> Value<'a> for &'a str {
    const KIND: Kind = value("text", "string", "string");
    const UNSET: bool = false;

    fn from_text(text: &'a str) -> Self {
        text
    }
}

/// A text, or a list of texts, which are joined by spaces.
#[derive(Clone, Copy, Debug, Default)]
pub struct Words<'a>(pub &'a str);

impl<'a> Value<'a> for Words<'a> {
    const KIND: Kind = value("words", "string | string[]", "string");

    fn from_text(text: &'a str) -> Self {
        Words(text)
    }
}

/// Names and values, as a form.
#[derive(Clone, Copy, Debug, Default)]
pub struct Params<'a>(pub &'a str);

impl<'a> Value<'a> for Params<'a> {
    const KIND: Kind = value("params", "Record<string, string>", "string");

    fn from_text(text: &'a str) -> Self {
        Params(text)
    }
}

/// Milliseconds since 1970.
impl<'a> Value<'a> for Timestamp {
    const KIND: Kind = value("time", "number", "number");

    fn from_text(text: &'a str) -> Self {
        Timestamp::from_millis(whole(text))
    }
}

/// A number of milliseconds, 0 or more.
#[derive(Clone, Copy, Debug)]
pub struct Millis(pub u64);

impl<'a> Value<'a> for Millis {
    const KIND: Kind = value("duration", "number", "number");

    fn from_text(text: &'a str) -> Self {
        Millis(u64::try_from(whole(text)).unwrap_or_default())
    }
}

/// An HTTP status, 0 to 999.
impl<'a> Value<'a> for u16 {
    const KIND: Kind = value("status", "number", "number");

    fn from_text(text: &'a str) -> Self {
        u16::try_from(whole(text)).unwrap_or_default()
    }
}

/// The names that a [`Choice`] has.
pub trait Names {
    /// In the order in which people read them.
    const NAMES: &'static [&'static str];
    /// See [`Value::UNSET`].
    const UNSET: bool = true;
}

/// One of several names. The function that takes it refuses others, so its error says which there
/// are.
#[derive(Clone, Copy, Debug)]
pub struct Choice<'a, N>(pub &'a str, PhantomData<N>);

impl<'a, N: Names> Value<'a> for Choice<'a, N> {
    const KIND: Kind = Kind::Value { check: "text", given: Type::Choice(N::NAMES), taken: "string", crosses: true };
    const UNSET: bool = N::UNSET;

    fn from_text(text: &'a str) -> Self {
        Choice(text, PhantomData)
    }
}

/// Makes the names of a [`Choice`].
macro_rules! names {
    ($(#[doc = $doc:literal])* $name:ident: $($text:literal),+ $(; unset: $unset:literal)?) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        impl $crate::schema::kinds::Names for $name {
            const NAMES: &'static [&'static str] = &[$($text),+];
            $(const UNSET: bool = $unset;)?
        }
    };
}

/// All that is left of the text: a body, a token.
#[derive(Clone, Copy, Debug)]
pub struct Rest<'a>(pub &'a str);

/// What stays in JavaScript.
#[derive(Clone, Copy, Debug)]
pub struct Js<K>(PhantomData<K>);

/// A kind of value that stays in JavaScript.
pub trait JsKind {
    /// See [`Kind`].
    const KIND: Kind;
    /// See [`Value::UNSET`].
    const UNSET: bool;
}

/// Makes kinds of values that stay in JavaScript.
macro_rules! js_kinds {
    (unset: $unset:literal; $(
        $(#[doc = $doc:literal])* $name:ident: $check:literal, $given:literal, $taken:literal;
    )+) => {
        $(
            $(#[doc = $doc])*
            #[derive(Clone, Copy, Debug)]
            pub struct $name;

            impl JsKind for $name {
                const KIND: Kind =
                    Kind::Value { check: $check, given: Type::Text($given), taken: $taken, crosses: false };
                const UNSET: bool = $unset;
            }
        )+
    };
}

js_kinds! {
    unset: false;
    /// A list of texts, or one.
    Texts: "texts", "string | string[]", "string[]";
    /// A client secret that may rotate.
    SecretOrFunction: "secret", "string | (() => string | null | Promise<string | null>)", "string | (() => unknown)";
    /// A private key.
    Key: "key", "KeyInput", "string";
    /// A private key that may rotate.
    KeyOrFunction: "keyOrFunction", "KeyInput | (() => KeyInput | null | Promise<KeyInput | null>)", "string | (() => unknown)";
    /// Roles that a token must have.
    Roles: "roles", "RoleRequirement | RoleRequirement[]", "unknown[]";
    /// The description of a signing key.
    KeyDescription: "object", "AssertionKey", "AssertionKey";
    /// A signature.
    Bytes: "bytes", "Uint8Array | ArrayBuffer", "Uint8Array | ArrayBuffer";
    /// Claims that a token must have.
    ClaimValues: "claims", "Record<string, string>", "string[][]";
    /// An object that is passed as JSON.
    JsonObject: "json", "Record<string, unknown>", "string";
    /// A function that makes a JWT for a request.
    AssertionFunction: "function", "(server: AuthorizationServer) => string | Promise<string>", "(server: AuthorizationServer) => unknown";
    /// A function that requests a token.
    RequestFunction: "function", "(context: TokenRequestContext) => Promise<Response>", "(context: TokenRequestContext) => unknown";
    /// The public keys of an issuer.
    KeySetObject: "jwks", "{ keys: object[] }", "string";
}

js_kinds! {
    unset: true;
    /// A list of texts.
    List: "texts", "string[]", "string[]";
    /// The caller's `fetch`.
    FetchFunction: "function", "Fetch", "Fetch";
    /// The caller's listener.
    Listener: "function", "(event: SourceEvent) => void", "(event: SourceEvent) => void";
    /// Ends a wait.
    Signal: "signal", "AbortSignal", "AbortSignal";
    /// Where else a request carries its token.
    TokenFunction: "function", "(request: any) => string | null | undefined", "(request: unknown) => unknown";
    /// How many there may be.
    Count: "count", "number", "number";
    /// How many characters a text may have.
    Length: "length", "number", "number";
    /// The headers of a response.
    Headers: "headers", "Headers | Record<string, string | string[] | undefined>", "Headers | Record<string, unknown>";
    /// The status of a response.
    Status: "status", "number", "number";
    /// The body of a response, of any length.
    Body: "body", "string", "string";
    /// The request that a response answers.
    SentRequest: "request", "RequestData", "RequestData";
    /// A time that may be unknown.
    TimeOrNull: "timeOrNull", "number | null", "number | null";
    /// What events call a source or a verifier.
    Label: "text", "string", "string";
    /// Where isolates share a token.
    StoreFunction: "store", "TokenStore", "TokenStore";
    /// How long something may take, in milliseconds.
    TimeLimit: "timeLimit", "number", "number";
    /// How often a request is repeated.
    Retries: "retries", "number", "number";
}

impl<'a, K: JsKind> Field<'a> for Js<K> {
    const KIND: Kind = K::KIND;

    fn read(_: &mut Fields<'a>) -> Self {
        Js(PhantomData)
    }
}

impl<'a, K: JsKind> Field<'a> for Option<Js<K>> {
    const KIND: Kind = K::KIND;
    const OPTIONAL: bool = true;
    const UNSET: bool = K::UNSET;

    fn read(_: &mut Fields<'a>) -> Self {
        None
    }
}

impl<'a, T: Value<'a>> Field<'a> for Option<T> {
    const KIND: Kind = T::KIND;
    const OPTIONAL: bool = true;
    const UNSET: bool = T::UNSET;

    fn read(fields: &mut Fields<'a>) -> Self {
        fields.optional().map(T::from_text)
    }
}

impl<'a> Field<'a> for bool {
    const KIND: Kind = value("boolean", "boolean", "boolean");
    const OPTIONAL: bool = true;
    const UNSET: bool = true;

    fn read(fields: &mut Fields<'a>) -> Self {
        fields.optional().is_some()
    }
}

impl<'a> Field<'a> for Rest<'a> {
    const KIND: Kind = value("rest", "string", "string");

    fn read(fields: &mut Fields<'a>) -> Self {
        Rest(fields.rest())
    }
}

/// What is required, of each kind that may also be left out.
macro_rules! required {
    ($($kind:ty),+) => {
        $(impl<'a> Field<'a> for $kind {
            const KIND: Kind = <$kind as Value<'a>>::KIND;

            fn read(fields: &mut Fields<'a>) -> Self {
                Self::from_text(fields.next())
            }
        })+
    };
}

required!(&'a str, Words<'a>, Timestamp, u16);

impl<'a, N: Names> Field<'a> for Choice<'a, N> {
    const KIND: Kind = <Self as Value<'a>>::KIND;

    fn read(fields: &mut Fields<'a>) -> Self {
        Self::from_text(fields.next())
    }
}

pub(crate) use names;
