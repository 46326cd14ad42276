//! An introspection of any form: active is only what says `"active": true`, at any status; no error shows the token
//! that was asked about, nor the client's secret.

use crate::input::{Answer, NOW, assert_hidden, json};
use edge_credentials::{
    ClientAuth, Credentials, Introspection, Secret, Url, build_introspection_request, parse_introspection_response,
};

const SECRET: &str = "CANARY-s3cret-of-the-api";
const TOKEN: &str = "CANARY-t0ken-of-a-caller";

pub fn check(data: &[u8]) {
    let answer = Answer::of(data);
    let endpoint = Url::parse("https://idp.example/introspect").unwrap();
    let credentials = Credentials::from_secret("api", SECRET, ClientAuth::SecretBasic).unwrap();
    let request = build_introspection_request(&endpoint, &credentials, &Secret::from(TOKEN.to_owned())).unwrap();
    match parse_introspection_response(&answer.response(), &request.redaction(), NOW) {
        Ok(introspection @ Introspection::Active(_)) => {
            let body = json(&answer.body);
            assert_eq!(body["active"], true);
            if introspection.check(&["api"]).is_ok() {
                let audience = &body["aud"];
                let names_us = audience == "api" || audience.as_array().is_some_and(|all| all.contains(&"api".into()));
                assert!(names_us, "{body}");
            }
        }
        Ok(Introspection::Inactive) if answer.is_success() => {
            let body = json(&answer.body);
            let has_ended = body["exp"].as_f64().is_some_and(|end| end * 1000.0 <= NOW.as_millis() as f64 + 1.0);
            assert!(body["active"] == false || body["active"] == true && has_ended || body["error"] == "invalid_token");
        }
        Ok(Introspection::Inactive) => {}
        Err(error) => {
            assert_hidden(&error, SECRET);
            assert_hidden(&error, TOKEN);
        }
    }
}
