//! JSON, written: what assertions hold, and what the exports give and throw.

use crate::encode::push_json_string;
use crate::number::push_number;

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

/// What only the exports have.
#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
impl Json {
    pub(crate) fn optional(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(name, value);
        }
    }

    pub(crate) fn time(&mut self, name: &str, time: crate::time::Timestamp) {
        self.number(name, time.as_millis());
    }

    pub(crate) fn raw(&mut self, name: &str, json: &str) {
        self.name(name);
        self.0.push_str(json);
    }
}
