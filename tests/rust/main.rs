//! The crate's tests, one program: each file of its own would be linked anew.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod architecture;
mod calls;
mod docs;
mod jwt;
mod keys;
mod lifecycle;
mod oauth;
mod properties;
mod support;
mod vectors;
