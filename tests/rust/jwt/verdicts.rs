//! Which token `tokenVerifier` accepts, by all that it requires: as a JWT, and by an introspection.

use crate::support::calls::{call, given};
use crate::support::tokens::{API, ISSUER, NOW, claims, encode, with, without};
use serde_json::{Value, json};

const TAKEN: &str = "taken";
const TENANTS: &str = "https://idp.example/{tenantid}/v2.0";

/// The message, and the first words of the hint.
type Verdict = (String, String);

fn verdict(given: Result<Vec<String>, Value>) -> Verdict {
    match given {
        Ok(_) => (TAKEN.to_owned(), String::new()),
        Err(error) => (error["message"].as_str().unwrap().to_owned(), error["hint"].as_str().unwrap().to_owned()),
    }
}

fn judge(issuer: &str, identity_only: bool, requirements: &Value, claims: &Value) -> Result<Vec<String>, Value> {
    let identity_only = if identity_only { given("") } else { String::new() };
    let now = NOW.as_millis().to_string();
    let (requirements, claims) = (requirements.to_string(), encode(claims.to_string()));
    call("JudgeJwt", &["", &identity_only, issuer, "", &now, &requirements, &claims])
}

fn as_jwt(requirements: &Value, claims: &Value) -> Verdict {
    verdict(judge(ISSUER, false, requirements, claims))
}

fn by_answer(requirements: &Value, jwt: Option<&Value>, answer: &Value) -> Verdict {
    let jwt = jwt.map_or_else(String::new, |claims| given(&encode(claims.to_string())));
    verdict(call("JudgeIntrospection", &[ISSUER, &requirements.to_string(), &jwt, &answer.to_string()]))
}

fn assert_verdict(found: &Verdict, message: &str, hint: &str, name: &str) {
    assert_eq!(found.0, message, "{name}");
    assert!(found.1.starts_with(hint), "{name}: {}", found.1);
}

#[test]
fn an_audience_is_refused_with_the_hint_that_helps() {
    let near = "only letter case or a slash at the end differs";
    let zitadel = "the caller must ask for the scope `urn:zitadel:iam:org:project:id:{projectId}:aud`";
    let others = "the caller must ask for a token for this API";
    let api = "https://api.example/v2";
    for (audience, is_zitadel, message, hint) in [
        (json!([api]), false, TAKEN, ""),
        (json!(["x", api]), false, TAKEN, ""),
        (
            json!(["https://api.example/v2/"]),
            false,
            "the token is meant for `https://api.example/v2/`, not for `https://api.example/v2`",
            near,
        ),
        (
            json!(["https://API.example/v2"]),
            true,
            "the token is meant for `https://API.example/v2`, not for `https://api.example/v2`",
            near,
        ),
        (json!(["other"]), false, "the token is meant for `other`, not for `https://api.example/v2`", others),
        (json!(["other"]), true, "the token is meant for `other`, not for `https://api.example/v2`", zitadel),
        (json!([]), false, "the token names no audience", "let the issuer name this API in `aud`"),
        (json!([]), true, "the token names no audience", zitadel),
        (
            json!(["a", "b", "c", "d"]),
            false,
            "the token is meant for `a`, `b`, `c` and others, not for `https://api.example/v2`",
            others,
        ),
        (
            json!(["a", "b", "c"]),
            false,
            "the token is meant for `a`, `b`, `c`, not for `https://api.example/v2`",
            others,
        ),
        (
            json!(["kTqWmZbXwLcRhYpNvJsD", "a"]),
            false,
            "the token is meant for `a` and others, not for `https://api.example/v2`",
            others,
        ),
    ] {
        let mut requirements = json!({ "audience": [api] });
        if is_zitadel {
            requirements["isZitadel"] = json!(true);
        }
        let found = as_jwt(&requirements, &with(claims(), "aud", audience.clone()));
        assert_verdict(&found, message, hint, &format!("{audience} {is_zitadel}"));
    }
    let found = as_jwt(&json!({ "clientId": ["svc"] }), &with(claims(), "aud", json!(["a"])));
    assert_verdict(&found, "the token is meant for `a`, not for this API", "set `audience`", "no audience is set");
}

