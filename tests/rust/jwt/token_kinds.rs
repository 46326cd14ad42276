//! Which token is an access token: those that servers really gave, and every shape that is known,
//! as JWTs and as introspections.

use crate::support::recorded::assert_lines;
use crate::support::tokens::{API, ISSUER, NOW, encode, header, signed, token, with, without};
use edge_credentials::{
    ClientAuth, Credentials, Introspection, Jwt, Redaction, Response, Timestamp, Url, build_introspection_request,
    check_claims, parse_introspection_response,
};
use serde_json::{Value, json};

const BOUND: &str = "the token is bound to a key of its holder's (`cnf`), which is not checked here";
const TAKEN: &str = "taken";
const ID: &str = "the token is an id_token, not an access token";
const REFRESH: &str = "the token is a refresh token, not an access token";
const LOGOUT: &str = "the token is a logout token, not an access token";
const EVENT: &str = "the token is a logout token or tells of another event, and is not an access token";
const CODE: &str = "the token is the answer to a login (it holds a `code`), not an access token";
const REGISTRATION: &str = "the token is for the registration of a client, and is not an access token";
const TYP: &str = "the token is no access token by its claim `typ`";
const TOKEN_USE: &str = "the token is no access token by its claim `token_use`";
const TOKEN_NAME: &str = "the token is no access token by its claim `tokenName`";

