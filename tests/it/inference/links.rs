//! Links inside records.

use serde_json::json;

use super::{api, documented_only};

const BOATS: &str = "
openapi: 3.0.3
servers: [{url: https://api.harbour.test/v2}]
paths:
  /ports/{port}/boats:
    post:
      requestBody: {content: {application/json: {schema: {type: object, properties: {name: {type: string}, url: {type: string}}}}}}
      responses: {'201': &boat {content: {application/json: {example: {
        id: b1, name: Ann, url: 'https://api.harbour.test/v2/ports/oslo/boats/b1?full=1', page: 'https://harbour.test/fleet/b1.html',
        path: /v2/ports/oslo/boats/b1, flag: 'https://harbour.test/flags/no', _links: {self: {href: 'https://api.harbour.test/v2/ports/oslo/boats/b1'}}}}}}}
  /ports/{port}/boats/{id}:
    get: {responses: {'200': *boat}}
";

#[test]
fn links_of_a_new_record_lead_to_it_on_the_host_that_was_called() {
    let served = api(BOATS);
    let headers = [("host", "mock.test:8080"), ("content-type", "application/json")];
    let made = served.send("POST", "/v2/ports/kiel/boats", &headers, r#"{"name": "Bea"}"#).json();
    let path = format!("/v2/ports/kiel/boats/{}", made["id"].as_str().expect("an id"));
    assert_eq!(made["path"], path);
    assert_eq!(made["_links"]["self"]["href"], format!("http://mock.test:8080{path}"));
    assert_eq!(made["page"], format!("https://harbour.test/fleet/{}.html", made["id"].as_str().expect("an id")));
    assert_eq!(made["flag"], "https://harbour.test/flags/no");
    assert_eq!(served.get(&path).json(), made);
}

#[test]
fn a_link_that_was_sent_is_kept() {
    let sent = json!({"name": "Bea", "url": "https://api.harbour.test/v2/ports/oslo/boats/b1"});
    let made = api(BOATS).post("/v2/ports/oslo/boats", &sent.to_string()).json();
    assert_eq!(made["url"], sent["url"]);
    let documented = documented_only(BOATS).post("/v2/ports/oslo/boats", r#"{"name": "Bea"}"#).json();
    assert_eq!(documented["path"], "/v2/ports/oslo/boats/b1");
}