#[test]
fn a_token_that_names_no_audience_is_taken_by_its_client() {
    let token = |client: Value| {
        let mut claims = without(without(claims(), "aud"), "client_id");
        for (name, value) in client.as_object().unwrap() {
            claims[name] = value.clone();
        }
        claims
    };
    let clients = json!({ "clientId": ["svc", "other"], "audience": [API] });
    for client in [json!({ "client_id": "svc" }), json!({ "azp": "other" }), json!({ "cid": "svc" })] {
        assert_verdict(&as_jwt(&clients, &token(client.clone())), TAKEN, "", &client.to_string());
    }
    for (client, shown) in [
        (json!({ "client_id": "stranger" }), "`stranger`"),
        (json!({ "client_id": "stranger", "azp": "svc" }), "`stranger`"),
        (json!({}), "none of those accepted"),
    ] {
        let message = format!("the token names no audience, and its client is {shown}");
        assert_verdict(&as_jwt(&clients, &token(client)), &message, "add the client to `clientId`", shown);
    }
    // One that names an audience is still judged by it, and one without is nobody's where no client is set.
    let meant = with(token(json!({ "client_id": "svc" })), "aud", json!("x"));
    assert_eq!(as_jwt(&clients, &meant).0, format!("the token is meant for `x`, not for `{API}`"));
    let nobody = as_jwt(&json!({ "audience": [API] }), &token(json!({ "client_id": "svc" })));
    assert_eq!(nobody.0, "the token names no audience");
}

#[test]
fn of_an_issuer_with_many_tenants_only_those_that_are_accepted() {
    let issuer = |tenant: &str| TENANTS.replace("{tenantid}", tenant);
    let told = |tenants: Value, iss: &str, tid: Value| {
        let requirements = json!({ "audience": [API], "tenants": tenants });
        let claims = with(with(claims(), "iss", json!(iss)), "tid", tid);
        verdict(judge(TENANTS, false, &requirements, &claims)).0
    };
    assert_eq!(told(json!(["a-1"]), &issuer("a-1"), json!("a-1")), TAKEN);
    assert_eq!(told(json!(["b", "a-1"]), &issuer("a-1"), json!("a-1")), TAKEN);
    assert_eq!(told(json!(["any"]), &issuer("a-1"), json!("a-1")), TAKEN);
    let other = "the token is of a tenant that is not accepted";
    assert_eq!(told(json!(["b"]), &issuer("a-1"), json!("a-1")), other);
    assert_eq!(told(json!([]), &issuer("a-1"), json!("a-1")), other);
    let wrong = "the token's `iss` is not the issuer expected";
    for (iss, tid) in [
        // `tid` is of another tenant than `iss`.
        (issuer("a"), json!("b")),
        // What is no name could move the rest of the address.
        (issuer("a/b"), json!("a/b")),
        (issuer("a.b"), json!("a.b")),
        (issuer(""), json!("")),
        (issuer("7"), json!(7)),
        (TENANTS.to_owned(), json!("a")),
        ("https://idp.example/a/v2.0/".to_owned(), json!("a")),
    ] {
        assert_eq!(told(json!(["any", "a", "b"]), &iss, tid.clone()), wrong, "{iss} {tid}");
    }
    // The issuer of one tenant says nothing of tenants.
    let one = with(claims(), "tid", json!("x"));
    assert_eq!(as_jwt(&json!({ "audience": [API], "tenants": ["y"] }), &one).0, TAKEN);
}