/// A claim for claim: `null` takes one of the usual away.
fn shapes() -> Vec<(&'static str, Value, &'static str)> {
    let keycloak = json!({ "typ": "Bearer", "azp": "client", "acr": "1", "sid": "s" });
    let plus = |base: &Value, name, value| with(base.clone(), name, value);
    vec![
        // Taken.
        ("ZITADEL", json!({ "client_id": "svc", "jti": "V2_1-at_2" }), TAKEN),
        ("ZITADEL, with what an action appends", json!({ "client_id": "svc", "nonce": "n", "scope": "openid" }), TAKEN),
        ("Entra v2", json!({ "azp": "caller", "azpacr": "1", "scp": "access_as_user", "ver": "2.0" }), TAKEN),
        ("Entra v2 with nonce", json!({ "azp": "caller", "scp": "access_as_user", "nonce": "n" }), TAKEN),
        ("Entra v2, without a user", json!({ "azp": "caller", "roles": ["Task.Read"], "idtyp": "app" }), TAKEN),
        ("Entra v2, an API that calls itself", json!({ "azp": API, "roles": ["Task.Read"] }), TAKEN),
        ("Entra v1", json!({ "appid": "caller", "appidacr": "1", "scp": "read", "ver": "1.0" }), TAKEN),
        ("Auth0", json!({ "azp": "caller", "scope": "openid profile read" }), TAKEN),
        ("Auth0, without a user", json!({ "azp": "caller", "gty": "client-credentials" }), TAKEN),
        ("Keycloak", plus(&keycloak, "scope", json!("profile email")), TAKEN),
        ("Keycloak without scopes", keycloak.clone(), TAKEN),
        ("Keycloak with nonce", plus(&keycloak, "nonce", json!("n")), TAKEN),
        ("Keycloak with at_hash", plus(&keycloak, "at_hash", json!("h")), TAKEN),
        ("Keycloak with events", plus(&keycloak, "events", json!({})), TAKEN),
        ("Keycloak, for its own client", plus(&keycloak, "azp", json!(API)), TAKEN),
        ("Keycloak, bound", json!({ "typ": "DPoP", "azp": "client", "cnf": { "jkt": "x" } }), BOUND),
        ("Cognito", json!({ "token_use": "access", "client_id": "c", "scope": "read", "version": 2 }), TAKEN),
        ("Hydra", json!({ "client_id": "svc", "scp": ["read"], "ext": {} }), TAKEN),
        ("Hydra's introspection", json!({ "token_use": "access_token", "token_type": "Bearer" }), TAKEN),
        ("ForgeRock", json!({ "tokenName": "access_token", "token_type": "Bearer", "scope": "read" }), TAKEN),
        ("Spring", json!({ "scope": "things:write", "jti": "1" }), TAKEN),
        ("Spring without scopes", json!({ "jti": "1" }), TAKEN),
        ("Okta", json!({ "cid": "caller", "uid": "1", "scp": ["read"] }), TAKEN),
        ("in other letters", json!({ "typ": "BEARER", "token_use": "Access", "tokenName": "ACCESS_TOKEN" }), TAKEN),
        ("`typ` JWT says nothing", json!({ "typ": "JWT", "scope": "read" }), TAKEN),
        ("`typ` JWT beside what says more", json!({ "typ": "jwt", "token_use": "access", "nonce": "n" }), TAKEN),
        ("azp alone", json!({ "azp": "caller" }), TAKEN),
        ("azp that is no text", json!({ "azp": [API] }), TAKEN),
        ("azp in other letters than aud", json!({ "azp": "canary-AUDIENCE" }), TAKEN),
        ("nonce beside scp", json!({ "nonce": "n", "scp": "read" }), TAKEN),
        ("nonce beside roles", json!({ "nonce": "n", "roles": [] }), TAKEN),
        ("azp of aud beside scope", json!({ "azp": "client", "scope": "read" }), TAKEN),
        ("an empty scope is one", json!({ "azp": "client", "scope": "" }), TAKEN),
        ("`typ` is a number", json!({ "typ": 7 }), TAKEN),
        ("`token_use` is a list", json!({ "token_use": ["id"] }), TAKEN),
        ("`tokenName` is an object", json!({ "tokenName": { "refresh_token": true } }), TAKEN),
        ("names in other letters are other claims", json!({ "Typ": "ID", "Nonce": "n", "CODE": "c" }), TAKEN),
        // Refused by what they say they are.
        ("Keycloak's id_token", json!({ "typ": "ID", "azp": "client", "at_hash": "h" }), ID),
        ("Keycloak's id_token with scope", json!({ "typ": "ID", "scope": "openid" }), ID),
        ("Keycloak's refresh token", json!({ "typ": "Refresh", "azp": "client", "scope": "openid" }), REFRESH),
        ("Keycloak's offline token", json!({ "typ": "Offline", "scope": "openid offline_access" }), REFRESH),
        ("Keycloak's logout token", json!({ "typ": "Logout", "events": { "logout": {} } }), LOGOUT),
        ("Keycloak's token for registration", json!({ "typ": "RegistrationAccessToken", "scope": "a" }), REGISTRATION),
        ("Cognito's id_token", json!({ "token_use": "id", "scope": "read" }), ID),
        (
            "Hydra's refresh token",
            json!({ "token_use": "refresh_token", "token_type": "Bearer", "scope": "a" }),
            REFRESH,
        ),
        ("ForgeRock's refresh token", json!({ "tokenName": "refresh_token", "scope": "read" }), REFRESH),
        ("ForgeRock's id_token", json!({ "tokenName": "id_token", "scope": "read" }), ID),
        ("in other letters, refused", json!({ "typ": "rEFRESH" }), REFRESH),
        ("another typ", json!({ "typ": "user", "scope": "read" }), TYP),
        ("an empty typ", json!({ "typ": "" }), TYP),
        ("typ with a blank", json!({ "typ": "Bearer " }), TYP),
        ("typ of a header", json!({ "typ": "application/jwt" }), TYP),
        ("another token_use", json!({ "token_use": "web", "scope": "read" }), TOKEN_USE),
        ("another tokenName", json!({ "tokenName": "ops", "scope": "read" }), TOKEN_NAME),
        // What contradicts itself is refused by what names another kind.
        ("Bearer, but id", json!({ "typ": "Bearer", "token_use": "id" }), ID),
        ("ID, but access", json!({ "typ": "ID", "token_use": "access" }), ID),
        ("access, but refresh", json!({ "token_use": "access", "tokenName": "refresh_token" }), REFRESH),
        (
            "Bearer, access, but a stranger's",
            json!({ "typ": "Bearer", "token_use": "access", "tokenName": "x" }),
            TOKEN_NAME,
        ),
        // Refused by what no access token has.
        ("ZITADEL's logout token", json!({ "sid": "s", "jti": "1", "events": { "logout": {} } }), EVENT),
        ("Keycloak 23's logout token", json!({ "typ": "JWT", "sid": "s", "events": { "logout": {} } }), EVENT),
        ("an event beside scope", json!({ "events": {}, "scope": "read" }), EVENT),
        ("ZITADEL's id_token", json!({ "azp": "client", "client_id": "client", "at_hash": "h" }), ID),
        ("Hydra's id_token", json!({ "at_hash": "h", "rat": 1, "sid": "s", "auth_time": 1 }), ID),
        ("at_hash beside scope", json!({ "at_hash": "h", "scope": "read" }), ID),
        ("c_hash beside roles", json!({ "c_hash": "h", "roles": ["a"] }), ID),
        ("s_hash beside scp", json!({ "s_hash": "h", "scp": "read" }), ID),
        ("JARM", json!({ "code": "c", "state": "s" }), CODE),
        ("JARM beside scope", json!({ "code": "c", "scope": "read" }), CODE),
        // Refused by what an access token has beside scopes or roles alone.
        ("Spring's id_token", json!({ "azp": "client", "auth_time": 1, "sid": "s", "jti": "1" }), ID),
        ("Spring's id_token with nonce", json!({ "azp": "client", "nonce": "n", "jti": "1" }), ID),
        ("ZITADEL's id_token by token exchange", json!({ "azp": "client", "client_id": "client", "amr": [] }), ID),
        ("azp is the one aud", json!({ "azp": API, "aud": API }), ID),
        ("Entra's id_token with nonce", json!({ "nonce": "n", "ver": "2.0", "tid": "t" }), ID),
        ("typ JWT and nonce", json!({ "typ": "JWT", "nonce": "n" }), ID),
        ("typ that is no text, and nonce", json!({ "typ": 7, "nonce": "n" }), ID),
        ("a nonce that is no text", json!({ "nonce": 0 }), ID),
        ("scopes of other letters are none", json!({ "nonce": "n", "Scope": "read" }), ID),
    ]
}

