//! The exports about tokens that come in.

use wasm_bindgen_test::wasm_bindgen_test;

use super::exports::{fields, given, thrown};
use super::functions::*;

/// {"alg":"ES256","kid":"1","typ":"JWT"} and
/// {"iss":"https://idp.example","aud":["a","b"],"exp":1700000060}, with a signature of zeros:
/// whether it is good is WebCrypto's to say.
const HEADER: &str = "eyJhbGciOiJFUzI1NiIsImtpZCI6IjEiLCJ0eXAiOiJKV1QifQ";
const PAYLOAD: &str = "eyJpc3MiOiJodHRwczovL2lkcC5leGFtcGxlIiwiYXVkIjpbImEiLCJiIl0sImV4cCI6MTcwMDAwMDA2MH0";
const CLAIMS: &str = r#"{"iss":"https://idp.example","aud":["a","b"],"exp":1700000060}"#;
const NOW: &str = "1700000000000";

/// RFC 7515 appendix A.3.
const KEYS: &str = r#"{"keys":[{"kty":"oct","k":"x"},{"kty":"EC","crv":"P-256","kid":"1","use":"sig",
    "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}"#;
const KEY: &str = r#"{"keys":[{"keyId":"1","algorithms":["ES256"],"jwk":{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}}]}"#;

#[wasm_bindgen_test]
fn what_a_header_says_before_the_token_is_verified() {
    let read = |typ, header| read_header(&fields(&[typ, header]));
    assert_eq!(given(read("", HEADER)), ["ES256", "", "64", "64"]);
    assert_eq!(thrown(read("+at+jwt", HEADER)).text("code"), "token_invalid");
    // {"alg":"EdDSA","typ":"at+jwt"}
    assert_eq!(given(read("+at+jwt", "eyJhbGciOiJFZERTQSIsInR5cCI6ImF0K2p3dCJ9")), ["EdDSA", "+", "64", "64"]);
    assert_eq!(thrown(read("", "a")).text("code"), "token_invalid");
}

#[wasm_bindgen_test]
fn claims_are_given_as_the_text_that_was_judged() {
    let judge = |at_jwt, leeway, now, requirements, claims| {
        judge_jwt(&fields(&[at_jwt, "", "https://idp.example", leeway, now, requirements, claims]))
    };
    let (a, x) = (r#"{"audience":["a"]}"#, r#"{"audience":["x"]}"#);
    assert_eq!(given(judge("", "+0", NOW, a, PAYLOAD)), ["+", "", CLAIMS]);
    assert_eq!(given(judge("", "", NOW, r#"{"audience":["x","b"]}"#, PAYLOAD)), ["+", "", CLAIMS]);
    assert_eq!(thrown(judge("", "", NOW, x, PAYLOAD)).text("code"), "audience_refused");
    assert_eq!(given(judge("", "", "1700000089000", a, PAYLOAD)), ["+", "", CLAIMS]);
    assert_eq!(thrown(judge("", "+0", "1700000089000", a, PAYLOAD)).text("code"), "token_expired");
    let role = r#"{"audience":["a"],"roles":[{"role":"writer","project":"1"}]}"#;
    assert_eq!(thrown(judge("", "", NOW, role, PAYLOAD)).text("code"), "role_insufficient");

    // {"iss":"https://idp.example","aud":"a","exp":1700000060,"nonce":"n"}: an id_token's, unless
    // the header says that it is none.
    let id_token = "eyJpc3MiOiJodHRwczovL2lkcC5leGFtcGxlIiwiYXVkIjoiYSIsImV4cCI6MTcwMDAwMDA2MCwibm9uY2UiOiJuIn0";
    assert_eq!(thrown(judge("", "", NOW, a, id_token)).text("code"), "token_invalid");
    assert!(judge("+", "", NOW, a, id_token).is_ok());
    let seen = |typ, claims: &str| refuse_other_kinds(&fields(&[typ, &format!("{HEADER}.{claims}.c")]));
    assert_eq!(thrown(seen("", id_token)).text("code"), "token_invalid");
    assert_eq!(seen("", PAYLOAD).unwrap(), "");
    assert_eq!(thrown(seen("+at+jwt", PAYLOAD)).text("code"), "token_invalid");
    assert_eq!(thrown(judge("+", "", NOW, a, "e30")).text("code"), "token_invalid");
    // Whose it is, where the server is asked about the rest.
    let asked = judge_jwt(&fields(&["", "+", "https://idp.example", "", NOW, x, PAYLOAD]));
    assert_eq!(given(asked), ["+", "", CLAIMS]);
}

#[wasm_bindgen_test]
fn an_introspection_is_judged_by_the_same_requirements() {
    let judge = |requirements, claims| judge_introspection(&fields(&["https://idp.example", requirements, "", claims]));
    let required = r#"{"audience":["a"],"scope":["read"]}"#;
    assert_eq!(judge(required, r#"{"active":true,"aud":"a","scope":"read write"}"#).unwrap(), "");
    assert_eq!(thrown(judge(required, r#"{"active":true,"aud":"a"}"#)).text("code"), "scope_insufficient");
    assert_eq!(thrown(judge(required, r#"{"active":true,"aud":"b"}"#)).text("code"), "audience_refused");
}

#[wasm_bindgen_test]
fn keys_are_those_that_verify() {
    let check = |insecure, url| check_address(&fields(&["the address of the keys", insecure, url]));
    assert_eq!(check("", "https://idp.example/keys").unwrap(), "");
    assert_eq!(thrown(check("", "http://idp.internal/keys")).text("code"), "url_insecure");
    assert_eq!(check("+", "http://idp.internal/keys").unwrap(), "");

    let parse = |cache_control, body| {
        let head = fields(&["200", "+application/json", "", "", cache_control, "", ""]);
        parse_key_set(&fields(&[&head, NOW, body]))
    };
    assert_eq!(given(parse("+public, max-age=300", KEYS)), [KEY, "+300000"]);
    assert_eq!(given(parse("", r#"{"keys":[]}"#)), [r#"{"keys":[]}"#, ""]);
    assert_eq!(thrown(parse("", "{}")).text("code"), "member_missing");
    assert_eq!(choose_keys(&fields(&[HEADER, KEY])).unwrap(), "0\0");
    assert_eq!(choose_keys(&fields(&[HEADER, &KEY.replace(r#""keyId":"1""#, r#""keyId":"2""#)])).unwrap(), "\0");
}
