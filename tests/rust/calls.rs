//! The calls of the npm package: each does what the function of its name does, with every field in its place.

use crate::support::calls::{call, given};
use crate::support::tokens::{claims, encode, header, token, with};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use edge_credentials::calls::{CALLS, call_at};
use serde_json::{Value, json};

const ENDPOINT: &str = "https://idp.example/token";
const JWT: &str = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiI0MiJ9.c2lnbmF0dXJl";
const NOW: &str = "1700000000000";

/// A service user's key file; its key is that of RFC 8410 section 10.3.
const FILE: &str = concat!(
    r#"{"type":"serviceaccount","keyId":"7","userId":"42","expirationDate":"2030-01-01T00:00:00Z","#,
    r#""key":"-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"#,
    r#"-----END PRIVATE KEY-----"}"#,
);

fn message(outcome: Result<Vec<String>, Value>) -> String {
    outcome.map_or_else(|error| error["message"].as_str().unwrap().to_owned(), |_| "taken".to_owned())
}

/// A request's header and its body.
fn form(name: &str, fields: &[&str]) -> (String, String) {
    let fields = call(name, fields).unwrap();
    (fields[0].clone(), fields[1].clone())
}

/// A success, or a refusal, as it came from a server, and what was sent.
fn answer<'a>(status: &'a str, rest: &[&'a str]) -> Vec<&'a str> {
    [&[status, "", "", "", "", "", ""], rest].concat()
}

#[test]
fn a_request_asks_for_what_is_wanted_by_the_credentials_that_are_given() {
    let wanted = ["+read write", "+https://api.example/ 9", "+audience=a%26b&org=1", ""];
    let asked = "scope=read+write&resource=https%3A%2F%2Fapi.example%2F&resource=9&audience=a%26b&org=1";
    let basic = "+Basic aWQ6czNjcmV0";
    for (credentials, header, body) in [
        (&["clientSecret", "id", "s3cret", ""][..], basic, format!("grant_type=client_credentials&{asked}")),
        (
            &["clientSecret", "id", "s3cret", "+client_secret_post"],
            "",
            format!("grant_type=client_credentials&{asked}&client_id=id&client_secret=s3cret"),
        ),
        (
            &["clientAssertion", "id", JWT],
            "",
            format!(
                "grant_type=client_credentials&{asked}&client_id=id&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth\
                 %3Aclient-assertion-type%3Ajwt-bearer&client_assertion={JWT}"
            ),
        ),
        (
            &["assertion", JWT, "", "", ""],
            "",
            format!("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&{asked}&assertion={JWT}"),
        ),
        (
            &["assertion", JWT, "+id", "+s3cret", "+client_secret_basic"],
            basic,
            format!("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&{asked}&assertion={JWT}"),
        ),
    ] {
        let request = form("BuildTokenRequest", &[&[ENDPOINT], credentials, &wanted].concat());
        assert_eq!((request.0.as_str(), request.1), (header, body), "{credentials:?}");
    }
    let nothing = form("BuildTokenRequest", &[ENDPOINT, "clientSecret", "id", "s3cret", "", "", "", "", ""]);
    assert_eq!(nothing, (basic.to_owned(), "grant_type=client_credentials".to_owned()));
    for half in [["+id", ""], ["", "+s3cret"]] {
        let fields = [&[ENDPOINT, "assertion", JWT], &half[..], &["", "", "", "", ""]].concat();
        let told = message(call("BuildTokenRequest", &fields));
        assert_eq!(told, "`clientId` and `clientSecret` go together beside an `assertion`");
    }
    let none = message(call("BuildTokenRequest", &[ENDPOINT, "", "", "", "", ""]));
    assert_eq!(none, "there are no credentials");
}

#[test]
fn http_is_for_loopback_unless_it_is_permitted() {
    let request = |address: &str, insecure: &str| {
        message(call("BuildTokenRequest", &[address, "clientSecret", "id", "s3cret", "", "", "", "", insecure]))
    };
    let refused = "the token endpoint is http, to a host other than loopback";
    assert_eq!(request("http://idp.example/token", "+"), "taken");
    assert_ne!(request("http://idp.example/token", ""), "taken", "{refused}");
    let address = |text: &str, insecure: &str| message(call("CheckAddress", &["the address", insecure, text]));
    assert_eq!(address("https://idp.example/keys", ""), "taken");
    assert_eq!(address("http://idp.example/keys", "+"), "taken");
    assert_eq!(call("CheckAddress", &["the address", "", "https://idp.example/keys"]).unwrap(), [""]);
    assert!(address("http://idp.example/keys", "").starts_with("the address "));
    let metadata = |name: &str| call("BuildMetadataRequest", &["https://idp.example/a", name, ""]).unwrap();
    assert_eq!(metadata(""), ["https://idp.example/a/.well-known/openid-configuration"]);
    assert_eq!(
        metadata("+oauth-authorization-server"),
        ["https://idp.example/.well-known/oauth-authorization-server/a"]
    );
    assert_eq!(
        metadata("+oauth-authorization-server-appended"),
        ["https://idp.example/a/.well-known/oauth-authorization-server"]
    );
}

#[test]
fn an_api_asks_and_revokes_by_the_credentials_that_are_given() {
    let ask = |credentials: &[&str]| {
        form("BuildIntrospectionRequest", &[&["https://idp.example/ask", "t"], credentials, &[""]].concat())
    };
    let basic = "+Basic aWQ6czNjcmV0".to_owned();
    assert_eq!(ask(&["clientSecret", "id", "s3cret", ""]), (basic.clone(), "token=t".to_owned()));
    assert!(ask(&["clientAssertion", "id", JWT]).1.ends_with(&format!("&client_assertion={JWT}")));
    assert_eq!(ask(&["accessToken", "own"]), ("+Bearer own".to_owned(), "token=t".to_owned()));
    assert_eq!(ask(&["clientAuth=none", "none"]), (String::new(), "token=t".to_owned()));
    let revoke = |credentials: &[&str]| {
        form("BuildRevocationRequest", &[&["https://idp.example/revoke", "t"], credentials, &[""]].concat())
    };
    assert_eq!(revoke(&["clientSecret", "id", "s3cret", ""]), (basic, "token=t".to_owned()));
    assert!(revoke(&["clientAssertion", "id", JWT]).1.starts_with("token=t&client_id=id&"));
}

#[test]
fn what_is_wrong_with_credentials_is_told_before_there_is_a_token() {
    // Client id, secret, authentication, subject, key id, algorithm, audience, header, claims.
    let check = |place: usize, text: &str| {
        let mut fields = vec![String::new(); 9];
        fields[6] = given("https://idp.example");
        fields[place] = given(text);
        message(call("CheckCredentials", &fields.iter().map(String::as_str).collect::<Vec<_>>()))
    };
    let added = "what is added to an assertion overrides what it holds anyway, or is no object";
    for (place, good, bad, expected) in [
        (0, "id", "", "the client id is empty"),
        (1, "secret", "secret\n", "the client secret ends in a line break"),
        (1, "\"\"", "\"secret\"", "the client secret is in quotes"),
        (2, "client_secret_basic", "basic", "the client authentication is unknown"),
        (3, "42", "4\u{1}2", "the assertion's subject holds a control character"),
        (4, "7", "", "the key id is empty"),
        (6, "https://idp.example", "", "the assertion's audience is empty"),
        (7, r#"{"typ":"client-authentication+jwt"}"#, r#"{"alg":"none"}"#, added),
        (7, "{}", r#"{"kid":"8"}"#, added),
        (7, "{}", "[]", added),
        (8, r#"{"sub":"43"}"#, r#"{"iss":"43"}"#, added),
        (8, "{}", r#"{"exp":1}"#, added),
    ] {
        assert_eq!(check(place, good), "taken", "{place} {good}");
        assert_eq!(check(place, bad), expected, "{place} {bad}");
    }
    assert_eq!(check(5, "ES256"), "taken");
    assert_ne!(check(5, "HS256"), "taken");
    let of_a_pair = ["+\"id\"", "+secret", "", "", "", "", "", "", ""];
    assert_eq!(message(call("CheckCredentials", &of_a_pair)), "the client id is in quotes");
    let requested = |scope: &str| message(call("CheckRequested", &[&given(scope), "", ""]));
    assert_eq!(requested("read write"), "taken");
    assert_eq!(requested("re\"ad"), "a scope holds characters that it cannot");
}

#[test]
fn what_is_added_to_an_assertion_stands_beside_what_it_holds() {
    let prepare = |header: &str, claims: &str| {
        let fields = ["RS256", "+7", "42", "https://idp.example", header, claims, "", NOW];
        let input = call("PrepareAssertion", &fields)?.remove(0);
        let part = |part: &str| String::from_utf8(URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
        let (header, claims) = input.split_once('.').unwrap();
        Ok::<_, Value>((part(header), part(claims)))
    };
    let header = r#"{"alg":"RS256","kid":"7","typ":"JWT"}"#;
    let jti = encode([7; 16]);
    let claims = format!(
        r#"{{"iss":"42","sub":"42","aud":"https://idp.example","iat":1699999970,"exp":1700000300,"jti":"{jti}"}}"#
    );
    for nothing in ["", "+{}", "+ { } "] {
        assert_eq!(prepare(nothing, nothing).unwrap(), (header.to_owned(), claims.clone()), "{nothing}");
    }
    let more = prepare(r#"+{"x5t":"abc","typ":"at+jwt"}"#, r#"+ {"scope":"a b","sub":"43"} "#).unwrap();
    assert_eq!(more.0, r#"{"alg":"RS256","kid":"7","x5t":"abc","typ":"at+jwt"}"#);
    let read: Value = serde_json::from_str(&more.1).unwrap();
    assert_eq!((&read["iss"], &read["sub"], &read["scope"]), (&json!("42"), &json!("43"), &json!("a b")));
    assert_eq!(more.1.matches("\"sub\"").count(), 1);
    for (header, claims) in [(r#"+{"kid":"8"}"#, ""), ("", r#"+{"jti":"8"}"#), ("+[]", ""), ("", "+7")] {
        let told = message(prepare(header, claims).map(|_| Vec::new()));
        assert_eq!(told, "what is added to an assertion overrides what it holds anyway, or is no object");
    }
}

#[test]
fn an_assertion_wants_a_key_that_is_good_and_random_bytes() {
    let fields = |ends: &str| ["EdDSA", "", "42", "https://idp.example", "", "", ends, NOW].join("\0");
    let place = CALLS.iter().position(|call| call.name == "PrepareAssertion").unwrap();
    let code = |outcome: Result<String, String>| {
        outcome.map_err(|error| serde_json::from_str::<Value>(&error).unwrap()["code"].as_str().unwrap().to_owned())
    };
    assert_eq!(code(call_at(place, &fields(""), || None)), Err("io_forbidden".to_owned()));
    assert_eq!(code(call_at(place, &fields("+1699999999999"), || Some([7; 16]))), Err("key_expired".to_owned()));
    assert!(code(call_at(place, &fields("+1800000000000"), || Some([7; 16]))).is_ok());
    assert_eq!(code(call_at(CALLS.len(), "", || None)), Err("internal".to_owned()));

    let input = call_at(place, &fields(""), || Some([7; 16])).unwrap();
    let signature = base64::engine::general_purpose::STANDARD.encode([0xa5; 64]);
    let whole = call("CompleteAssertion", &[&input, &signature]).unwrap();
    assert_eq!(whole, [format!("{input}.{}", encode([0xa5; 64]))]);
    assert_eq!(message(call("CompleteAssertion", &[&input, "=!"])), "the signature is no base64");
}

#[test]
fn a_key_is_read_with_the_id_of_whoever_owns_it() {
    let read = |owner: &str, key_id: &str, algorithm: &str| call("ReadKey", &[owner, key_id, algorithm, FILE]);
    let whole = read("", "", "").unwrap();
    assert!(whole[0].starts_with("MC4CAQAwBQYDK2VwBCIEINTuctv5"), "PKCS#8 in base64");
    assert_eq!(whole[1..], ["EdDSA", "+7", "+42", "", "+1893456000000"]);
    assert_eq!(read("+userId", "+8", "+Ed25519").unwrap()[2..5], ["+8", "+42", ""]);
    assert_ne!(message(read("+clientId", "", "")), "taken", "a service user's key names no client");
    assert_ne!(message(read("", "", "+RS256")), "taken", "a key of another type");

    let application = FILE.replace("serviceaccount", "application").replace("userId", "clientId");
    let read = |owner: &str| call("ReadKey", &[owner, "", "", &application]);
    assert_eq!(read("+clientId").unwrap()[3..5], ["", "+42"]);
    assert_eq!(read("").unwrap()[3..5], ["", "+42"]);
    assert_ne!(message(read("+userId")), "taken", "an application's key names no user");
}

#[test]
fn answers_are_read_with_what_was_sent() {
    let good = r#"{"access_token":"abc","token_type":"Bearer","expires_in":60,"scope":"read"}"#;
    let token = ["abc", "+read", "", "+1700000060000"];
    assert_eq!(call("ReadToken", &["200", NOW, good]).unwrap(), token);
    assert_eq!(call("ReadToken", &["400", NOW, r#"{"error":"invalid_client"}"#]).unwrap(), [""], "not its affair");
    let sent = ["+https://idp.example/token", "", "+Basic aWQ6czNjcmV0", "+grant_type=client_credentials"];
    let parse = |status: &str, body: &str| {
        let fields = answer(status, &[&sent[..], &[NOW, NOW, body]].concat()).join("\0");
        call("ParseTokenResponse", &[&fields])
    };
    assert_eq!(parse("200", good).unwrap(), token);
    let more = parse("200", r#"{"access_token":"abc","token_type":"Bearer","note":"x"}"#).unwrap();
    assert_eq!(more, ["abc", "", "+", ""], "another member, and no end");
    let refused = parse("401", r#"{"error":"invalid_client","error_description":"no s3cret here"}"#).unwrap_err();
    assert_eq!(refused["code"], "credentials_refused");
    assert_eq!(refused["message"], "the server refused the client id or the client secret (status 401)");
    assert_eq!((&refused["error"], &refused["status"]), (&json!("invalid_client"), &json!(401)));
    assert_eq!((&refused["category"], &refused["retryable"]), (&json!("denied"), &json!(false)));
    assert!(!refused.to_string().contains("s3cret"), "{refused}");

    let overloaded = [&["429", "", "+7", "", "", "", ""], &sent[..], &[NOW, NOW, ""]].concat();
    let overloaded = call("ParseTokenResponse", &overloaded).unwrap_err();
    assert_eq!((&overloaded["retryAt"], &overloaded["retryable"]), (&json!(1_700_000_007_000_i64), &json!(true)));

    let about = |name: &str, status: &str, body: &str| call(name, &answer(status, &[&sent[..], &[NOW, body]].concat()));
    assert_eq!(message(about("ParseRevocationResponse", "200", "")), "taken");
    assert_ne!(message(about("ParseRevocationResponse", "400", r#"{"error":"unsupported_token_type"}"#)), "taken");
    let introspected = |body: &str| about("ParseIntrospectionResponse", "200", body).unwrap();
    assert_eq!(introspected(r#"{"active":true,"scope":"read"}"#), ["+", "+read"]);
    assert_eq!(introspected(r#"{"active":false}"#), ["", ""]);

    let endpoint = |path: &str| format!("https://idp.example/{path}");
    let metadata = json!({
        "issuer": "https://idp.example", "token_endpoint": endpoint("t"), "jwks_uri": endpoint("k"),
        "introspection_endpoint": endpoint("i"), "revocation_endpoint": endpoint("r"),
    })
    .to_string();
    let found = call("ParseMetadataResponse", &answer("200", &["https://idp.example", "", NOW, &metadata])).unwrap();
    assert_eq!(
        found,
        ["+https://idp.example/t", "+https://idp.example/i", "+https://idp.example/r", "+https://idp.example/k"]
    );
    let other = call("ParseMetadataResponse", &answer("200", &["https://other.example", "", NOW, &metadata]));
    assert_eq!(message(other), "the metadata names another issuer than the one configured");
}

#[test]
fn keys_are_kept_with_their_name_their_issuer_and_what_they_verify_by() {
    let key = json!({ "kty": "OKP", "crv": "Ed25519", "x": encode([1; 32]) });
    let named = with(with(key.clone(), "kid", json!("a")), "issuer", json!("https://idp.example/{tenantid}/v2.0"));
    let body = json!({ "keys": [named, key] }).to_string();
    let fields = ["200", "", "", "", "+max-age=600", "", "", NOW, &body];
    let kept = call("ParseKeySet", &fields).unwrap();
    let public = json!({ "kty": "OKP", "crv": "Ed25519", "x": encode([1; 32]) });
    let algorithms = json!(["EdDSA", "Ed25519"]);
    let keys: Value = serde_json::from_str(&kept[0]).unwrap();
    let first = json!({
        "keyId": "a", "issuer": "https://idp.example/{tenantid}/v2.0", "algorithms": algorithms, "jwk": public,
    });
    assert_eq!(keys, json!({ "keys": [first, { "algorithms": algorithms, "jwk": public }] }));
    assert_eq!(kept[1], given("600000"));
}

#[test]
fn a_header_is_read_before_the_signature_is_looked_at() {
    let read = |header: &Value, typ: &str| call("ReadHeader", &[typ, &encode(header.to_string())]);
    assert_eq!(read(&header(), "").unwrap(), ["RS256", "", "256", "2048"]);
    let marked = with(header(), "typ", json!("at+jwt"));
    assert_eq!(read(&with(marked.clone(), "alg", json!("ES256")), "+at+jwt").unwrap(), ["ES256", "+", "64", "64"]);
    assert_eq!(message(read(&header(), "+at+jwt")), "the token's `typ` is not `at+jwt`");
    let look =
        |header: &Value, claims: &Value, typ: &str| message(call("RefuseOtherKinds", &[typ, &token(header, claims)]));
    let id = with(claims(), "nonce", json!("n"));
    assert_eq!(look(&header(), &claims(), ""), "taken");
    assert_eq!(look(&header(), &id, ""), "the token is an id_token, not an access token");
    assert_eq!(look(&header(), &claims(), "+at+jwt"), "the token's `typ` is not `at+jwt`");
    assert_eq!(look(&marked, &id, "+at+jwt"), "taken");
}

#[test]
fn small_questions_are_answered() {
    assert_eq!(call("AuthorizationHeader", &["abc"]).unwrap(), ["Bearer abc"]);
    assert_ne!(message(call("AuthorizationHeader", &["a\nb"])), "taken");
    let is_expired =
        |end: &str, now: &str, leeway: &str| call("IsExpired", &["0", end, now, leeway]).unwrap()[0] == "+";
    assert!(is_expired("+100000", "99999", "+1") && !is_expired("+100000", "99998", "+1"));
    assert!(!is_expired("", "99999", "") && is_expired("+100000", "100000", "+0"));
    let is_plain = |name: &str| call("IsPlainName", &[name]).unwrap() == ["+"];
    assert!(is_plain("clientId") && !is_plain("kTqWmZbXwLcRhYpNvJsD"));
    for (name, scope) in [
        ("api", "urn:zitadel:iam:org:project:id:zitadel:aud"),
        ("audience", "urn:zitadel:iam:org:project:id:9:aud"),
        ("role", "urn:zitadel:iam:org:project:role:9"),
        ("roles", "urn:zitadel:iam:org:projects:roles"),
        ("organization", "urn:zitadel:iam:org:id:9"),
        ("primaryDomain", "urn:zitadel:iam:org:domain:primary:9"),
        ("organizationRoles", "urn:zitadel:iam:org:roles:id:9"),
        ("metadata", "urn:zitadel:iam:user:metadata"),
        ("resourceOwner", "urn:zitadel:iam:user:resourceowner"),
    ] {
        assert_eq!(call("ZitadelScope", &[name, "9"]).unwrap(), [scope]);
    }
    assert_eq!(message(call("ZitadelScope", &["other", "9"])), "there is no such scope");
}
