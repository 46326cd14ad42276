//! Tokens that are JWTs.

mod any_input;
mod claims;
mod forged;
mod key_sets;
mod server_key_sets;
mod token_kinds;
mod vectors;
mod verdicts;
