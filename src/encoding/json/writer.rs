//! JSON, written: what assertions hold, and what the exports give and throw.

use alloc::string::String;

use crate::encoding::form::hex_digit;
use crate::encoding::number::push_number;
use crate::encoding::text::push_pieces;

/// An object, member by member.
pub(crate) struct Json(String);

impl Json {
    pub(crate) fn new() -> Self {
        Json(String::with_capacity(256))
    }

    pub(crate) fn text(&mut self, name: &str, value: &str) {
        self.name(name);
        push_json_string(&mut self.0, value);
    }

    pub(crate) fn number(&mut self, name: &str, number: i64) {
        self.name(name);
        push_number(&mut self.0, number);
    }

    pub(crate) fn optional(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(name, value);
        }
    }

    pub(crate) fn raw(&mut self, name: &str, json: &str) {
        self.name(name);
        self.0.push_str(json);
    }

    /// Members that are JSON already, at least one.
    pub(crate) fn members(&mut self, json: &str) {
        self.0.push(if self.0.is_empty() { '{' } else { ',' });
        self.0.push_str(json);
    }

    pub(crate) fn end(mut self) -> String {
        self.0.push('}');
        self.0
    }

    fn name(&mut self, name: &str) {
        self.0.push(if self.0.is_empty() { '{' } else { ',' });
        push_json_string(&mut self.0, name);
        self.0.push(':');
    }
}

/// Appends a text as a string of JSON (RFC 8259 section 7).
pub(crate) fn push_json_string(out: &mut String, text: &str) {
    out.push('"');
    push_pieces(
        out,
        text,
        |b| matches!(b, b'"' | b'\\' | b'\0'..b' '),
        |out, byte| {
            if byte >= b' ' {
                out.push('\\');
                return out.push(byte.into());
            }
            out.push_str("\\u00");
            out.push(char::from(b'0' + (byte >> 4)));
            out.push(hex_digit(byte & 15));
        },
    );
    out.push('"');
}

#[cfg(test)]
mod tests {
    #[cfg(not(target_arch = "wasm32"))]
    use super::*;

    #[test]
    #[cfg(not(target_arch = "wasm32"))]
    fn a_control_character_is_written_by_its_number() {
        let mut json = String::new();
        push_json_string(&mut json, "\0\n\u{f}\u{10}\u{1f} \u{7f}");
        assert_eq!(json, "\"\\u0000\\u000A\\u000F\\u0010\\u001F \u{7f}\"");
    }

    #[cfg(not(target_arch = "wasm32"))]
    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig { failure_persistence: None, ..Default::default() })]

        #[test]
        fn a_string_comes_back(text in proptest::prelude::any::<String>()) {
            let mut json = String::new();
            push_json_string(&mut json, &text);
            assert_eq!(serde_json::from_str::<serde_json::Value>(&json).unwrap(), serde_json::Value::from(text));
        }
    }
}
