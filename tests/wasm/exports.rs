//! One suite for every engine that wasm-bindgen's runner knows. A function takes one text of fields
//! and gives one: they are separated by NUL, and `+` stands in front of an optional one that is
//! given (`src/schema/fields.rs`).

use edge_credentials::wasm::to_request;
use js_sys::{JSON, Object, Reflect};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use super::functions::*;

const ENDPOINT: &str = "https://acme.zitadel.cloud/oauth/v2/token";
const T0: f64 = 1_700_000_000_000.0;

pub fn fields(all: &[&str]) -> String {
    all.join("\0")
}

/// The fields of a result, of which an optional one has its mark.
pub fn given(result: Result<String, JsValue>) -> Vec<String> {
    result.unwrap().split('\0').map(str::to_owned).collect()
}

/// An error, which is thrown as JSON.
pub struct Thrown(JsValue);

pub fn thrown(result: Result<String, JsValue>) -> Thrown {
    Thrown(JSON::parse(&result.err().unwrap().as_string().unwrap()).unwrap())
}

impl Thrown {
    pub fn get(&self, name: &str) -> JsValue {
        Reflect::get(&self.0, &name.into()).unwrap()
    }

    pub fn text(&self, name: &str) -> String {
        self.get(name).as_string().unwrap()
    }

    pub fn number(&self, name: &str) -> f64 {
        self.get(name).as_f64().unwrap()
    }
}

fn request(secret: &str) -> Result<String, JsValue> {
    let scope = "+openid urn:zitadel:iam:org:project:id:zitadel:aud";
    let client = fields(&["clientSecret", "edge-worker@demo.localhost", secret, ""]);
    build_token_request(&fields(&[ENDPOINT, &client, scope, "+urn:a urn:b", "+x+y=%26", ""]))
}

/// Status, content type, `Retry-After`, date, cache control, `cf-mitigated`.
fn head(status: &str, retry_after: &str) -> String {
    fields(&[status, "+application/json", retry_after, "", "", "", ""])
}

fn response(status: &str, body: &str) -> Result<String, JsValue> {
    parse_token_response(&fields(&[&head(status, ""), "", "", "", "", "1700000000000", "1700000000001", body]))
}

#[wasm_bindgen_test]
fn a_request_has_everything_that_fetch_wants() {
    assert_eq!(
        given(request("p@ss:w%rd")),
        [
            "+Basic ZWRnZS13b3JrZXIlNDBkZW1vLmxvY2FsaG9zdDpwJTQwc3MlM0F3JTI1cmQ=",
            "grant_type=client_credentials&scope=openid+urn%3Azitadel%3Aiam%3Aorg%3Aproject%3Aid%3Azitadel%3Aaud\
             &resource=urn%3Aa&resource=urn%3Ab&x+y=%26",
        ]
    );
}

#[wasm_bindgen_test]
fn misuse_says_what_to_do() {
    let error = thrown(request("s3cret\n"));
    assert_eq!((error.text("code"), error.text("category")), ("option_invalid".into(), "misuse".into()));
    assert_eq!(error.text("message"), "the client secret ends in a line break");
    assert!(!error.text("hint").is_empty());
    assert!(error.get("retryable").is_falsy() && error.get("status").is_undefined());
}

