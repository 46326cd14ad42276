//! The exports: the only folder that knows JavaScript.
//!
//! A function takes one text and gives one, as [`crate::schema`] writes them: V8 makes a wrapper for
//! each signature that a module exports, and compiles only what a call needs. It throws an error as
//! JSON in a string: with `code`, `category`, `message`, `hint`, `retryable`, and where they apply
//! `error`, `errorDescription`, `status`, `retryAt`. Times are milliseconds since 1970.
//! `pkg/src/core/calls.ts` has the functions with their types.

use alloc::string::String;

use wasm_bindgen::prelude::*;

mod lifecycle;
#[cfg(feature = "wasm")]
mod request;

pub use lifecycle::*;
#[cfg(feature = "wasm")]
pub use request::to_request;

use crate::calls::{self, call};

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

macro_rules! exports {
    ($($name:ident as $js:ident = $call:ident;)+) => {
        $(
            /// See the function of this name in [`calls`].
            #[wasm_bindgen(js_name = $js)]
            pub fn $name(fields: &str) -> Result<String, JsValue> {
                thrown(call::<calls::$call>(fields))
            }
        )+
    };
}

exports! {
    build_token_request as buildTokenRequest = BuildTokenRequest;
    check_credentials as checkCredentials = CheckCredentials;
    check_requested as checkRequested = CheckRequested;
    read_token as readToken = ReadToken;
    parse_token_response as parseTokenResponse = ParseTokenResponse;
    authorization_header as authorizationHeader = AuthorizationHeader;
    is_expired as isExpired = IsExpired;
    build_metadata_request as buildMetadataRequest = BuildMetadataRequest;
    parse_metadata_response as parseMetadataResponse = ParseMetadataResponse;
    build_revocation_request as buildRevocationRequest = BuildRevocationRequest;
    parse_revocation_response as parseRevocationResponse = ParseRevocationResponse;
    build_introspection_request as buildIntrospectionRequest = BuildIntrospectionRequest;
    parse_introspection_response as parseIntrospectionResponse = ParseIntrospectionResponse;
    read_key as readKey = ReadKey;
    complete_assertion as completeAssertion = CompleteAssertion;
    parse_key_set as parseKeySet = ParseKeySet;
    choose_keys as chooseKeys = ChooseKeys;
    refuse_other_kinds as refuseOtherKinds = RefuseOtherKinds;
    read_header as readHeader = ReadHeader;
    judge_jwt as judgeJwt = JudgeJwt;
    judge_introspection as judgeIntrospection = JudgeIntrospection;
    zitadel_scope as zitadelScope = ZitadelScope;
    check_address as checkAddress = CheckAddress;
    is_plain_name as isPlainName = IsPlainName;
}

/// See [`calls::PrepareAssertion`].
#[wasm_bindgen(js_name = prepareAssertion)]
pub fn prepare_assertion(fields: &str) -> Result<String, JsValue> {
    let mut random = [0; 16];
    let random = getrandom::fill(&mut random).is_ok().then_some(random);
    thrown(calls::prepare_assertion(fields, random))
}

#[inline(never)]
fn thrown(result: Result<String, String>) -> Result<String, JsValue> {
    result.map_err(|error| JsValue::from_str(&error))
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
