//! Recordings and fixtures of other programs (HAR, Pact), and bodies of forms. Whatever their bytes are, they are read or
//! rejected.
//!
//! The first byte of an input selects what it is.

#![no_main]

#[path = "../seeds.rs"]
mod seeds;

use std::sync::LazyLock;

use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method};
use jiff::Timestamp;
use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use standin::api::Gateways;
use standin::diagnostics::SourceFile;
use standin::fixtures::read::read;
use standin::openapi::ApiFolder;
use standin::pipeline::{Engine, Session};
use standin::request::{Clock, QuirkFlags, Request, State};

const SEEDS: [&str; 4] = [
    r#"{"log":{"version":"1.2","creator":{"name":"a","version":"1"},"entries":[{"startedDateTime":"2026-02-08T10:00:00Z","time":1,"request":{"method":"POST","url":"http://a/orders?x=1","httpVersion":"HTTP/1.1","headers":[{"name":"Content-Type","value":"application/json"}],"queryString":[{"name":"x","value":"1"}],"cookies":[],"headersSize":-1,"bodySize":2,"postData":{"mimeType":"application/json","text":"{}"}},"response":{"status":201,"statusText":"Created","httpVersion":"HTTP/1.1","headers":[],"cookies":[],"content":{"size":2,"mimeType":"application/json","text":"e30=","encoding":"base64"},"redirectURL":"","headersSize":-1,"bodySize":2},"cache":{},"timings":{"send":0,"wait":0,"receive":0}}]}}"#,
    r#"{"consumer":{"name":"a"},"provider":{"name":"b"},"interactions":[{"description":"d","providerStates":[{"name":"s","params":{}}],"request":{"method":"GET","path":"/orders","query":{"x":["1"]}},"response":{"status":200,"headers":{"Content-Type":"application/json"},"body":[{"id":"1"}],"matchingRules":{"body":{"$[0].id":{"matchers":[{"match":"type"}]}}}}}],"metadata":{"pactSpecification":{"version":"3.0.0"}}}"#,
    "item=tea&count=2&lines[0][sku]=a&lines[0][price]=1.5&tags[]=x&tags[]=y&PhoneNumber=%2B1555",
    "--b\r\nContent-Disposition: form-data; name=\"item\"\r\n\r\ntea\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\nx\r\n--b--\r\n",
];

const CONTRACT: &str = r##"
openapi: 3.0.0
info: {title: orders, version: "1"}
paths:
  /orders:
    post:
      requestBody:
        content:
          application/x-www-form-urlencoded: {schema: {$ref: "#/components/schemas/Order"}}
          multipart/form-data: {schema: {$ref: "#/components/schemas/Order"}}
      responses: {"201": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}}
components:
  schemas:
    Order:
      type: object
      properties:
        item: {type: string}
        count: {type: integer}
        tags: {type: array, items: {type: string}}
        lines: {type: array, items: {type: object, properties: {sku: {type: string}, price: {type: number}}}}
        file: {type: string, format: binary}
"##;

static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let contracts = vec![SourceFile::new("orders.yaml", CONTRACT)];
    Engine::new(&ApiFolder { contracts, ..ApiFolder::default() }).expect("the contract is valid")
});

fuzz_target!(|input: &[u8]| {
    let Some((kind, text)) = input.split_first() else { return };
    match kind % 4 {
        0 => drop(read(&SourceFile::new("a.har", String::from_utf8_lossy(text)), &Gateways::default())),
        1 => drop(read(&SourceFile::new("a.pact.json", String::from_utf8_lossy(text)), &Gateways::default())),
        2 => send("application/x-www-form-urlencoded", text),
        _ => send("multipart/form-data; boundary=b", text),
    }
});

fn send(content_type: &'static str, body: &[u8]) {
    let headers = HeaderMap::from_iter([
        (CONTENT_TYPE, HeaderValue::from_static(content_type)),
        (AUTHORIZATION, HeaderValue::from_static("Bearer any")),
    ]);
    let at = Timestamp::UNIX_EPOCH;
    let request =
        Request { method: Method::POST, path: "/orders".into(), query: None, headers, body: body.to_vec().into(), at };
    let state = State::new(0, Clock::Frozen(at), QuirkFlags::default(), Default::default());
    let status = ENGINE.answer(&Session::new(state), &request).status;
    assert!(status.as_u16() < 500, "{status}");
}

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    seeds::mutate(data, size, max_size, seed, &SEEDS)
});