fn claims(shape: &Value) -> Value {
    let mut claims = json!({
        "iss": ISSUER, "sub": "1", "aud": ["client", API], "exp": 1_700_043_199, "iat": 1_700_000_000,
    });
    for (name, value) in shape.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
}

fn by_jwt(token: &str) -> String {
    let judged = Jwt::require(token).and_then(|jwt| check_claims(&jwt, ISSUER, &[API], NOW, None));
    judged.map_or_else(|error| error.message().to_owned(), |_| TAKEN.to_owned())
}

/// As the verifier's first look at a token that is asked about.
fn by_look(token: &str) -> String {
    let endpoint = Url::parse("https://idp.example/introspect").unwrap();
    let credentials = Credentials::from_secret("api", "s3cret", ClientAuth::SecretBasic).unwrap();
    let request = build_introspection_request(&endpoint, &credentials, &token.into());
    request.map_or_else(|error| error.message().to_owned(), |_| TAKEN.to_owned())
}

fn by_introspection(answer: &Value) -> String {
    let body = with(answer.clone(), "active", json!(true)).to_string();
    match parse_introspection_response(&Response::new(200, &body), &Redaction::unknown(), NOW) {
        Ok(Introspection::Active(_)) => TAKEN.to_owned(),
        Ok(Introspection::Inactive) => "inactive".to_owned(),
        Err(error) => {
            assert_eq!((error.code().as_str(), error.category().as_str()), ("token_invalid", "rejected"), "{body}");
            assert!(!error.retryable() && error.status().is_none(), "{body}");
            error.message().to_owned()
        }
    }
}

#[test]
fn every_shape_is_judged_alike_as_a_jwt_before_it_is_asked_about_and_by_the_answer() {
    for (name, shape, expected) in shapes() {
        let claims = claims(&shape);
        for header in [header(), without(header(), "typ"), with(header(), "typ", json!("application/JOSE"))] {
            let token = token(&header, &claims);
            assert_eq!(by_jwt(&token), expected, "{name}: as a JWT");
            assert_eq!(by_look(&token), expected, "{name}: at first sight");
        }
        assert_eq!(by_introspection(&claims), expected, "{name}: by introspection");
        let marked = token(&with(header(), "typ", json!("at+jwt")), &claims);
        // No mark makes a bearer token of one that is bound.
        let expected = if expected == BOUND { BOUND } else { TAKEN };
        assert_eq!((by_jwt(&marked).as_str(), by_look(&marked).as_str()), (expected, expected), "{name}: marked");
    }
}

