//! Reads a document (RFC 8259) from front to end. What is no JSON is `None`.

use alloc::vec::Vec;

use alloc::collections::BinaryHeap;

use crate::encoding::json::number::read_number;
use crate::encoding::json::string::unescaped;
use crate::encoding::json::{Member, Object, Text, Value};

/// How deep arrays and objects may nest: the stack is finite.
const MAX_DEPTH: usize = 127;

pub(super) struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    /// Whether an object names a member twice. Noted, since what is no JSON at all is told first.
    pub(super) has_duplicate: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Reader { text, at: 0, depth: 0, has_duplicate: false }
    }

    /// The document: one value, and nothing behind it.
    pub(super) fn document(&mut self) -> Option<Value<'a>> {
        let value = self.value()?;
        self.peek().is_none().then_some(value)
    }

    fn value(&mut self) -> Option<Value<'a>> {
        match self.peek()? {
            b'"' => self.string().map(Value::String),
            b'{' => self.object(),
            b'[' => self.array(),
            b'n' => self.word("null", Value::Null),
            b't' => self.word("true", Value::Bool(true)),
            b'f' => self.word("false", Value::Bool(false)),
            _ => self.number(),
        }
    }

    fn object(&mut self) -> Option<Value<'a>> {
        let mut members = Vec::new();
        self.list(b'}', &mut |reader| {
            reader.peek().filter(|byte| *byte == b'"')?;
            let name = reader.string()?;
            reader.take(b':')?;
            members.push(Member { name, value: reader.value()? });
            Some(())
        })?;
        // Sorted once at the end: a hostile document of many names must not cost the square of
        // their number. By a heap, whose code is a tenth of what `sort` brings.
        let members = BinaryHeap::from(members).into_sorted_vec();
        self.has_duplicate |= members.windows(2).any(|pair| matches!(pair, [a, b] if a == b));
        Some(Value::Object(Object(members)))
    }

    fn array(&mut self) -> Option<Value<'a>> {
        let mut items = Vec::new();
        self.list(b']', &mut |reader| {
            items.push(reader.value()?);
            Some(())
        })?;
        Some(Value::Array(items))
    }

    /// From the bracket that opens a list to the one that ends it.
    fn list(&mut self, end: u8, item: &mut dyn FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.at += 1;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        if self.peek() != Some(end) {
            item(self)?;
            while self.take(b',').is_some() {
                item(self)?;
            }
        }
        self.depth -= 1;
        self.take(end)
    }

    /// From quote to quote.
    fn string(&mut self) -> Option<Text<'a>> {
        let start = self.at + 1;
        let (mut end, mut has_escapes) = (start, false);
        let is_special = |byte: &u8| matches!(byte, b'"' | b'\\' | b'\0'..b' ');
        loop {
            let rest = self.text.as_bytes().get(end..)?;
            let length = rest.iter().position(is_special)?;
            end += length;
            match rest.get(length)? {
                b'"' => break,
                b'\\' => has_escapes = true,
                _ => return None,
            }
            // What a backslash stands before ends no string.
            end += 2;
        }
        self.at = end + 1;
        let piece = self.text.get(start..end)?;
        if has_escapes { unescaped(piece).map(Text::Own) } else { Some(Text::Piece(piece)) }
    }

    fn number(&mut self) -> Option<Value<'a>> {
        let (number, rest) = read_number(self.rest())?;
        self.at = self.text.len() - rest.len();
        Some(Value::Number(number))
    }

    fn word(&mut self, word: &str, value: Value<'a>) -> Option<Value<'a>> {
        let is_here = self.rest().starts_with(word);
        self.at += word.len();
        is_here.then_some(value)
    }

    fn take(&mut self, mark: u8) -> Option<()> {
        self.peek().filter(|byte| *byte == mark)?;
        self.at += 1;
        Some(())
    }

    /// The next byte that is no white space; it is not taken.
    fn peek(&mut self) -> Option<u8> {
        loop {
            let byte = *self.text.as_bytes().get(self.at)?;
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return Some(byte);
            }
            self.at += 1;
        }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }
}
