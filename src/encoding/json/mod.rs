//! JSON, once for all documents: parse, look up, refuse duplicate keys.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

mod number;
#[cfg(all(test, not(target_arch = "wasm32")))]
mod properties;
mod reader;
mod string;
pub(crate) mod writer;

use core::cmp::Ordering;
use core::ops::Deref;

use zeroize::Zeroizing;

use self::reader::Reader;

/// A parsed document, which borrows from its text. Numbers are doubles, as in JavaScript; nothing
/// in these protocols is finer.
#[derive(Debug)]
pub(crate) enum Value<'a> {
    Null,
    Bool(bool),
    Number(f64),
    String(Text<'a>),
    Array(Vec<Value<'a>>),
    Object(Object<'a>),
}

/// A string of a document: a piece of it, or where escapes are undone one of its own, which is
/// wiped on drop, for it may be a token or a key.
#[derive(Debug)]
pub(crate) enum Text<'a> {
    Piece(&'a str),
    Own(Zeroizing<String>),
}

/// Members sorted by name, each name once.
#[derive(Debug)]
pub(crate) struct Object<'a>(Vec<Member<'a>>);

#[derive(Debug)]
struct Member<'a> {
    name: Text<'a>,
    value: Value<'a>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    NotJson,
    NotAnObject,
    DuplicateMember,
}

impl<'a> Object<'a> {
    /// Parses a document that must be an object. Nesting is bounded.
    pub(crate) fn parse(text: &'a str) -> Result<Self, Fault> {
        let mut reader = Reader::of(text);
        match reader.document() {
            None => Err(Fault::NotJson),
            Some(Value::Object(_)) if reader.has_duplicate => Err(Fault::DuplicateMember),
            Some(Value::Object(object)) => Ok(object),
            Some(_) => Err(Fault::NotAnObject),
        }
    }

    /// The member of this name; `None` when it is missing or `null`.
    pub(crate) fn get(&self, name: &str) -> Option<&Value<'a>> {
        self.member(name).filter(|value| !matches!(value, Value::Null))
    }

    /// The names of all members.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|member| member.name.as_str())
    }

    /// The values of all members.
    pub(crate) fn values(&self) -> impl Iterator<Item = &Value<'a>> {
        self.0.iter().map(|member| &member.value)
    }

    /// The member of this name, where `null` is one too: in what is signed it is no way to leave
    /// something out.
    pub(crate) fn member(&self, name: &str) -> Option<&Value<'a>> {
        let index = self.0.binary_search_by(|member| (*member.name).cmp(name)).ok()?;
        self.0.get(index).map(|member| &member.value)
    }
}

impl Text<'_> {
    pub(crate) fn as_str(&self) -> &str {
        self
    }
}

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Text::Piece(text) => text,
            Text::Own(text) => text,
        }
    }
}

impl Ord for Member<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.name.cmp(&other.name)
    }
}

impl PartialOrd for Member<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Eq for Member<'_> {}

impl PartialEq for Member<'_> {
    fn eq(&self, other: &Self) -> bool {
        *self.name == *other.name
    }
}

impl Value<'_> {
    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// A string, or an array of strings: as `aud` is written (RFC 7519 section 4.1.3).
    pub(crate) fn strings(&self) -> Option<Vec<&str>> {
        match self {
            Value::Array(items) => items.iter().map(Value::as_str).collect(),
            _ => self.as_str().map(|text| vec![text]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_found_and_null_counts_as_missing() {
        let object = Object::parse(r#" {"b":null,"__proto__":"x","a":[1,-2,0.5,true,{}]} "#).unwrap();
        assert!(object.get("b").is_none());
        assert!(object.member("b").is_some());
        assert!(object.get("c").is_none());
        assert_eq!(object.get("__proto__").and_then(Value::as_str), Some("x"));
        let Some(Value::Array(items)) = object.get("a") else { panic!("an array") };
        assert_eq!(format!("{items:?}"), "[Number(1.0), Number(-2.0), Number(0.5), Bool(true), Object(Object([]))]");
    }

    #[test]
    fn duplicates_are_refused_at_every_depth_and_however_they_are_written() {
        for text in [r#"{"a":1,"a":1}"#, r#"{"x":[{"a":1,"b":2,"\u0061":3}]}"#] {
            assert_eq!(Object::parse(text).err(), Some(Fault::DuplicateMember), "{text}");
        }
        // What is no object is told first: nobody reads its members.
        assert_eq!(Object::parse(r#"[{"a":1,"a":1}]"#).err(), Some(Fault::NotAnObject));
    }

    #[test]
    fn what_is_not_an_object_is_told_from_what_is_not_json() {
        for text in ["null", "[]", "1", "\"text\""] {
            assert_eq!(Object::parse(text).err(), Some(Fault::NotAnObject), "{text}");
        }
        for text in ["", "{", "{}x", "<html>", "{\"a\":1e400}", "{'a':1}", "{\"a\":\"\\ud800\"}"] {
            assert_eq!(Object::parse(text).err(), Some(Fault::NotJson), "{text}");
        }
        assert_eq!(Object::parse(&"[".repeat(100_000)).err(), Some(Fault::NotJson));
        let nested = |depth| Object::parse(&format!("{}{}", "[".repeat(depth), "]".repeat(depth))).err();
        assert_eq!((nested(127), nested(128)), (Some(Fault::NotAnObject), Some(Fault::NotJson)));
        // Beside each other, they are not deep.
        assert_eq!(Object::parse(&format!("[{}[]]", "[],".repeat(200))).err(), Some(Fault::NotAnObject));
    }

    #[test]
    fn an_escape_stands_for_one_character() {
        let read = |escaped: &str| {
            let text = format!("{{\"a\":\"{escaped}\"}}");
            let object = Object::parse(&text).ok()?;
            object.get("a")?.as_str().map(String::from)
        };
        for (escaped, character) in [
            (r"\b", "\u{8}"),
            (r"\f", "\u{c}"),
            (r"\n", "\n"),
            (r"\r", "\r"),
            (r"\t", "\t"),
            (r"\/", "/"),
            (r"\u00E9", "é"),
            (r"\ud800\udc00", "\u{10000}"),
            (r"\ud83d\ude00", "\u{1f600}"),
            (r"\udbff\udfff", "\u{10ffff}"),
        ] {
            assert_eq!(read(escaped).as_deref(), Some(character), "{escaped}");
        }
        for no_character in [r"\a", r"\ud83d", r"\ud83d\u0041", r"\ud83d\udbff", r"\ud83d\ue000", r"\udc00\ud800"] {
            assert_eq!(read(no_character), None, "{no_character}");
        }
    }
}
