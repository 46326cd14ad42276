//! The exports.

use wasm_bindgen::prelude::*;

/// Skeleton.
#[wasm_bindgen(js_name = authorizationHeader)]
pub fn authorization_header(access_token: &str) -> String {
    format!("Bearer {access_token}")
}

/// Traps.
#[cfg(feature = "test-trap")]
#[wasm_bindgen]
pub fn trap() {
    core::arch::wasm32::unreachable()
}
