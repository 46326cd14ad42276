//! What must hold for every input: round trips, no panic, no secret in an error or in `Debug`.

use base64::Engine as _;
use edge_credentials::zitadel::Scope;
use edge_credentials::{
    Client, ClientAuth, Redaction, Request, Response, Secret, Timestamp, Url, Validity, WellKnown,
    authorization_header, build_metadata_request, build_token_request, parse_metadata_response, parse_token_response,
};
use proptest::prelude::*;
use serde_json::json;

const T0: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// One line of text, as credentials are.
fn credential() -> impl Strategy<Value = String> {
    // What is in quotes is refused.
    "\\PC{1,40}".prop_filter("in quotes", |text| !text.starts_with(['"', '\'']))
}

/// Long enough that it does not turn up by chance.
fn canary() -> impl Strategy<Value = String> {
    "\\PC{0,8}CANARY-[a-z0-9]{12}\\PC{0,8}".prop_filter("in quotes", |text| !text.starts_with(['"', '\'']))
}

fn json_value() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(|b| json!(b)),
        any::<i64>().prop_map(|n| json!(n)),
        any::<f64>().prop_map(|n| json!(n)),
        any::<String>().prop_map(|s| json!(s)),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(|items| json!(items)),
            prop::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|members| { serde_json::Value::Object(members.into_iter().collect()) }),
        ]
    })
}

fn client(id: &str, secret: &str, auth: ClientAuth) -> Client {
    let endpoint = Url::parse("https://idp.example/token").unwrap();
    Client::new(endpoint, id, secret).unwrap().with_auth(auth)
}

fn header(request: &Request, name: &str) -> Option<String> {
    request.headers().find(|(known, _)| *known == name).map(|(_, value)| value.to_owned())
}

/// An independent reading of forms: by percent-decoding library-free, straight from the WHATWG
/// text.
fn decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        match (first, tail) {
            (b'%', [high, low, tail @ ..]) => {
                bytes.push(u8::from_str_radix(&format!("{}{}", *high as char, *low as char), 16).unwrap());
                rest = tail;
            }
            (b'+', tail) => {
                bytes.push(b' ');
                rest = tail;
            }
            (byte, tail) => {
                bytes.push(*byte);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).unwrap()
}

fn form(body: &str) -> Vec<(String, String)> {
    body.split('&').map(|pair| pair.split_once('=').unwrap()).map(|(n, v)| (decode(n), decode(v))).collect()
}

