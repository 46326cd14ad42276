//! Metadata of any form: what is taken is JSON of this issuer, and its endpoints are addresses with
//! the host that other parsers read.

use crate::input::{Answer, NOW, json};
use edge_credentials::{Url, parse_metadata_response};

const ISSUER: &str = "https://idp.example";

pub fn check(data: &[u8]) {
    let answer = Answer::of(data);
    let issuer = Url::parse(ISSUER).unwrap();
    let Ok(metadata) = parse_metadata_response(&answer.response(), &issuer, NOW) else { return };
    let body = json(&answer.body);
    assert!(answer.is_success());
    assert_eq!((body["issuer"].as_str(), metadata.issuer.as_str()), (Some(ISSUER), ISSUER));
    for (name, endpoint) in [
        ("token_endpoint", &metadata.token_endpoint),
        ("introspection_endpoint", &metadata.introspection_endpoint),
        ("revocation_endpoint", &metadata.revocation_endpoint),
        ("jwks_uri", &metadata.jwks_uri),
    ] {
        let Some(endpoint) = endpoint else { continue };
        assert_eq!(body[name].as_str(), Some(endpoint.as_str()));
        assert!(endpoint.as_str().to_ascii_lowercase().starts_with("https://"), "{endpoint:?}");
        super::url::assert_read_alike(endpoint);
    }
}
