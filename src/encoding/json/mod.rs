//! JSON, once for all documents: parse, look up, refuse duplicate keys.

mod reader;
pub(crate) mod writer;

use core::cell::Cell;
use core::cmp::Ordering;
use core::ops::Deref;

use serde::de::DeserializeSeed;
use zeroize::Zeroizing;

use self::reader::ValueSeed;

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
    /// Parses a document that must be an object. Nesting is bounded (128 levels, by serde_json).
    pub(crate) fn parse(text: &'a str) -> Result<Self, Fault> {
        let fault = Cell::new(None);
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let value = ValueSeed { fault: &fault }.deserialize(&mut deserializer);
        match (value.and_then(|value| deserializer.end().map(|()| value)), fault.get()) {
            (Err(_), _) => Err(Fault::NotJson),
            (_, Some(fault)) => Err(fault),
            (Ok(Value::Object(object)), None) => Ok(object),
            (Ok(_), None) => Err(Fault::NotAnObject),
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
        for text in [r#"{"a":1,"a":1}"#, r#"{"x":[{"a":1,"b":2,"\u0061":3}]}"#, r#"[{"a":1,"a":1}]"#] {
            assert_eq!(Object::parse(text).err(), Some(Fault::DuplicateMember), "{text}");
        }
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
    }

    #[cfg(not(target_arch = "wasm32"))]
    mod properties {
        use proptest::prelude::*;
        use serde_json::Value as Theirs;

        use super::super::{Object, Value};

        fn document() -> impl Strategy<Value = Theirs> {
            let leaf = prop_oneof![
                Just(Theirs::Null),
                any::<i64>().prop_map(Theirs::from),
                any::<f64>().prop_map(Theirs::from),
                any::<String>().prop_map(Theirs::from),
            ];
            leaf.prop_recursive(4, 32, 5, |inner| {
                prop_oneof![
                    prop::collection::vec(inner.clone(), 0..5).prop_map(Theirs::from),
                    prop::collection::btree_map(any::<String>(), inner, 0..5)
                        .prop_map(|members| Theirs::Object(members.into_iter().collect())),
                ]
            })
        }

        fn is_same(ours: &Value, theirs: &Theirs) -> bool {
            match (ours, theirs) {
                (Value::Null, Theirs::Null) => true,
                // Without its feature `float_roundtrip` serde_json reads doubles to a bit or two.
                (Value::Number(a), Theirs::Number(b)) => b.as_f64().is_some_and(|b| (a - b).abs() <= 1e-12 * b.abs()),
                (Value::String(a), Theirs::String(b)) => **a == **b,
                (Value::Array(a), Theirs::Array(b)) => {
                    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same(a, b))
                }
                (Value::Object(Object(a)), Theirs::Object(b)) => {
                    a.len() == b.len()
                        && a.iter().all(|member| b.get(&*member.name).is_some_and(|b| is_same(&member.value, b)))
                }
                _ => false,
            }
        }

        proptest! {
            #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

            #[test]
            fn what_is_written_is_read(inner in document()) {
                let theirs = serde_json::json!({ "member": inner });
                let text = theirs.to_string();
                let ours = Object::parse(&text).unwrap();
                prop_assert!(is_same(&Value::Object(ours), &theirs), "{}", theirs);
            }
        }
    }
}
