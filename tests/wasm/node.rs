//! The exports as JavaScript sees them, in Node: `wasm-pack test --node --test node`.

#![cfg(all(target_arch = "wasm32", target_os = "unknown"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[path = "exports.rs"]
mod exports;

#[path = "functions.rs"]
mod functions;

#[path = "verify.rs"]
mod verify;
