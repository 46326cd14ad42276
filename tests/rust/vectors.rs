//! The vectors of `tests/vectors/`, which JavaScript runs as well (`tests/js/suite/vectors.js`).

use edge_credentials::{
    Client, ClientAuth, Error, Redaction, Request, Response, Timestamp, Url, Validity, WellKnown,
    build_metadata_request, build_token_request, parse_metadata_response, parse_token_response,
};
use serde_json::{Value, json};

const REQUESTED_AT: Timestamp = Timestamp::from_millis(1_700_000_000_000);
const NOW: Timestamp = REQUESTED_AT.plus(500);

#[test]
fn form_encoding() {
    for case in cases("form_encoding") {
        let client = client(&json!({ "params": { "x": case["text"] } })).unwrap();
        let body = build_token_request(&client).body().unwrap().to_owned();
        assert_eq!(body.rsplit('=').next(), case["encoded"].as_str(), "{case}");
    }
}

#[test]
fn token_requests() {
    for case in cases("token_request") {
        let outcome = client(&case["options"]).map(|client| request_json(&build_token_request(&client)));
        assert_outcome(&case, "request", outcome);
    }
}

#[test]
fn token_responses() {
    for case in cases("token_response") {
        let outcome = with_response(&case, |response| {
            parse_token_response(response, &Redaction::unknown(), REQUESTED_AT, NOW).map(|token| {
                json!({
                    "accessToken": token.access_token.expose(),
                    "tokenType": token.token_type,
                    "scope": token.scope,
                    "obtainedAt": token.validity.obtained_at.as_millis(),
                    "expiresAt": token.validity.expires_at.map(Timestamp::as_millis),
                })
            })
        });
        // What JavaScript reads beside; here a flag tells that there is something.
        let mut case = case;
        if let Some(token) = case["token"].as_object_mut() {
            token.remove("extra");
        }
        assert_outcome(&case, "token", outcome);
    }
}

#[test]
fn expiry() {
    for case in cases("expiry") {
        let time = |name: &str| case[name].as_f64().map(|millis| Timestamp::from_millis(millis as i64));
        let validity = Validity { obtained_at: time("obtainedAt").unwrap(), expires_at: time("expiresAt") };
        let leeway = case["leeway"].as_f64().map(|millis| millis as u64);
        let now = time("now").unwrap();
        assert_eq!(validity.is_expired(now, leeway), case["isExpired"], "{case}");
        assert_eq!(json!(validity.time_left(now)), case["timeLeft"], "{case}");
    }
}

#[test]
fn metadata_requests() {
    for case in cases("metadata_request") {
        let options = &case["options"];
        let outcome = issuer(options).and_then(|issuer| {
            let name = options["wellKnown"].as_str().unwrap_or("openid-configuration");
            build_metadata_request(&issuer, WellKnown::from_name(name)?)
        });
        assert_outcome(&case, "request", outcome.map(|request| request_json(&request)));
    }
}

#[test]
fn metadata_responses() {
    for case in cases("metadata_response") {
        let url = |url: Option<Url>| url.map(|url| url.as_str().to_owned());
        let parsed = issuer(&case["context"])
            .and_then(|issuer| with_response(&case, |response| parse_metadata_response(response, &issuer, NOW)));
        let outcome = parsed.map(|metadata| {
            json!({
                "issuer": metadata.issuer,
                "tokenEndpoint": url(metadata.token_endpoint),
                "introspectionEndpoint": url(metadata.introspection_endpoint),
                "revocationEndpoint": url(metadata.revocation_endpoint),
                "jwksUri": url(metadata.jwks_uri),
                "tokenEndpointAuthMethodsSupported": metadata.token_endpoint_auth_methods_supported,
            })
        });
        assert_outcome(&case, "metadata", outcome);
    }
}

fn cases(name: &str) -> Vec<Value> {
    let path = format!("{}/tests/vectors/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).expect(&path);
    let file: Value = serde_json::from_str(&text).expect(&path);
    let cases = file["cases"].as_array().expect(&path);
    assert!(!cases.is_empty(), "{path} has no cases");
    cases.clone()
}

fn client(options: &Value) -> Result<Client, Error> {
    let text = |name: &str, default: &str| options[name].as_str().unwrap_or(default).to_owned();
    let endpoint = text("tokenEndpoint", "https://idp.example/token");
    let endpoint = url(options, &endpoint)?;
    let mut client = Client::new(endpoint, &text("clientId", "id"), text("clientSecret", "secret"))?;
    for scope in strings(&options["scope"]) {
        client = client.with_scope(&scope)?;
    }
    if let Some(name) = options["clientAuth"].as_str() {
        client = client.with_auth(ClientAuth::from_name(name)?);
    }
    for resource in strings(&options["resource"]) {
        client = client.with_resource(&resource)?;
    }
    for (name, value) in options["params"].as_object().into_iter().flatten() {
        client = client.with_param(name, value.as_str().unwrap())?;
    }
    Ok(client)
}

fn issuer(options: &Value) -> Result<Url, Error> {
    url(options, options["issuer"].as_str().unwrap())
}

fn url(options: &Value, text: &str) -> Result<Url, Error> {
    if options["insecureHttp"] == true { Url::parse_insecure(text) } else { Url::parse(text) }
}

fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(texts) => texts.iter().map(|text| text.as_str().unwrap().to_owned()).collect(),
        _ => Vec::new(),
    }
}

fn with_response<T>(case: &Value, read: impl Fn(&Response<'_>) -> T) -> T {
    let response = &case["response"];
    let body = match &response["body"] {
        Value::String(body) => body.clone(),
        body => body["repeat"].as_str().unwrap().repeat(usize::try_from(body["times"].as_u64().unwrap()).unwrap()),
    };
    let status = u16::try_from(response["status"].as_u64().unwrap()).unwrap();
    let headers = response["headers"].as_object().unwrap();
    read(&headers.iter().fold(Response::new(status, &body), |response, (name, value)| {
        response.with_header(name, value.as_str().unwrap())
    }))
}

fn request_json(request: &Request) -> Value {
    let headers: serde_json::Map<_, _> =
        request.headers().map(|(name, value)| (name.to_owned(), json!(value))).collect();
    let mut json =
        json!({ "method": request.method(), "url": request.url(), "headers": headers, "redirect": "manual" });
    if let Some(body) = request.body() {
        json["body"] = json!(body);
    }
    json
}

fn assert_outcome(case: &Value, member: &str, outcome: Result<Value, Error>) {
    match outcome {
        Ok(value) => assert_eq!(value, case[member], "{}", case["name"]),
        Err(error) => {
            let mut expected = case["error"].clone();
            expected["retryable"] = json!(expected["retryable"] == true);
            // JavaScript's messages name the option; natively there is just the address that was
            // parsed.
            let message = expected["message"].as_str().unwrap();
            if let Some(rest) = error.message().strip_prefix("the address ")
                && ["the token endpoint", "the issuer"].iter().any(|what| message == format!("{what} {rest}"))
            {
                expected["message"] = json!(error.message());
            }
            for name in ["error", "errorDescription", "status", "retryAt"] {
                expected[name] = expected[name].clone();
            }
            assert_eq!(error_json(&error), expected, "{}", case["name"]);
        }
    }
}

fn error_json(error: &Error) -> Value {
    json!({
        "code": error.code().as_str(),
        "category": error.category().as_str(),
        "message": error.to_string(),
        "hint": error.hint(),
        "error": error.error(),
        "errorDescription": error.error_description(),
        "status": error.status(),
        "retryable": error.retryable(),
        "retryAt": error.retry_at().map(Timestamp::as_millis),
    })
}