#[wasm_bindgen_test]
fn a_token_counts_from_when_it_was_asked_for() {
    let body = r#"{"access_token":"a\"\\c","token_type":"bearer","expires_in":60}"#;
    assert_eq!(given(response("200", body)), [r#"a"\c"#, "", "", "+1700000060000"]);
    let endless = r#"{"access_token":"a","token_type":"bearer","scope":"b c"}"#;
    assert_eq!(given(response("200", endless)), ["a", "+b c", "", ""]);
    assert_eq!(authorization_header("abc").unwrap(), "Bearer abc");
}

#[wasm_bindgen_test]
fn a_success_needs_no_explanation_and_anything_else_is_none() {
    let read = |status, body| read_token(&fields(&[status, "1700000000000", body])).unwrap();
    let body = r#"{"access_token":"a","token_type":"bearer","expires_in":60}"#;
    assert_eq!(read("200", body), "a\0\0\0+1700000060000");
    assert_eq!(read("400", body), "");
    assert_eq!(read("200", "<html>"), "");
}

#[wasm_bindgen_test]
fn times_before_1970_and_at_it_are_told_as_they_are() {
    for requested_at in [-1_234_i64, 0, 7, 10_000_000_000_000] {
        let body = r#"{"access_token":"a","token_type":"bearer","expires_in":1}"#;
        let requested = requested_at.to_string();
        let token = parse_token_response(&fields(&[&head("200", ""), "", "", "", "", &requested, "0", body]));
        assert_eq!(given(token)[3], format!("+{}", requested_at + 1_000));
    }
}

#[wasm_bindgen_test]
fn zitadels_wrong_secret_is_denied() {
    let body = r#"{"error":"invalid_request","error_description":"Errors.User.Machine.Secret.Invalid"}"#;
    let error = thrown(response("400", body));
    assert_eq!((error.text("code"), error.text("category")), ("credentials_refused".into(), "denied".into()));
    assert_eq!((error.text("error"), error.number("status")), ("invalid_request".into(), 400.0));
    assert_eq!(error.text("errorDescription"), "Errors.User.Machine.Secret.Invalid");
}

#[wasm_bindgen_test]
fn overload_says_when_to_come_back() {
    let time = "1700000000000";
    let error = thrown(parse_token_response(&fields(&[&head("429", "+7"), "", "", "", "", time, time, ""])));
    assert!(error.get("retryable").is_truthy());
    assert_eq!(error.number("retryAt"), T0 + 7_000.0);
}

#[wasm_bindgen_test]
fn a_token_is_expired_or_not() {
    let is_expired = |end, now, leeway| is_expired(&fields(&["0", end, now, leeway])).unwrap();
    assert_eq!(is_expired("+100000", "95000", "+10000"), "+");
    assert_eq!(is_expired("+100000", "95000", "+1000"), "");
    assert_eq!(is_expired("", "95000", ""), "");
}

#[wasm_bindgen_test]
fn metadata_is_judged() {
    let address = build_metadata_request(&fields(&["https://acme.zitadel.cloud", "", ""])).unwrap();
    assert_eq!(address, "https://acme.zitadel.cloud/.well-known/openid-configuration");
    let judge =
        |body: &str| parse_metadata_response(&fields(&[&head("200", ""), "https://acme.zitadel.cloud", "", "0", body]));
    assert_eq!(judge(r#"{"issuer":"https://acme.zitadel.cloud"}"#).unwrap(), "\0\0\0");
    assert_eq!(thrown(judge(r#"{"issuer":"https://evil.example"}"#)).text("code"), "issuer_mismatch");
    assert_eq!(build_metadata_request(&fields(&["http://idp.internal", "", "+"])).unwrap().len(), 52);
    let insecure = thrown(build_metadata_request(&fields(&["http://idp.internal", "", ""])));
    assert_eq!(insecure.text("code"), "url_insecure");
}

#[wasm_bindgen_test]
fn a_standard_request_is_built() {
    let headers = Object::new();
    Reflect::set(&headers, &"accept".into(), &"application/json".into()).unwrap();
    let standard = to_request("POST", ENDPOINT, &headers, Some("a=b".into())).unwrap();
    assert_eq!((standard.method(), standard.url()), ("POST".into(), ENDPOINT.into()));
    assert_eq!(standard.redirect(), web_sys::RequestRedirect::Manual);
    assert!(to_request("GET", "no address", &headers, None).err().unwrap().is_string());
}

#[wasm_bindgen_test]
fn a_key_file_signs_an_assertion_that_asks_for_a_token() {
    let pem = "-----BEGIN PRIVATE KEY-----\\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\\n-----END PRIVATE KEY-----";
    let file = format!(
        r#"{{"type":"serviceaccount","keyId":"7","userId":"42","key":"{pem}","expirationDate":"2030-01-01T00:00:00Z"}}"#
    );
    let key = given(read_key(&fields(&["+userId", "", "", &file])));
    assert!(key[0].starts_with("MC4CAQAwBQYDK2Vw"));
    assert_eq!(key[1..], ["EdDSA", "+7", "+42", "", "+1893456000000"]);
    assert_eq!(
        thrown(read_key(&fields(&["+clientId", "", "", &file]))).text("message"),
        "the key file is a service user's, where an application's is wanted"
    );
    let named = given(read_key(&fields(&["+userId", "+8", "+Ed25519", &pem.replace("\\n", "\n")])));
    assert_eq!(named[1..3], ["Ed25519", "+8"]);

    let prepare =
        |now| prepare_assertion(&fields(&["EdDSA", "+7", "42", "https://a.example", "", "", "+1700000000000", now]));
    let input = prepare("1699999999999").unwrap();
    assert_ne!(input, prepare("1699999999999").unwrap(), "the same `jti` twice");
    assert_eq!(thrown(prepare("1700000000000")).text("code"), "key_expired");
    let signature = format!("{}==", "pQ".repeat(43));
    let jwt = complete_assertion(&fields(&[&input, &signature])).unwrap();
    let by = |credentials: &[&str]| {
        given(build_token_request(&fields(&[ENDPOINT, &fields(credentials), "", "", "", ""])))[1].clone()
    };
    assert_eq!(
        by(&["assertion", &jwt, "", "", ""]),
        format!("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion={jwt}")
    );
    assert!(by(&["clientAssertion", "me", &jwt]).ends_with(&format!("-bearer&client_assertion={jwt}")));
}

#[wasm_bindgen_test]
fn a_token_is_revoked() {
    let client = fields(&["clientSecret", "me", "s3cret", ""]);
    let request = given(build_revocation_request(&fields(&[ENDPOINT, "t0ken", &client, ""])));
    assert_eq!(request, ["+Basic bWU6czNjcmV0", "token=t0ken"]);
    let parse = |status, body| {
        let sent = fields(&["", "", "+Basic bWU6czNjcmV0", "+token=t0ken"]);
        parse_revocation_response(&fields(&[&head(status, ""), &sent, "0", body]))
    };
    assert_eq!(parse("200", "").unwrap(), "");
    assert_eq!(thrown(parse("400", r#"{"error":"unauthorized_client"}"#)).text("code"), "grant_refused");
}

#[wasm_bindgen_test]
fn scopes_of_zitadel() {
    let scope = |name, value| zitadel_scope(&fields(&[name, value]));
    assert_eq!(scope("api", "").unwrap(), "urn:zitadel:iam:org:project:id:zitadel:aud");
    assert_eq!(scope("role", "reader").unwrap(), "urn:zitadel:iam:org:project:role:reader");
    assert_eq!(thrown(scope("role", "two words")).text("code"), "option_invalid");
    assert_eq!(thrown(scope("nonsense", "")).text("code"), "internal");
}
