//! HTTP Archives of browsers and proxies: what `verify` sends of them, and what it compares.

use serde_json::{Value, json};
use standin::diagnostics::SourceFile;
use standin::fixtures::read::{Loaded, read};
use standin::fixtures::verify::{Outcome, Play};
use standin::scenarios::{Credentials, PlainRequest, PlainResponse, Received, Transport};

use crate::vocabulary::ENGINE;

/// The only fixture of an archive with one entry.
fn loaded(request: Value, response: Value) -> Loaded {
    let archive = json!({"log": {"version": "1.2", "entries": [{"request": request, "response": response}]}});
    let file = SourceFile::new("site.har", archive.to_string());
    let mut all = read(&file, &ENGINE.api().gateways).expect("an archive");
    assert_eq!(all.len(), 1);
    all.remove(0)
}

/// The request that is sent for a request of an archive.
fn sent(request: Value) -> PlainRequest {
    loaded(request, json!({"status": 200, "content": {"size": 0}})).fixture.point.request
}

fn posted(headers: &[(&str, &str)], data: Value) -> (String, String) {
    let headers: Vec<Value> = headers.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
    let url = "https://api.example.com/things";
    let request = sent(json!({"method": "POST", "url": url, "headers": headers, "postData": data}));
    let body = String::from_utf8(request.body_bytes()).expect("text");
    (request.header("content-type").unwrap_or_default().to_owned(), body)
}

#[test]
fn the_fields_of_a_form_are_sent_as_a_form_where_its_text_is_missing() {
    let kind = "application/x-www-form-urlencoded";
    let params = json!([{"name": "user", "value": "a b&c"}, {"name": "pass", "value": "p=1"}]);
    let (content_type, body) = posted(&[("Content-Type", kind)], json!({"mimeType": kind, "params": params}));
    assert_eq!((content_type.as_str(), body.as_str()), (kind, "user=a+b%26c&pass=p%3D1"));
    // The type may stand only beside the fields, or nowhere.
    assert_eq!(posted(&[], json!({"mimeType": kind, "params": params})), (content_type.clone(), body.clone()));
    assert_eq!(posted(&[], json!({"text": "", "params": params})), (content_type, body));
}

#[test]
fn the_files_of_a_multipart_form_are_sent_with_its_boundary() {
    let kind = "multipart/form-data; boundary=----W";
    let file = json!({"name": "a \"file\"", "fileName": "a.txt", "contentType": "text/plain", "value": "hello"});
    let params = json!([file, {"name": "n", "value": "1"}]);
    let (content_type, body) = posted(&[("content-type", kind)], json!({"mimeType": kind, "params": params}));
    assert_eq!(content_type, kind);
    let first = "Content-Disposition: form-data; name=\"a %22file%22\"; filename=\"a.txt\"\r\nContent-Type: text/plain";
    let second = "Content-Disposition: form-data; name=\"n\"";
    let expected = format!("------W\r\n{first}\r\n\r\nhello\r\n------W\r\n{second}\r\n\r\n1\r\n------W--\r\n");
    assert_eq!(body, expected);
}

#[test]
fn a_multipart_form_without_a_boundary_gets_one_that_no_field_contains() {
    let params = json!([{"name": "n", "value": "--form-boundary"}]);
    let (content_type, body) = posted(&[], json!({"mimeType": "multipart/form-data", "params": params}));
    let boundary = content_type.strip_prefix("multipart/form-data; boundary=").expect("a boundary");
    assert_eq!(body.matches(&format!("--{boundary}")).count(), 2, "{body}");
}

#[test]
fn text_of_a_request_is_sent_as_it_is() {
    let text = |kind: &str, text: &str| posted(&[("Content-Type", kind)], json!({"mimeType": kind, "text": text})).1;
    assert_eq!(text("application/x-www-form-urlencoded", "foo0=bar0&foo1=bar%201"), "foo0=bar0&foo1=bar%201");
    assert_eq!(text("text/plain", "1.50"), "1.50");
    assert_eq!(text("text/plain", "\"quoted\""), "\"quoted\"");
    assert_eq!(text("application/json; charset=utf-8", "\"quoted\""), "\"quoted\"");
    assert_eq!(text("application/json", "{\"a\": 1}"), "{\"a\":1}");
    let encoded = json!({"mimeType": "text/plain", "text": "aGVsbG8=", "encoding": "base64"});
    assert_eq!(posted(&[("Content-Type", "text/plain")], encoded).1, "hello");
}

#[test]
fn a_query_is_sent_once_wherever_it_stands() {
    let list = json!([{"name": "q", "value": "a b"}, {"name": "tag", "value": "x"}, {"name": "tag", "value": "y"}]);
    for (url, query) in [
        ("https://api.example.com/search?q=a%20b&tag=x&tag=y", json!([])),
        ("https://api.example.com/search?q=a%20b&tag=x&tag=y#top", list.clone()),
        ("https://api.example.com/search", list),
    ] {
        let request = sent(json!({"method": "get", "url": url, "queryString": query}));
        assert_eq!((request.method.as_str(), request.target().as_str()), ("GET", "/search?q=a%20b&tag=x&tag=y"));
    }
}

#[test]
fn headers_of_the_connection_and_of_http_2_are_not_sent() {
    let names = [":method", ":authority", ":path", "Host", "Content-Length", "Accept-Encoding", "X-Kept"];
    let headers: Vec<Value> = names.iter().map(|name| json!({"name": name, "value": "x"})).collect();
    let request = sent(json!({"method": "GET", "url": "https://api.example.com/", "headers": headers}));
    assert_eq!(request.headers, [("x-kept".to_owned(), "x".to_owned())]);
}

/// A server with one response.
struct Fixed(PlainResponse);

impl Transport for Fixed {
    fn send(&mut self, _: &PlainRequest, _: &Credentials) -> Result<Received, String> {
        Ok(Received { response: self.0.clone(), quirks: Vec::new(), conforms: None })
    }
}

/// Whether a response matches the content of an archive.
fn holds(content: Value, content_type: &str, body: &[u8]) -> bool {
    let loaded = loaded(
        json!({"method": "GET", "url": "https://api.example.com/a"}),
        json!({"status": 200, "content": content}),
    );
    let headers = vec![("content-type".to_owned(), content_type.to_owned())];
    let mut server = Fixed(PlainResponse::new(200, headers, body));
    let mut play = Play { credentials: &Credentials::default(), writes: false, prepare: None };
    matches!(play.play(&loaded, &mut server).outcome, Outcome::Held)
}

#[test]
fn contents_in_base64_are_decoded_before_they_are_compared() {
    let packed = json!({"size": 7, "mimeType": "application/json", "encoding": "base64", "text": "eyJuIjoxfQ=="});
    assert!(holds(packed.clone(), "application/json", b"{\"n\": 2}"));
    assert!(!holds(packed, "application/json", b"{\"n\": \"2\"}"));
    let picture = json!({"size": 4, "mimeType": "image/png", "encoding": "base64", "text": "iVBORw=="});
    assert!(holds(picture.clone(), "image/png", b"\x89PNG"));
    assert!(!holds(picture, "image/png", b"\x89PNX"), "bytes are compared");
}

#[test]
fn bodies_that_an_archive_leaves_out_are_not_compared() {
    let left_out = json!({"size": 120, "mimeType": "application/json"});
    assert!(holds(left_out, "application/json", b"{\"n\": 2}"));
    assert!(!holds(json!({"size": 0}), "application/json", b"{\"n\": 2}"));
}
