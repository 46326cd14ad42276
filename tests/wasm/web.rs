//! The exports as JavaScript sees them, in a browser: `wasm-pack test --headless --chrome --test
//! web`.

#![cfg(all(target_arch = "wasm32", target_os = "unknown"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

#[path = "exports.rs"]
mod exports;

#[path = "functions.rs"]
mod functions;

#[path = "verify.rs"]
mod verify;