#[test]
fn all_that_is_required_has_to_be_met() {
    let roles = "urn:zitadel:iam:org:project:1:roles";
    let token = {
        let token = with(claims(), "scope", json!("read write"));
        let token = with(token, "repository", json!("org/name"));
        let token = with(token, "groups", json!(["admins", "users"]));
        let token = with(token, "resource_access", json!({ "api": { "roles": ["writer"] }, "flat": "reader" }));
        with(token, roles, json!({ "writer": { "9": "acme.example" }, "nobody": {} }))
    };
    let ask = "the caller must ask for it by `scope`, and be permitted it";
    let grant = "grant the user the role in this project";
    let elsewhere = "grant the user the role. Or the roles stand in another claim";
    let permits = "the caller is not one of those that `claims` permits";
    for (required, message, hint) in [
        (json!({}), TAKEN, ""),
        (json!({ "scope": ["read", "write"] }), TAKEN, ""),
        (json!({ "scope": ["read", "delete"] }), "the token lacks the scope `delete`", ask),
        (json!({ "scope": ["rea"] }), "the token lacks the scope `rea`", ask),
        (json!({ "scope": ["kTqWmZbXwLcRhYpNvJsD"] }), "the token lacks a scope that is required", ask),
        (json!({ "claims": [["repository", "org/name"], ["groups", "users"]] }), TAKEN, ""),
        (
            json!({ "claims": [["repository", "org/name"], ["groups", "x"]] }),
            "the token's claim `groups` is not what is required",
            permits,
        ),
        (
            json!({ "claims": [["repository", "org"]] }),
            "the token's claim `repository` is not what is required",
            permits,
        ),
        (json!({ "claims": [["missing", "x"]] }), "the token's claim `missing` is missing, or no text", permits),
        (json!({ "roles": [{ "role": "writer", "project": "1" }] }), TAKEN, ""),
        (json!({ "roles": [{ "role": "writer", "project": "1", "organization": "9" }] }), TAKEN, ""),
        (
            json!({ "roles": [{ "role": "writer", "project": "1", "organization": "8" }] }),
            "the token lacks the role `writer` in the project `1`, granted by the organization `8`",
            grant,
        ),
        (
            json!({ "roles": [{ "role": "writer", "project": "1" }, { "role": "reader", "project": "1" }] }),
            "the token lacks the role `reader` in the project `1`",
            grant,
        ),
        (
            json!({ "roles": [{ "role": "nobody", "project": "1" }] }),
            "the token lacks the role `nobody` in the project `1`",
            grant,
        ),
        (json!({ "roles": [{ "role": "writer" }] }), "a role is required, but of no project", "set `projectId`"),
        (json!({ "roles": [{ "role": "writer" }], "roleClaim": ["resource_access", "api", "roles"] }), TAKEN, ""),
        (json!({ "roles": [{ "role": "reader" }], "roleClaim": ["resource_access", "flat"] }), TAKEN, ""),
        (
            json!({ "roles": [{ "role": "reader" }], "roleClaim": ["resource_access", "api", "roles"] }),
            "the token lacks the role `reader`",
            elsewhere,
        ),
        (
            json!({ "roles": [{ "role": "writer" }], "roleClaim": ["resource_access", "other", "roles"] }),
            "the token lacks the role `writer`: it has no claim `roleClaim`",
            elsewhere,
        ),
        // Once the path has left the objects, nothing that stands further up is meant.
        (
            json!({ "roles": [{ "role": "org/name" }], "roleClaim": ["groups", "repository"] }),
            "the token lacks the role `org/name`: it has no claim `roleClaim`",
            elsewhere,
        ),
    ] {
        let required = with(required, "audience", json!([API]));
        assert_verdict(&as_jwt(&required, &token), message, hint, &required.to_string());
    }
}

#[test]
fn scopes_are_looked_for_where_servers_have_them() {
    let required = |is_zitadel: bool| {
        let required = json!({ "audience": [API], "scope": ["read"] });
        if is_zitadel { with(required, "isZitadel", json!(true)) } else { required }
    };
    let hint = |is_zitadel, claims: &Value| as_jwt(&required(is_zitadel), claims).1;
    let ask = "the caller must ask for it by `scope`, and be permitted it";
    assert_eq!(hint(false, &claims()), ask);
    assert_eq!(hint(true, &claims()), "the token is a JWT without `scope`, as ZITADEL's are: require a role instead");
    assert_eq!(hint(true, &with(claims(), "scope", json!("write"))), ask);
    assert_eq!(by_answer(&required(true), None, &json!({ "aud": API, "token_type": "Bearer" })).1, ask);
}

/// The server says the rest of a token that is asked about all the same.
#[test]
fn of_a_token_that_is_asked_about_only_the_identity_is_judged() {
    let required = json!({ "audience": ["another"], "scope": ["read"], "claims": [["a", "b"]] });
    let judge = |claims: &Value| verdict(judge(ISSUER, true, &required, claims)).0;
    assert_eq!(judge(&claims()), TAKEN);
    assert_eq!(judge(&without(claims(), "aud")), TAKEN);
    assert_eq!(judge(&with(claims(), "exp", json!(7))), "the token has ended");
    assert_eq!(judge(&with(claims(), "iss", json!("x"))), "the token's `iss` is not the issuer expected");
    assert_eq!(judge(&with(claims(), "nonce", json!("n"))), "the token is an id_token, not an access token");
}

#[test]
fn an_accepted_token_gives_its_claims_and_whether_it_names_an_audience() {
    let token = with(claims(), "scope", json!(["read", "write"]));
    let fields = judge(ISSUER, false, &json!({ "audience": [API] }), &token).unwrap();
    assert_eq!(fields, [given(""), given("read write"), token.to_string()]);
    let token = without(claims(), "aud");
    let fields = judge(ISSUER, true, &json!({}), &token).unwrap();
    assert_eq!(fields, [String::new(), String::new(), token.to_string()]);
}

