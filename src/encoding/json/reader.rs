//! How serde_json's events become values.

use core::cell::Cell;
use core::fmt;
use std::collections::BinaryHeap;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use zeroize::Zeroizing;

use crate::encoding::json::{Fault, Member, Object, Text, Value};

/// Notes a fault instead of failing on it: an error of serde_json's own making costs a kilobyte of
/// formatting.
#[derive(Clone, Copy)]
pub(crate) struct ValueSeed<'f> {
    pub(crate) fault: &'f Cell<Option<Fault>>,
}

impl<'de> DeserializeSeed<'de> for ValueSeed<'_> {
    type Value = Value<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ValueSeed<'_> {
    type Value = Value<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value<'de>, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value<'de>, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value<'de>, E> {
        Ok(Value::Number(number as f64))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value<'de>, E> {
        Ok(Value::Number(number as f64))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value<'de>, E> {
        Ok(Value::Number(number))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Value<'de>, E> {
        Ok(Value::String(Text::Piece(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value<'de>, E> {
        Ok(Value::String(Text::Own(Zeroizing::new(text.to_owned()))))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value<'de>, A::Error> {
        let mut array = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            array.push(item);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value<'de>, A::Error> {
        let mut members = Vec::new();
        while let Some(name) = entries.next_key_seed(self)? {
            let value = entries.next_value_seed(self)?;
            // A name is a string.
            if let Value::String(name) = name {
                members.push(Member { name, value });
            }
        }
        // Sorted once at the end: a hostile document of many names must not cost the square of
        // their number. By a heap, whose code is a tenth of what `sort` brings.
        let members = BinaryHeap::from(members).into_sorted_vec();
        if members.windows(2).any(|pair| matches!(pair, [a, b] if a == b)) {
            self.fault.set(Some(Fault::DuplicateMember));
        }
        Ok(Value::Object(Object(members)))
    }
}
