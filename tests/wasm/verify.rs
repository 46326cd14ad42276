//! The exports about tokens that come in.

use edge_credentials::wasm::*;
use wasm_bindgen_test::wasm_bindgen_test;

use super::exports::{asked, given, thrown};

/// {"alg":"ES256","kid":"1","typ":"JWT"} and
/// {"iss":"https://idp.example","aud":["a","b"],"exp":1700000060}, with a signature of zeros:
/// whether it is good is WebCrypto's to say.
const HEADER: &str = "eyJhbGciOiJFUzI1NiIsImtpZCI6IjEiLCJ0eXAiOiJKV1QifQ";
const PAYLOAD: &str = "eyJpc3MiOiJodHRwczovL2lkcC5leGFtcGxlIiwiYXVkIjpbImEiLCJiIl0sImV4cCI6MTcwMDAwMDA2MH0";
const CLAIMS: &str = r#"{"iss":"https://idp.example","aud":["a","b"],"exp":1700000060}"#;
const NOW: f64 = 1_700_000_000_000.0;

/// RFC 7515 appendix A.3.
const KEYS: &str = r#"{"keys":[{"kty":"oct","k":"x"},{"kty":"EC","crv":"P-256","kid":"1","use":"sig",
    "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}"#;
const KEY: &str = r#"{"keys":[{"keyId":"1","algorithms":["ES256"],"jwk":{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}}],"maxAge":300000}"#;

fn token() -> String {
    format!("{HEADER}.{PAYLOAD}.{}", "A".repeat(86))
}

#[wasm_bindgen_test]
fn what_a_token_says_before_it_is_verified() {
    assert_eq!(read_token(&token()).unwrap(), r#"{"algorithm":"ES256","keyId":"1"}"#);
    assert_eq!(read_token("opaque").unwrap(), "");
    assert_eq!(thrown(read_token("a.b.c")).text("code"), "token_invalid");
}

#[wasm_bindgen_test]
fn claims_are_given_as_the_text_that_was_judged() {
    let check = |audience, leeway, now| check_claims(&token(), "https://idp.example", audience, leeway, Some(now));
    assert_eq!(check("a", None, NOW).unwrap(), CLAIMS);
    assert_eq!(check("x b", None, NOW).unwrap(), CLAIMS);
    assert_eq!(thrown(check("x", None, NOW)).text("code"), "audience_refused");
    assert_eq!(check("a", None, NOW + 89_000.0).unwrap(), CLAIMS);
    assert_eq!(thrown(check("a", Some(0.0), NOW + 89_000.0)).text("code"), "token_expired");
}

#[wasm_bindgen_test]
fn a_token_as_bytes_is_read_and_its_signature_decoded_where_it_stands() {
    let mut bytes = token().into_bytes();
    assert_eq!(run(br#"{"call":"readJwt"}"#, &mut bytes), "-ES256 1");
    let (signed, signature) = bytes.split_at(token().len() - 86);
    assert_eq!(signed, format!("{HEADER}.{PAYLOAD}.").as_bytes());
    assert_eq!(signature[..64], [0; 64]);

    // {"alg":"EdDSA","typ":"at+jwt"} and {"alg":"EdDSA","kid":""}
    for (header, read) in
        [("eyJhbGciOiJFZERTQSIsInR5cCI6ImF0K2p3dCJ9", "+EdDSA"), ("eyJhbGciOiJFZERTQSIsImtpZCI6IiJ9", "-EdDSA ")]
    {
        assert_eq!(asked("readJwt", "{}", &format!("{header}.e30.{}", "A".repeat(86))).unwrap(), read);
    }
    assert_eq!(asked("readJwt", "{}", "opaque").unwrap(), "");
    // An API may want `at+jwt`, which this one is not.
    assert_eq!(thrown(asked("readJwt", r#"{"typ":"at+jwt"}"#, &token())).text("code"), "token_invalid");
    assert_eq!(asked("readJwt", r#"{"typ":"at+jwt"}"#, "opaque").unwrap(), "");
    let mut bad = *b"a.b.c";
    assert!(run(br#"{"call":"readJwt"}"#, &mut bad).starts_with(r#"!{"code":"token_invalid","category":"rejected""#));
    assert_eq!(&bad, b"a.b.c");
}

#[wasm_bindgen_test]
fn claims_are_judged_by_themselves() {
    let judge = |part: &str, more: &str, now: f64| {
        asked("judgeClaims", &format!(r#"{{"issuer":"https://idp.example"{more},"now":{now}}}"#), part)
    };
    assert_eq!(judge(PAYLOAD, r#","audience":"x b","leeway":0"#, NOW).unwrap(), CLAIMS);
    assert_eq!(thrown(judge(PAYLOAD, r#","audience":"x""#, NOW)).text("code"), "audience_refused");
    let late = NOW + 89_000.0;
    assert_eq!(thrown(judge(PAYLOAD, r#","audience":"a","leeway":0"#, late)).text("code"), "token_expired");
    assert_eq!(judge(PAYLOAD, r#","audience":"a""#, late).unwrap(), CLAIMS);
    // {"iss":"https://idp.example","aud":"a","exp":1700000060,"nonce":"n"}: an id_token's, unless
    // the header says that it is none.
    let id_token = "eyJpc3MiOiJodHRwczovL2lkcC5leGFtcGxlIiwiYXVkIjoiYSIsImV4cCI6MTcwMDAwMDA2MCwibm9uY2UiOiJuIn0";
    assert_eq!(thrown(judge(id_token, r#","audience":"a""#, NOW)).text("code"), "token_invalid");
    assert!(judge(id_token, r#","audience":"a","isAtJwt":true"#, NOW).is_ok());
    let seen = |given: &str, claims: &str| asked("refuseOtherKinds", given, &format!("{HEADER}.{claims}.c"));
    assert_eq!(thrown(seen("{}", id_token)).text("code"), "token_invalid");
    assert_eq!(seen("{}", PAYLOAD).unwrap(), "");
    assert_eq!(thrown(seen(r#"{"typ":"at+jwt"}"#, PAYLOAD)).text("code"), "token_invalid");
    assert_eq!(thrown(judge("e30", r#","audience":"a","isAtJwt":true"#, NOW)).text("code"), "token_invalid");
}

#[wasm_bindgen_test]
fn keys_are_those_that_verify() {
    let url = "https://idp.example/keys";
    let request = given(build_key_set_request(url, false));
    assert_eq!((request.text("method"), request.text("url")), ("GET".into(), url.into()));
    assert_eq!(thrown(build_key_set_request("http://idp.example/keys", false)).text("code"), "url_insecure");
    let insecure = r#"{"jwksUri":"http://idp.internal/keys","insecureHttp":true}"#;
    assert_eq!(
        asked("buildKeySetRequest", insecure, "").unwrap(),
        build_key_set_request("http://idp.internal/keys", true).unwrap()
    );

    let set = parse_key_set(200, None, None, Some("public, max-age=300".into()), KEYS, Some(NOW));
    assert_eq!(set.unwrap(), KEY);
    let answer = r#"{"status":200,"contentType":"application/json","cacheControl":"public, max-age=300"}"#;
    assert_eq!(asked("parseKeySet", answer, KEYS).unwrap(), KEY);
    assert_eq!(parse_key_set(200, None, None, None, r#"{"keys":[]}"#, None).unwrap(), r#"{"keys":[]}"#);
    assert_eq!(thrown(asked("parseKeySet", r#"{"status":200}"#, "{}")).text("code"), "member_missing");
}
