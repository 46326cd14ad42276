//! Reads the fields of token responses, a line each, and writes what the native build makes of them:
//! for the test that the shipped module makes the same.

use std::io::{BufRead, stdin};

use edge_credentials::calls::{ParseTokenResponse, call};

fn main() {
    for line in stdin().lock().lines() {
        let result = call::<ParseTokenResponse>(&line.unwrap_or_default(), || None);
        println!("{}", result.unwrap_or_else(|error| error));
    }
}
