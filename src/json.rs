//! JSON from a server, once for all documents: parse, look up, refuse duplicate keys.

use core::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

/// A parsed document. Numbers are doubles, as in JavaScript; nothing in these protocols is finer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool,
    Number(f64),
    String(String),
    Array(Vec<Value>),
    Object(Object),
}

/// Members sorted by name, each name once.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Object(Vec<(String, Value)>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    NotJson,
    NotAnObject,
    DuplicateMember,
}

impl Object {
    /// Parses a document that must be an object. Nesting is bounded (128 levels, by serde_json).
    pub(crate) fn parse(text: &str) -> Result<Object, Fault> {
        match serde_json::from_str(text) {
            Ok(Value::Object(object)) => Ok(object),
            Ok(_) => Err(Fault::NotAnObject),
            // The only data error that the visitor below makes.
            Err(error) if error.is_data() => Err(Fault::DuplicateMember),
            Err(_) => Err(Fault::NotJson),
        }
    }

    /// The member of this name; `None` when it is missing or `null`.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        let index = self.0.binary_search_by(|(key, _)| key.as_str().cmp(name)).ok()?;
        self.0.get(index).map(|(_, value)| value).filter(|value| **value != Value::Null)
    }
}

impl Value {
    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(text) => Some(text),
            _ => None,
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Value, E> {
        Ok(Value::Bool)
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Number(number as f64))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Number(number as f64))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Value::Number(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(item) = items.next_element()? {
            array.push(item);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut members: Vec<(String, Value)> = Vec::new();
        while let Some(member) = entries.next_entry()? {
            members.push(member);
        }
        // Sorted once at the end: a hostile document of many names must not cost the square of their number.
        members.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        if members.windows(2).any(|pair| matches!(pair, [(a, _), (b, _)] if a == b)) {
            return Err(A::Error::custom("duplicate"));
        }
        Ok(Value::Object(Object(members)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_found_and_null_counts_as_missing() {
        let object = Object::parse(r#" {"b":null,"__proto__":"x","a":[1,-2,0.5,true,{}]} "#).unwrap();
        assert_eq!(object.get("b"), None);
        assert_eq!(object.get("c"), None);
        assert_eq!(object.get("__proto__"), Some(&Value::String("x".into())));
        let Some(Value::Array(items)) = object.get("a") else { panic!("an array") };
        assert_eq!(items[..3], [Value::Number(1.0), Value::Number(-2.0), Value::Number(0.5)]);
    }

    #[test]
    fn duplicates_are_refused_at_every_depth_and_however_they_are_written() {
        for text in [r#"{"a":1,"a":1}"#, r#"{"x":[{"a":1,"b":2,"\u0061":3}]}"#] {
            assert_eq!(Object::parse(text), Err(Fault::DuplicateMember), "{text}");
        }
    }

    #[test]
    fn what_is_not_an_object_is_told_from_what_is_not_json() {
        for text in ["null", "[]", "1", "\"text\""] {
            assert_eq!(Object::parse(text), Err(Fault::NotAnObject), "{text}");
        }
        for text in ["", "{", "{}x", "<html>", "{\"a\":1e400}", "{'a':1}", "{\"a\":\"\\ud800\"}"] {
            assert_eq!(Object::parse(text), Err(Fault::NotJson), "{text}");
        }
        assert_eq!(Object::parse(&"[".repeat(100_000)), Err(Fault::NotJson));
    }
}
