//! One suite for every engine that wasm-bindgen's runner knows.

use edge_credentials::Error;
use edge_credentials::wasm::*;
use js_sys::{JSON, Reflect};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

const ENDPOINT: &str = "https://acme.zitadel.cloud/oauth/v2/token";
const T0: f64 = 1_700_000_000_000.0;

fn request(secret: &str) -> Result<String, Error> {
    let scope = "openid urn:zitadel:iam:org:project:id:zitadel:aud";
    build_token_request(
        ENDPOINT,
        "edge-worker@demo.localhost",
        secret,
        None,
        None,
        None,
        scope,
        "urn:a urn:b",
        "x+y=%26",
        false,
    )
}

fn response(status: u16, body: &str) -> Result<String, Error> {
    parse_token_response(status, Some("application/json".into()), None, None, body, None, None, T0, Some(T0 + 1.0))
}

/// What was given or thrown.
pub struct Members(JsValue);

pub fn given(result: Result<String, Error>) -> Members {
    Members(JSON::parse(&result.unwrap()).unwrap())
}

pub fn thrown<T>(result: Result<T, impl Into<JsValue>>) -> Members {
    Members(JSON::parse(&result.err().unwrap().into().as_string().unwrap()).unwrap())
}

/// What the one export gives: an error stands behind `!`.
pub fn asked(name: &str, arguments: &str, body: &str) -> Result<String, String> {
    let separator = if arguments == "{}" { "" } else { "," };
    let arguments = arguments.replacen('{', &format!(r#"{{"call":"{name}"{separator}"#), 1);
    let gives = run(arguments.as_bytes(), body.to_owned().into_bytes().as_mut());
    gives.strip_prefix('!').map_or(Ok(gives.clone()), |error| Err(error.to_owned()))
}

impl Members {
    fn get(&self, name: &str) -> JsValue {
        Reflect::get(&self.0, &name.into()).unwrap()
    }

    pub fn text(&self, name: &str) -> String {
        self.get(name).as_string().unwrap()
    }

    fn number(&self, name: &str) -> f64 {
        self.get(name).as_f64().unwrap()
    }
}

#[wasm_bindgen_test]
fn a_request_has_everything_that_fetch_wants() {
    let request = given(request("p@ss:w%rd"));
    assert_eq!((request.text("method"), request.text("redirect")), ("POST".into(), "manual".into()));
    assert_eq!(request.text("url"), ENDPOINT);
    let headers = JSON::stringify(&request.get("headers")).unwrap();
    assert_eq!(
        String::from(headers),
        r#"{"accept":"application/json","content-type":"application/x-www-form-urlencoded","authorization":"Basic ZWRnZS13b3JrZXIlNDBkZW1vLmxvY2FsaG9zdDpwJTQwc3MlM0F3JTI1cmQ="}"#
    );
    assert_eq!(
        request.text("body"),
        "grant_type=client_credentials&scope=openid+urn%3Azitadel%3Aiam%3Aorg%3Aproject%3Aid%3Azitadel%3Aaud\
         &resource=urn%3Aa&resource=urn%3Ab&x+y=%26"
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
    let token = given(response(200, r#"{"access_token":"a\"\\c","token_type":"bearer","expires_in":60}"#));
    assert_eq!((token.text("accessToken"), token.text("tokenType")), (r#"a"\c"#.into(), "Bearer".into()));
    assert!(token.get("scope").is_null());
    assert_eq!((token.number("obtainedAt"), token.number("expiresAt")), (T0, T0 + 60_000.0));
    let endless = given(response(200, r#"{"access_token":"a","token_type":"bearer","scope":"b c"}"#));
    assert!(endless.get("expiresAt").is_null());
    assert_eq!(endless.text("scope"), "b c");
    assert_eq!(authorization_header("abc").unwrap(), "Bearer abc");
}

#[wasm_bindgen_test]
fn times_before_1970_and_at_it_are_told_as_they_are() {
    for requested_at in [-1_234.0, 0.0, 7.0, 1e13] {
        let body = r#"{"access_token":"a","token_type":"bearer","expires_in":1}"#;
        let token = given(parse_token_response(200, None, None, None, body, None, None, requested_at, Some(T0)));
        assert_eq!((token.number("obtainedAt"), token.number("expiresAt")), (requested_at, requested_at + 1_000.0));
    }
}

#[wasm_bindgen_test]
fn zitadels_wrong_secret_is_denied() {
    let body = r#"{"error":"invalid_request","error_description":"Errors.User.Machine.Secret.Invalid"}"#;
    let error = thrown(response(400, body));
    assert_eq!((error.text("code"), error.text("category")), ("credentials_refused".into(), "denied".into()));
    assert_eq!((error.text("error"), error.number("status")), ("invalid_request".into(), 400.0));
    assert_eq!(error.text("errorDescription"), "Errors.User.Machine.Secret.Invalid");
}

#[wasm_bindgen_test]
fn overload_says_when_to_come_back() {
    let error = thrown(parse_token_response(429, None, Some("7".into()), None, "", None, None, T0, Some(T0)));
    assert!(error.get("retryable").is_truthy());
    assert_eq!(error.number("retryAt"), T0 + 7_000.0);
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
    let request = given(build_metadata_request("https://acme.zitadel.cloud", None, false));
    assert_eq!(request.text("url"), "https://acme.zitadel.cloud/.well-known/openid-configuration");
    assert_eq!(request.text("method"), "GET");
    assert!(request.get("body").is_undefined());
    let judge = |body: &str| parse_metadata_response(200, None, None, body, "https://acme.zitadel.cloud", false, None);
    judge(r#"{"issuer":"https://acme.zitadel.cloud"}"#).unwrap();
    assert_eq!(thrown(judge(r#"{"issuer":"https://evil.example"}"#)).text("code"), "issuer_mismatch");
}

#[wasm_bindgen_test]
fn a_standard_request_is_built() {
    let request = given(request("s3cret"));
    let headers = request.get("headers");
    let standard = to_request(&request.text("method"), &request.text("url"), &headers, Some("a=b".into())).unwrap();
    assert_eq!((standard.method(), standard.url()), ("POST".into(), ENDPOINT.into()));
    assert_eq!(standard.redirect(), web_sys::RequestRedirect::Manual);
    assert_eq!(thrown(to_request("GET", "no address", &headers, None)).text("code"), "option_invalid");
}

#[wasm_bindgen_test]
fn a_key_file_signs_an_assertion_that_asks_for_a_token() {
    let pem = "-----BEGIN PRIVATE KEY-----\\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\\n-----END PRIVATE KEY-----";
    let file = format!(
        r#"{{"type":"serviceaccount","keyId":"7","userId":"42","key":"{pem}","expirationDate":"2030-01-01T00:00:00Z"}}"#
    );
    let key = given(read_key(&file, "userId", None, None));
    assert_eq!(
        (key.text("algorithm"), key.text("keyId"), key.text("userId")),
        ("EdDSA".into(), "7".into(), "42".into())
    );
    assert_eq!(key.number("expiresAt"), 1_893_456_000_000.0);
    assert!(key.text("pkcs8").starts_with("MC4CAQAwBQYDK2Vw") && key.get("clientId").is_undefined());
    assert_eq!(
        thrown(read_key(&file, "clientId", None, None)).text("message"),
        "the key file is a service user's, where an application's is wanted"
    );
    let named = given(read_key(&pem.replace("\\n", "\n"), "userId", Some("8".into()), Some("Ed25519".into())));
    assert_eq!((named.text("keyId"), named.text("algorithm")), ("8".into(), "Ed25519".into()));

    let prepare = |now| prepare_assertion("EdDSA", Some("7".into()), "42", "https://a.example", Some(T0), Some(now));
    let input = prepare(T0 - 1.0).unwrap();
    assert_ne!(input, prepare(T0 - 1.0).unwrap(), "the same `jti` twice");
    assert_eq!(thrown(prepare(T0)).text("code"), "key_expired");
    let signature = format!("{}==", "pQ".repeat(43));
    let jwt = complete_assertion(&input, &signature).unwrap();
    let by = |client_assertion, assertion| {
        given(build_token_request(ENDPOINT, "me", "", None, client_assertion, assertion, "", "", "", false))
            .text("body")
    };
    assert_eq!(
        by(None, Some(jwt.clone())),
        format!("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion={jwt}")
    );
    assert!(by(Some(jwt.clone()), None).ends_with(&format!("-bearer&client_assertion={jwt}")));
}

#[wasm_bindgen_test]
fn a_token_is_revoked() {
    let request = given(build_revocation_request(ENDPOINT, "me", "s3cret", None, None, "t0ken", false));
    assert_eq!(request.text("body"), "token=t0ken");
    let parse = |status, body: &str| {
        parse_revocation_response(
            status,
            None,
            None,
            body,
            Some("Basic bWU6czNjcmV0".into()),
            Some("token=t0ken".into()),
            None,
        )
    };
    parse(200, "").unwrap();
    assert_eq!(thrown(parse(400, r#"{"error":"unauthorized_client"}"#)).text("code"), "grant_refused");
}

#[wasm_bindgen_test]
fn one_export_does_what_all_do() {
    let arguments = format!(
        r#"{{"tokenEndpoint":"{ENDPOINT}","clientId":"a","clientSecret":"b","clientAuth":"client_secret_post","scope":"c d","params":"x=%26"}}"#
    );
    let all = build_token_request(
        ENDPOINT,
        "a",
        "b",
        Some("client_secret_post".into()),
        None,
        None,
        "c d",
        "",
        "x=%26",
        false,
    );
    assert_eq!(asked("buildTokenRequest", &arguments, "").unwrap(), all.unwrap());
    let insecure = r#"{"issuer":"http://idp.internal","insecureHttp":true}"#;
    assert_eq!(
        asked("buildMetadataRequest", insecure, "").unwrap(),
        build_metadata_request("http://idp.internal", None, true).unwrap()
    );
    assert_eq!(
        thrown(asked("buildMetadataRequest", &insecure.replace(r#","insecureHttp":true"#, ""), "")).text("code"),
        "url_insecure"
    );

    let body = r#"{"access_token":"abc","token_type":"bearer","expires_in":60}"#;
    let answer = r#"{"status":200,"contentType":"application/json","requestedAt":1700000000000,"now":1700000000001}"#;
    assert_eq!(asked("parseTokenResponse", answer, body).unwrap(), response(200, body).unwrap());
    let refused = r#"{"status":429,"retryAfter":"7","requestedAt":0,"now":1000}"#;
    assert_eq!(thrown(asked("parseTokenResponse", refused, "")).number("retryAt"), 8_000.0);
    let issuer = r#"{"status":200,"issuer":"https://acme.zitadel.cloud"}"#;
    assert_eq!(asked("parseMetadataResponse", issuer, r#"{"issuer":"https://acme.zitadel.cloud"}"#).unwrap(), "");

    assert_eq!(asked("authorizationHeader", r#"{"accessToken":"abc"}"#, "").unwrap(), "Bearer abc");
    assert_eq!(
        asked("zitadelScope", r#"{"name":"role","value":"reader"}"#, "").unwrap(),
        zitadel_scope("role", "reader").unwrap()
    );
    let token = |more: &str| format!(r#"{{"obtainedAt":0,"expiresAt":100000,{more}}}"#);
    assert_eq!(asked("isExpired", &token(r#""now":95000,"leeway":10000"#), "").unwrap(), "true");
    assert_eq!(asked("isExpired", &token(r#""now":95000,"leeway":1000.5"#), "").unwrap(), "false");
    assert_eq!(asked("timeLeft", &token(r#""now":1.5e3"#), "").unwrap(), "98500");
    assert_eq!(asked("timeLeft", r#"{"now":0}"#, "").unwrap(), "");
    for (name, arguments) in [("nonsense", "{}"), ("timeLeft", ""), ("timeLeft", "[]")] {
        assert_eq!(thrown(asked(name, arguments, "")).text("code"), "internal");
    }
}

#[wasm_bindgen_test]
fn scopes_of_zitadel() {
    assert_eq!(zitadel_scope("api", "").unwrap(), "urn:zitadel:iam:org:project:id:zitadel:aud");
    assert_eq!(zitadel_scope("role", "reader").unwrap(), "urn:zitadel:iam:org:project:role:reader");
    assert_eq!(thrown(zitadel_scope("role", "two words")).text("code"), "option_invalid");
}