proptest! {
    // A failure is told by its output; a file of past ones would make every later run of this
    // machine differ from others.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn basic_gives_back_both_halves(id in credential(), secret in credential()) {
        let request = build_token_request(&client(&id, &secret, ClientAuth::SecretBasic));
        let value = header(&request, "authorization").unwrap();
        let pair = base64::engine::general_purpose::STANDARD.decode(value.strip_prefix("Basic ").unwrap()).unwrap();
        let pair = String::from_utf8(pair).unwrap();
        let (encoded_id, encoded_secret) = pair.split_once(':').unwrap();
        prop_assert_eq!((decode(encoded_id), decode(encoded_secret)), (id, secret));
    }

    #[test]
    fn a_form_gives_back_what_went_in(
        id in credential(),
        secret in credential(),
        params in prop::collection::btree_map("[a-z]{1,3}\\PC{0,5}", any::<String>(), 0..5),
    ) {
        let mut client = client(&id, &secret, ClientAuth::SecretPost);
        let mut expected = vec![("grant_type".to_owned(), "client_credentials".to_owned())];
        for (name, value) in &params {
            client = client.with_param(name, value.as_str()).unwrap();
            expected.push((name.clone(), value.clone()));
        }
        expected.extend([("client_id".to_owned(), id), ("client_secret".to_owned(), secret)]);
        let request = build_token_request(&client);
        prop_assert_eq!(form(request.body().unwrap()), expected);
        prop_assert!(request.body().unwrap().is_ascii());
        prop_assert_eq!(header(&request, "authorization"), None);
    }

    #[test]
    fn any_text_is_answered_without_a_panic(
        status in any::<u16>(), body in any::<String>(), kind in any::<Option<String>>(), retry in any::<Option<String>>(),
        at in any::<i64>(), now in any::<i64>(),
    ) {
        let mut response = Response::new(status, &body);
        for (name, value) in [("content-type", &kind), ("retry-after", &retry)] {
            response = value.iter().fold(response, |response, value| response.with_header(name, value));
        }
        let (at, now) = (Timestamp::from_millis(at), Timestamp::from_millis(now));
        let issuer = Url::parse("https://idp.example").unwrap();
        let _ = parse_token_response(&response, &Redaction::unknown(), at, now);
        let _ = parse_metadata_response(&response, &issuer, now);
    }

    #[test]
    fn any_json_is_answered_without_a_panic_and_other_members_never_matter(
        other in json_value(), token in "[!-~]{1,60}", seconds in 0u32..1_000_000, name in "x_[a-z]{1,8}",
    ) {
        let body = json!({ "access_token": token, "token_type": "Bearer", "expires_in": seconds, name: other }).to_string();
        let response = Response::new(200, &body).with_header("Content-Type", "application/json");
        let parsed = parse_token_response(&response, &Redaction::unknown(), T0, T0).unwrap();
        prop_assert_eq!(parsed.access_token.expose(), &token);
        prop_assert_eq!(parsed.validity.expires_at, Some(T0.plus(u64::from(seconds) * 1000)));
        let debug = format!("{parsed:?}");
        prop_assert!(token.len() < 8 || !debug.contains(&token), "{}", debug);

        let body = other.to_string();
        let _ = parse_token_response(&Response::new(200, &body), &Redaction::unknown(), T0, T0);
    }

    #[test]
    fn no_time_overflows(at in any::<i64>(), end in any::<Option<i64>>(), now in any::<i64>(), leeway in any::<Option<u64>>()) {
        let validity = Validity {
            obtained_at: Timestamp::from_millis(at),
            expires_at: end.map(Timestamp::from_millis),
        };
        let now = Timestamp::from_millis(now);
        let expired = validity.is_expired(now, leeway);
        prop_assert_eq!(validity.is_expired(now, Some(0)), validity.time_left(now) == Some(0));
        prop_assert!(expired || validity.time_left(now) != Some(0));
    }

    #[test]
    fn a_server_that_quotes_the_request_leaks_nothing(
        secret in canary(), post in any::<bool>(), status in prop_oneof![Just(200u16), Just(400), Just(401), Just(500)],
        error in prop_oneof![Just("invalid_client".to_owned()), "\\PC{0,10}"], known in any::<bool>(),
        before in "\\PC{0,20}", after in "\\PC{0,20}",
    ) {
        let auth = if post { ClientAuth::SecretPost } else { ClientAuth::SecretBasic };
        let request = build_token_request(&client("id", &secret, auth));
        let authorization = header(&request, "authorization").unwrap_or_default();
        let quoted = format!("{before}{secret} {} {authorization}{after}", request.body().unwrap());
        let error = format!("{error}{secret}");
        let body = json!({ "error": error, "error_description": quoted }).to_string();
        let response = Response::new(status, &body);
        let redaction = if known { request.redaction() } else { Redaction::unknown() };
        let failure = parse_token_response(&response, &redaction, T0, T0).unwrap_err();
        let marks = ["CANARY", authorization.strip_prefix("Basic ").unwrap_or("CANARY")];
        for shown in [
            format!("{failure:?}"), format!("{failure:#?}"), failure.to_string(), format!("{request:?}"), format!("{redaction:?}"),
            format!("{response:?}"), format!("{:?}", client("id", &secret, auth)),
        ] {
            for mark in marks {
                prop_assert!(!shown.contains(mark), "{}", shown);
            }
        }
    }

    #[test]
    fn options_are_refused_without_being_quoted(secret in canary(), tail in "[\r\n\u{0}]{1,3}") {
        let endpoint = || Url::parse("https://idp.example/token").unwrap();
        let client = || client("id", "secret", ClientAuth::SecretBasic);
        let failures = [
            Client::new(endpoint(), "id", format!("{secret}{tail}")).unwrap_err(),
            Client::new(endpoint(), &format!("{secret}{tail}"), "x").unwrap_err(),
            client().with_scope(&format!("{secret}\"")).unwrap_err(),
            client().with_resource(&format!("{secret}é")).unwrap_err(),
            client().with_param("client_secret", secret.as_str()).unwrap_err(),
            ClientAuth::from_name(&secret).unwrap_err(),
            WellKnown::from_name(&secret).unwrap_err(),
            Url::parse("https://user:CANARY@idp.example").unwrap_err(),
            Url::parse(&format!("http://idp.example/{secret}\n")).unwrap_err(),
            authorization_header(&Secret::from(format!("{secret}{tail}"))).unwrap_err(),
            Scope::Role(&format!("{secret} ")).text().unwrap_err(),
        ];
        for failure in failures {
            let shown = format!("{failure:?} {failure}");
            prop_assert!(!shown.contains("CANARY"), "{}", shown);
        }
    }

    #[test]
    fn an_accepted_address_has_no_second_reading(text in "(https?|HTTP)(://|:/|:)[a-z0-9@:.\\[\\]/?#%\\\\ _-]{0,30}") {
        if let Ok(url) = Url::parse(&text) {
            let (_, rest) = url.as_str().split_once("://").unwrap();
            let authority = rest.split(['/', '?']).next().unwrap();
            prop_assert!(!authority.contains(['@', '\\', '#', '%', ' ']), "{}", text);
            prop_assert!(build_metadata_request(&url, WellKnown::OpenidConfiguration).is_ok() || rest.contains('?'));
        }
    }
}

#[test]
fn debug_tells_where_a_request_goes_and_how_it_was_answered() {
    let request = build_token_request(&client("id", "s3cret", ClientAuth::SecretPost));
    assert_eq!(format!("{request:?}"), r#"Request { method: "POST", url: "https://idp.example/token", .. }"#);
    assert_eq!(format!("{:?}", Response::new(401, "s3cret")), "Response { status: 401, .. }");
}
