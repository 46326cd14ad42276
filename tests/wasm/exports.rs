//! One suite for every engine that wasm-bindgen's runner knows.

use edge_credentials::wasm::*;
use wasm_bindgen_test::wasm_bindgen_test;

const ENDPOINT: &str = "https://acme.zitadel.cloud/oauth/v2/token";
const T0: f64 = 1_700_000_000_000.0;

fn request(secret: &str) -> Result<CoreRequest, CoreError> {
    let scope = "openid urn:zitadel:iam:org:project:id:zitadel:aud";
    build_token_request(ENDPOINT, "edge-worker@demo.localhost", secret, None, scope, "urn:a urn:b", "x+y=%26", false)
}

fn response(status: u16, body: &str) -> Result<CoreToken, CoreError> {
    parse_token_response(status, Some("application/json".into()), None, body, None, None, T0, Some(T0 + 1.0))
}

#[wasm_bindgen_test]
fn a_request_has_everything_that_fetch_wants() {
    let request = request("p@ss:w%rd").ok().unwrap();
    assert_eq!(request.method(), "POST");
    assert_eq!(request.url(), ENDPOINT);
    assert_eq!(
        request.headers(),
        "accept: application/json\ncontent-type: application/x-www-form-urlencoded\n\
         authorization: Basic ZWRnZS13b3JrZXIlNDBkZW1vLmxvY2FsaG9zdDpwJTQwc3MlM0F3JTI1cmQ=\n"
    );
    assert_eq!(
        request.body().unwrap(),
        "grant_type=client_credentials&scope=openid+urn%3Azitadel%3Aiam%3Aorg%3Aproject%3Aid%3Azitadel%3Aaud\
         &resource=urn%3Aa&resource=urn%3Ab&x+y=%26"
    );
}

#[wasm_bindgen_test]
fn misuse_says_what_to_do() {
    let error = request("s3cret\n").err().unwrap();
    assert_eq!((error.code(), error.class()), ("option_invalid".into(), "misuse".into()));
    assert_eq!(error.message(), "the client secret ends in a line break");
    assert!(!error.hint().is_empty() && !error.retryable() && error.status().is_none());
}

#[wasm_bindgen_test]
fn a_token_counts_from_when_it_was_asked_for() {
    let token = response(200, r#"{"access_token":"abc","token_type":"bearer","expires_in":60}"#).ok().unwrap();
    assert_eq!((token.access_token(), token.token_type()), ("abc".into(), "Bearer".into()));
    assert_eq!((token.scope(), token.obtained_at(), token.expires_at()), (None, T0, Some(T0 + 60_000.0)));
    assert_eq!(authorization_header("abc").ok().unwrap(), "Bearer abc");
}

#[wasm_bindgen_test]
fn zitadels_wrong_secret_is_denied() {
    let body = r#"{"error":"invalid_request","error_description":"Errors.User.Machine.Secret.Invalid"}"#;
    let error = response(400, body).err().unwrap();
    assert_eq!((error.code(), error.class()), ("credentials_refused".into(), "denied".into()));
    assert_eq!((error.error(), error.status()), (Some("invalid_request".into()), Some(400)));
    assert_eq!(error.error_description().as_deref(), Some("Errors.User.Machine.Secret.Invalid"));
}

#[wasm_bindgen_test]
fn overload_says_when_to_come_back() {
    let error = parse_token_response(429, None, Some("7".into()), "", None, None, T0, Some(T0)).err().unwrap();
    assert!(error.retryable());
    assert_eq!(error.retry_at(), Some(T0 + 7_000.0));
}

#[wasm_bindgen_test]
fn the_clock_is_javascripts_where_none_is_given() {
    let now = js_sys::Date::now();
    assert!(is_expired(now - 2_000.0, Some(now - 1_000.0), None, None));
    assert!(!is_expired(now, Some(now + 3_600_000.0), None, None));
    let left = time_left(Some(now + 60_000.0), None).unwrap();
    assert!(left > 50_000.0 && left <= 60_000.0, "{left}");
    assert_eq!(time_left(None, None), None);
}

#[wasm_bindgen_test]
fn metadata_is_judged() {
    let request = build_metadata_request("https://acme.zitadel.cloud", None, false).ok().unwrap();
    assert_eq!(request.url(), "https://acme.zitadel.cloud/.well-known/openid-configuration");
    assert_eq!((request.method(), request.body()), ("GET".into(), None));
    let judge = |body: &str| {
        parse_metadata_response(200, None, None, body, "https://acme.zitadel.cloud", false, None)
            .err()
            .map(|e| e.code())
    };
    assert_eq!(judge(r#"{"issuer":"https://acme.zitadel.cloud"}"#), None);
    assert_eq!(judge(r#"{"issuer":"https://evil.example"}"#).as_deref(), Some("issuer_mismatch"));
}

#[wasm_bindgen_test]
fn a_standard_request_is_built() {
    let request = request("s3cret").ok().unwrap();
    let headers = js_sys::Object::new();
    js_sys::Reflect::set(&headers, &"accept".into(), &"application/json".into()).unwrap();
    let standard = to_request(&request.method(), &request.url(), &headers, request.body()).ok().unwrap();
    assert_eq!((standard.method(), standard.url()), ("POST".into(), ENDPOINT.into()));
    assert_eq!(standard.redirect(), web_sys::RequestRedirect::Manual);
    assert_eq!(to_request("GET", "no address", &headers, None).err().unwrap().code(), "option_invalid");
}

#[wasm_bindgen_test]
fn scopes_of_zitadel() {
    assert_eq!(zitadel_scope("api", "").ok().unwrap(), "urn:zitadel:iam:org:project:id:zitadel:aud");
    assert_eq!(zitadel_scope("role", "reader").ok().unwrap(), "urn:zitadel:iam:org:project:role:reader");
    assert_eq!(zitadel_scope("role", "two words").err().unwrap().code(), "option_invalid");
}
