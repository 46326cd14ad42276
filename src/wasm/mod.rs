//! The exports: the only folder that knows JavaScript.
//!
//! One export runs all functions of [`crate::calls`], each by its place: what wasm-bindgen writes
//! for an export, it writes once. A function takes one text and gives one, as [`crate::schema`]
//! writes them. It throws an error as JSON in a string: with `code`, `category`, `message`, `hint`,
//! `retryable`, and where they apply `error`, `errorDescription`, `status`, `retryAt`. Times are
//! milliseconds since 1970. `pkg/src/core/calls.ts` has the functions with their types.

use alloc::string::String;

use wasm_bindgen::prelude::*;

mod lifecycle;
#[cfg(feature = "wasm")]
mod request;

pub use lifecycle::*;
#[cfg(feature = "wasm")]
pub use request::to_request;

use crate::calls;

/// Small, and what is freed is wiped: secrets and keys do not stay in the module's memory.
#[cfg(feature = "npm")]
#[global_allocator]
static ALLOCATOR: zeroizing_alloc::ZeroAlloc<talc::wasm::WasmDynamicTalc> =
    zeroizing_alloc::ZeroAlloc(talc::wasm::new_wasm_dynamic_allocator());

/// A panic traps, and the package makes a new instance of the module.
#[cfg(not(feature = "wasm"))]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

/// See [`calls::call_at`].
///
/// # Errors
/// Those of the function.
#[wasm_bindgen]
pub fn call(function: u8, fields: &str) -> Result<String, JsValue> {
    calls::call_at(usize::from(function), fields, random).map_err(|error| JsValue::from_str(&error))
}

fn random() -> Option<[u8; 16]> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).is_ok().then_some(random)
}

/// Traps, for the test that a trap is survived.
#[cfg(feature = "test-trap")]
#[wasm_bindgen]
pub fn trap() {
    // A trap leaves this behind on the stack: without a reset the next ones overflow it.
    let mut frame = [0u8; 65_536];
    core::hint::black_box(&mut frame);
    core::arch::wasm32::unreachable()
}
