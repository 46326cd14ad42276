//! A token by client credentials: the request, and what its answer says, beside the `oauth2` crate.

use std::cell::Cell;
use std::convert::Infallible;
use std::hint::black_box;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use edge_credentials::{Client, Request, Response, Timestamp, Token, Url, build_token_request, parse_token_response};
use oauth2::basic::{BasicClient, BasicTokenResponse};
use oauth2::{
    ClientId, ClientSecret, EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, Scope, TokenResponse, TokenUrl,
    http,
};

const ENDPOINT: &str = "https://idp.example/oauth/v2/token";
const ID: &str = "service-user@acme.zitadel.cloud";
const SECRET: &str = "8Hb2kLq0PZr5sTn7vWx1yAc3dEf4gJh6";
const SCOPES: [&str; 3] = ["openid", "profile", "urn:zitadel:iam:org:project:id:zitadel:aud"];
const FORM: &str =
    "grant_type=client_credentials&scope=openid+profile+urn%3Azitadel%3Aiam%3Aorg%3Aproject%3Aid%3Azitadel%3Aaud";
const AUTHORIZATION: &str =
    "Basic c2VydmljZS11c2VyJTQwYWNtZS56aXRhZGVsLmNsb3VkOjhIYjJrTHEwUFpyNXNUbjd2V3gxeUFjM2RFZjRnSmg2";
const NOW: i64 = 1_800_000_000_000;

type Peer = BasicClient<EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

fn ours() -> Client {
    let endpoint = Url::parse(ENDPOINT).unwrap();
    Client::new(endpoint, ID, SECRET).unwrap().with_scope(&SCOPES.join(" ")).unwrap()
}

fn peer() -> Peer {
    BasicClient::new(ClientId::new(ID.to_owned()))
        .set_client_secret(ClientSecret::new(SECRET.to_owned()))
        .set_token_uri(TokenUrl::new(ENDPOINT.to_owned()).unwrap())
}

/// As long as ZITADEL's opaque tokens are.
fn access_token() -> String {
    "kPz3".repeat(26)
}

fn answer() -> String {
    format!(r#"{{"access_token":"{}","token_type":"Bearer","expires_in":43199}}"#, access_token())
}

fn our_answer(body: &str) -> Response<'_> {
    Response::new(200, body).with_header("content-type", "application/json")
}

fn peer_answer() -> HttpResponse {
    let response = http::Response::builder().status(200).header(http::header::CONTENT_TYPE, "application/json");
    response.body(answer().into_bytes()).unwrap()
}

fn parse(request: &Request, body: &str) -> Token {
    let now = Timestamp::from_millis(NOW);
    parse_token_response(&our_answer(body), &request.redaction(), now, now).unwrap()
}

/// The client has no scopes of its own, so each request is given them, as its documentation has it.
fn ask<E: std::error::Error + 'static>(
    client: &Peer,
    send: &impl Fn(HttpRequest) -> Result<HttpResponse, E>,
) -> Option<BasicTokenResponse> {
    let scopes = SCOPES.map(|scope| Scope::new(scope.to_owned()));
    client.exchange_client_credentials().add_scopes(scopes).request(send).ok()
}

/// Whatever is measured below has done its work here.
fn check() {
    let request = build_token_request(&ours());
    assert_eq!((request.method(), request.url(), request.body()), ("POST", ENDPOINT, Some(FORM)));
    assert!(request.headers().any(|header| header == ("authorization", AUTHORIZATION)));
    assert_eq!(parse(&request, &answer()).access_token.expose(), access_token());

    let token = ask(&peer(), &|request: HttpRequest| {
        assert_eq!((request.method().as_str(), request.uri().to_string().as_str()), ("POST", ENDPOINT));
        assert_eq!(request.headers()[http::header::AUTHORIZATION], AUTHORIZATION);
        assert_eq!(request.body(), FORM.as_bytes());
        Ok::<_, Infallible>(peer_answer())
    });
    assert_eq!(token.unwrap().access_token().secret(), &access_token());
}

fn token(c: &mut Criterion) {
    check();
    let (ours, peer) = (ours(), peer());
    let (our_body, peer_answer) = (answer(), peer_answer());
    let our_request = build_token_request(&ours);

    c.bench_function("token/build/edge-credentials", |b| b.iter(|| build_token_request(black_box(&ours))));
    // It builds only what it sends at once, so the closure takes the request and has no answer.
    c.bench_function("token/build/oauth2", |b| {
        b.iter(|| {
            ask(black_box(&peer), &|request| {
                black_box(request);
                Err(std::fmt::Error)
            })
        });
    });
    c.bench_function("token/parse/edge-credentials", |b| {
        b.iter(|| parse(black_box(&our_request), black_box(&our_body)))
    });
    c.bench_function("token/both/edge-credentials", |b| {
        b.iter(|| parse(&build_token_request(black_box(&ours)), black_box(&our_body)));
    });
    c.bench_function("token/both/oauth2", |b| {
        // The answer it is handed is made outside of what is measured, as ours is.
        let answer = || Cell::new(Some(peer_answer.clone()));
        let run = |answer: Cell<Option<HttpResponse>>| {
            ask(black_box(&peer), &|request| {
                black_box(request);
                answer.take().ok_or(std::fmt::Error)
            })
        };
        b.iter_batched(answer, run, BatchSize::SmallInput);
    });
}

criterion_group!(benches, token);
criterion_main!(benches);
