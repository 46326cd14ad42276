//! The functions of the core by name, each called through the one export.

use edge_credentials::calls::CALLS;
use edge_credentials::wasm::call;
use wasm_bindgen::JsValue;

macro_rules! functions {
    ($($name:ident = $call:literal;)+) => {
        $(pub fn $name(fields: &str) -> Result<String, JsValue> {
            call_named($call, fields)
        })+
    };
}

functions! {
    build_token_request = "BuildTokenRequest";
    read_token = "ReadToken";
    parse_token_response = "ParseTokenResponse";
    authorization_header = "AuthorizationHeader";
    is_expired = "IsExpired";
    build_metadata_request = "BuildMetadataRequest";
    parse_metadata_response = "ParseMetadataResponse";
    build_revocation_request = "BuildRevocationRequest";
    parse_revocation_response = "ParseRevocationResponse";
    read_key = "ReadKey";
    prepare_assertion = "PrepareAssertion";
    complete_assertion = "CompleteAssertion";
    parse_key_set = "ParseKeySet";
    choose_keys = "ChooseKeys";
    refuse_other_kinds = "RefuseOtherKinds";
    read_header = "ReadHeader";
    judge_jwt = "JudgeJwt";
    judge_introspection = "JudgeIntrospection";
    zitadel_scope = "ZitadelScope";
    check_address = "CheckAddress";
}

fn call_named(name: &str, fields: &str) -> Result<String, JsValue> {
    let place = CALLS.iter().position(|call| call.name == name).unwrap();
    call(u8::try_from(place).unwrap(), fields)
}