/// In what is signed a `null` is a value; a server's answer has it for what is not there.
#[test]
fn null_is_a_value_where_it_is_signed_alone() {
    for (name, message) in [("nonce", ID), ("at_hash", ID), ("events", EVENT), ("code", CODE)] {
        let claims = claims(&json!({ name: null }));
        assert_eq!((by_jwt(&token(&header(), &claims)).as_str(), by_introspection(&claims).as_str()), (message, TAKEN));
    }
    // What speaks for an access token has to be there.
    for name in ["scp", "roles"] {
        let claims = claims(&json!({ "nonce": "n", name: null }));
        assert_eq!(
            (by_jwt(&token(&header(), &claims)).as_str(), by_introspection(&claims).as_str()),
            (ID, ID),
            "{name}"
        );
    }
    let marks = claims(&json!({ "typ": null, "token_use": null, "tokenName": null }));
    assert_eq!((by_jwt(&token(&header(), &marks)).as_str(), by_introspection(&marks).as_str()), (TAKEN, TAKEN));
}

#[test]
fn only_a_token_of_a_header_and_claims_is_looked_at() {
    let id = claims(&json!({ "nonce": "n" })).to_string();
    let head = header().to_string();
    let three = |header: &str, claims: &str| format!("{}.{}.{}", encode(header), encode(claims), encode("signature"));
    assert_eq!(by_look(&three(&head, &id)), ID);
    assert_eq!(by_look(&three(r#"{"typ":"logout+jwt"}"#, "{}")), LOGOUT);
    for opaque in [
        three("session", &id),
        // itsdangerous: a payload, a time, a signature.
        three(r#"{"typ":"session","nonce":"n"}"#, "\u{1}"),
        three(&head, "null"),
        three(&head, &format!("[{id}]")),
        three(&head, &format!("{id}x")),
        three(&head, r#"{"nonce":1,"nonce":2}"#),
        format!("{}.x", three(&head, &id)),
        three(&head, &id).rsplit_once('.').unwrap().0.to_owned(),
        format!("{}.{}.c", encode(&head), id.len()),
        "v4.public.payload".to_owned(),
        "a.b.c".to_owned(),
        "..".to_owned(),
    ] {
        assert_eq!(by_look(&opaque), TAKEN, "{opaque}");
    }
}

#[test]
fn an_ended_or_inactive_token_is_as_before() {
    assert_eq!(by_introspection(&claims(&json!({ "exp": 1 }))), "inactive");
    let inactive = json!({ "active": false, "typ": "ID", "nonce": "n" }).to_string();
    let answer = parse_introspection_response(&Response::new(200, &inactive), &Redaction::unknown(), NOW).unwrap();
    assert!(matches!(answer, Introspection::Inactive));
    // What is wrong with the answer beside is not the server's fault then.
    assert_eq!(by_introspection(&json!({ "typ": "Refresh", "scope": 7 })), REFRESH);
}

#[test]
fn an_api_may_want_rfc_9068_alone() {
    for (typ, is_marked) in [("at+jwt", true), ("AT+JWT", true), ("application/at+jwt", true), ("JWT", false)] {
        let token = token(&with(header(), "typ", json!(typ)), &claims(&json!({})));
        let judged = Jwt::require(&token).unwrap().require_at_jwt();
        assert_eq!(judged.is_ok(), is_marked, "{typ}");
    }
    // As long as `application/`, and something else.
    let stranger = token(&with(header(), "typ", json!("exclamation/at+jwt")), &claims(&json!({})));
    assert!(Jwt::require(&stranger).is_err());
    let token = token(&without(header(), "typ"), &claims(&json!({})));
    let error = Jwt::require(&token).unwrap().require_at_jwt().unwrap_err();
    assert_eq!((error.code().as_str(), error.category().as_str()), ("token_invalid", "rejected"));
    assert_eq!(error.message(), "the token's `typ` is not `at+jwt`");
    assert!(error.hint().contains("the option `typ: \"at+jwt\"`"), "{}", error.hint());
}

/// What servers gave in November 2026, by what it is.
#[test]
fn tokens_of_real_servers_are_told_apart() {
    let recorded: Vec<Value> = serde_json::from_str(include_str!("../../vectors/servers/tokens.json")).unwrap();
    assert_eq!(recorded.len(), 45);
    for token in &recorded {
        let (header, claims) = (with(token["header"].clone(), "alg", json!("RS256")), &token["claims"]);
        let name = format!("{} {}", token["server"], token["case"]);
        let audience: Vec<&str> = match &claims["aud"] {
            Value::Array(names) => names.iter().map(|name| name.as_str().unwrap()).collect(),
            name => name.as_str().into_iter().collect(),
        };
        let time = claims["exp"].as_i64().or_else(|| claims["iat"].as_i64()).unwrap_or(1_795_850_000);
        let now = Timestamp::from_millis((time - 60) * 1000);
        let issuer = claims["iss"].as_str().unwrap();
        let signed = signed(&header.to_string(), &claims.to_string());
        let judged = Jwt::require(&signed).and_then(|jwt| check_claims(&jwt, issuer, &audience, now, None));
        let message = judged.as_ref().map_or_else(|error| error.message(), |_| TAKEN);
        let (look, answer) = (by_look(&signed), by_introspection(claims));
        match token["kind"].as_str().unwrap() {
            "dpop" => assert_eq!((message, look.as_str(), answer.as_str()), (BOUND, BOUND, BOUND), "{name}"),
            "access" => {
                let expected = match &claims["aud"] {
                    Value::Null => "the token names no audience",
                    Value::Array(names) if names.is_empty() => "the token names no audience",
                    _ => TAKEN,
                };
                assert_eq!((message, look.as_str()), (expected, TAKEN), "{name}");
                assert!([TAKEN, "inactive"].contains(&answer.as_str()), "{name}: {answer}");
            }
            "userinfo" => assert_eq!((message, look.as_str()), ("the token has no `exp`", TAKEN), "{name}"),
            kind => {
                let expected = match kind {
                    "id" => ID,
                    "refresh" => REFRESH,
                    "logout" => LOGOUT,
                    "jarm" => CODE,
                    _ => panic!("{name}: {kind}"),
                };
                assert_eq!((message, look.as_str(), answer.as_str()), (expected, expected, expected), "{name}");
            }
        }
    }
}

/// What is made of each, a line a token: as a JWT whose signature is good, before anybody is asked
/// about it, and by an introspection that says the same.
#[test]
fn recorded_tokens_are_what_each_line_says() {
    let recorded: Vec<Value> = serde_json::from_str(include_str!("../../vectors/servers/tokens.json")).unwrap();
    let line = |token: &Value| {
        let (header, claims) = (with(token["header"].clone(), "alg", json!("RS256")), &token["claims"]);
        let audience: Vec<&str> = match &claims["aud"] {
            Value::Array(names) => names.iter().map(|name| name.as_str().unwrap()).collect(),
            name => name.as_str().into_iter().collect(),
        };
        let time = claims["exp"].as_i64().or_else(|| claims["iat"].as_i64()).unwrap_or(1_795_850_000);
        let now = Timestamp::from_millis((time - 60) * 1000);
        let signed = signed(&header.to_string(), &claims.to_string());
        let issuer = claims["iss"].as_str().unwrap();
        let judged = Jwt::require(&signed).and_then(|jwt| check_claims(&jwt, issuer, &audience, now, None));
        let as_jwt = match judged {
            Ok(claims) => format!("taken, scope {:?}", claims.scope.unwrap_or_default()),
            Err(error) => format!("{}: {}", error.code().as_str(), error.message()),
        };
        let (look, answer) = (by_look(&signed), by_introspection(claims));
        let kind = token["kind"].as_str().unwrap();
        format!("{kind} | as a JWT: {as_jwt} | before asking: {look} | by introspection: {answer}")
    };
    let mut seen: Vec<String> = Vec::new();
    let named: Vec<Value> = recorded
        .iter()
        .map(|token| {
            let name = format!("{} {}", token["server"], token["case"]);
            let number = seen.iter().filter(|other| **other == name).count() + 1;
            seen.push(name);
            let case = token["case"].as_str().unwrap();
            let case = if number == 1 { case.to_owned() } else { format!("{case} ({number})") };
            with(token.clone(), "case", json!(case))
        })
        .collect();
    let made: Vec<(&Value, String)> = named.iter().map(|token| (token, line(token))).collect();
    assert_lines("tokens.txt", &made);
}
