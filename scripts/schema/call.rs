//! Reads calls, a line each: the place of the function, a space, and its fields in hexadecimal
//! digits. Writes what the native build makes of them, in hexadecimal digits too: for the tests that
//! the shipped module makes the same.

use std::fmt::Write as _;
use std::io::{BufRead, stdin};

use edge_credentials::calls::call_at;

fn main() {
    for line in stdin().lock().lines() {
        let line = line.unwrap_or_default();
        let (place, fields) = line.split_once(' ').unwrap_or((&line, ""));
        let place = place.parse().unwrap_or(usize::MAX);
        let fields = String::from_utf8(bytes(fields)).unwrap_or_default();
        println!("{}", digits(&call_at(place, &fields, || None).unwrap_or_else(|error| error)));
    }
}

fn bytes(digits: &str) -> Vec<u8> {
    let pairs = (0..digits.len() / 2).filter_map(|at| digits.get(2 * at..2 * at + 2));
    pairs.filter_map(|pair| u8::from_str_radix(pair, 16).ok()).collect()
}

fn digits(text: &str) -> String {
    text.bytes().fold(String::new(), |mut digits, byte| {
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}