#[test]
fn what_a_server_says_of_a_token_has_to_fit_too() {
    let required = json!({ "audience": [API], "scope": ["read"] });
    let clients = json!({ "clientId": ["svc"] });
    let unmarked = "the token names no audience, and may be no access token";
    let bearer = "the token is not a bearer token";
    let role = json!({ "roles": [{ "role": "writer" }], "audience": [API] });
    let granted = json!({ "aud": API, "urn:zitadel:iam:org:project:roles": { "writer": { "9": "acme.example" } } });
    for (name, required, answer, expected) in [
        ("all is there", &required, json!({ "aud": [API], "scope": "read" }), TAKEN),
        ("of the issuer", &required, json!({ "iss": ISSUER, "aud": [API], "scope": "read" }), TAKEN),
        (
            "of another issuer",
            &required,
            json!({ "iss": "https://other.example", "aud": [API], "scope": "read" }),
            "the token's `iss` is not the issuer expected",
        ),
        ("without the scope", &required, json!({ "aud": [API] }), "the token lacks the scope `read`"),
        (
            "for somebody else",
            &required,
            json!({ "aud": ["x"], "scope": "read" }),
            "the token is meant for `x`, not for `CANARY-audience`",
        ),
        ("for nobody", &required, json!({ "scope": "read" }), "the token names no audience"),
        ("Bearer", &clients, json!({ "client_id": "svc", "token_type": "Bearer" }), TAKEN),
        ("bearer, in small letters", &clients, json!({ "client_id": "svc", "token_type": "bearer" }), TAKEN),
        ("DPoP", &clients, json!({ "client_id": "svc", "token_type": "DPoP" }), bearer),
        ("a type that is no text", &clients, json!({ "client_id": "svc", "token_type": 7 }), bearer),
        ("N_A, for an audience", &required, json!({ "aud": [API], "scope": "read", "token_type": "N_A" }), bearer),
        ("no type and no mark", &clients, json!({ "client_id": "svc" }), unmarked),
        ("marked by `typ`", &clients, json!({ "client_id": "svc", "typ": "Bearer" }), TAKEN),
        ("marked by `token_use`", &clients, json!({ "client_id": "svc", "token_use": "access_token" }), TAKEN),
        ("marked as bound", &clients, json!({ "client_id": "svc", "typ": "DPoP" }), unmarked),
        ("marked as JWT", &clients, json!({ "client_id": "svc", "typ": "JWT" }), unmarked),
        ("a role in whose project asks", &role, granted, TAKEN),
        (
            "no role in whose project asks",
            &role,
            json!({ "aud": API }),
            "the token lacks the role `writer` in the project of whoever introspects",
        ),
    ] {
        assert_eq!(by_answer(required, None, &answer).0, expected, "{name}");
    }
}

#[test]
fn where_the_answer_names_no_audience_that_of_the_token_counts() {
    let required = json!({ "audience": [API] });
    let bearer = |aud: Value| with(json!({ "token_type": "Bearer" }), "aud", aud);
    let none = json!({ "token_type": "Bearer" });
    assert_eq!(by_answer(&required, Some(&claims()), &none).0, TAKEN);
    assert_eq!(by_answer(&required, Some(&claims()), &bearer(json!([]))).0, TAKEN);
    assert_eq!(by_answer(&required, Some(&without(claims(), "aud")), &none).0, "the token names no audience");
    // What the server says goes before what the token says.
    let other = format!("the token is meant for `x`, not for `{API}`");
    assert_eq!(by_answer(&required, Some(&claims()), &bearer(json!("x"))).0, other);
    assert_eq!(by_answer(&required, Some(&with(claims(), "aud", json!("x"))), &bearer(json!(API))).0, TAKEN);
}

#[test]
fn requirements_that_cannot_be_read_accept_nobody() {
    let unreadable = "the requirements are not readable";
    for required in [
        json!([]),
        json!({ "audience": [API], "claims": [["a"]] }),
        json!({ "audience": [API], "claims": ["a"] }),
        json!({ "audience": [API], "roles": ["writer"] }),
    ] {
        assert_eq!(as_jwt(&required, &claims()).0, unreadable, "{required}");
    }
}
