//! Gateways, routes, tokens, and the errors of each dialect.

use http::Method;
use serde_json::{Value, json};
use standin::api::{RouteMatch, Routes};
use standin::diagnostics::SourceFile;
use standin::openapi::{ApiFolder, Contract};

use crate::vocabulary::{BUSINESS, CLIENT, CLIENT_PACKAGE, observed};

const PLATFORM: &str = "/api2/platform/v1/clients";
const BUSINESS_PATH: &str = "/api2/business/payments/v1/taxes";

#[test]
fn no_prefix_and_apigw_are_the_main_gateway_and_api2_is_the_fallback() {
    let mock = observed();
    let path = format!("/business/payments/v1/client_packages/{CLIENT_PACKAGE}");
    for (prefix, status) in [("", 401), ("/apigw", 401), ("/api2", 200)] {
        mock.call("staff", "GET", &format!("{prefix}{path}"), Value::Null).expect(status);
    }
    for prefix in ["", "/apigw", "/api2"] {
        mock.call("staff", "GET", &format!("{prefix}/platform/v1/clients"), Value::Null).expect(200);
    }
    mock.call("staff", "GET", "/apigwplatform/v1/clients", Value::Null).expect(404);
}

#[test]
fn every_authorization_scheme_is_accepted() {
    let mock = observed();
    let token = mock.credentials.token("staff").expect("a token").to_owned();
    for form in ["Bearer {}", "bearer {}", "Token {}", "Token token=\"{}\"", "Token token={}", "Admin {}"] {
        let value = form.replace("{}", &token);
        mock.send("GET", PLATFORM, &[("authorization", &value)], "").expect(200);
    }
}

#[test]
fn missing_malformed_or_unknown_token_is_401_in_the_dialect_of_the_path() {
    let mock = observed();
    let bad: [&[(&str, &str)]; 6] = [
        &[],
        &[("authorization", "")],
        &[("authorization", "Bearer")],
        &[("authorization", "Bearer nobody")],
        &[("authorization", "Basic c3RhZmY6eA==")],
        &[("authorization", "staff-harmony-7c1e94d0")],
    ];
    for headers in bad {
        let seen = mock.send("GET", PLATFORM, headers, "").expect(401);
        assert_eq!(seen.body, json!({"status": "Error", "error": "Unauthorized"}));
        let seen = mock.send("GET", BUSINESS_PATH, headers, "").expect(401);
        assert_eq!(
            seen.body,
            json!({"success": false, "errors": [{"code": "unauthorized", "message": "401 Unauthorized"}]})
        );
    }
}

#[test]
fn client_token_is_a_readable_jwt() {
    use base64::Engine as _;
    let mock = observed();
    let created = mock.staff("POST", "/platform/v1/clients", json!({"first_name": "Ada"})).expect(201);
    let client = created.text("/data/client/id");
    for (token, entity) in [
        (mock.credentials.token("client").expect("a token").to_owned(), CLIENT),
        (created.text("/data/token"), &client),
    ] {
        let parts: Vec<&str> = token.split('.').collect();
        let [_, payload, _] = parts.as_slice() else { panic!("{token}") };
        let payload = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload).expect("base64");
        let payload: Value = serde_json::from_slice(&payload).expect("JSON");
        assert_eq!((&payload["type"], &payload["entity_uid"]), (&json!("client"), &json!(entity)));
        assert_eq!(payload["extra"]["business_uid"], BUSINESS);
        assert_eq!(payload["jti"].as_str().map(str::len), Some(64));
        let services = format!("/api2/platform/v1/services?business_id={BUSINESS}");
        mock.send("GET", &services, &[("authorization", &format!("Bearer {token}"))], "").expect(200);
        mock.send("GET", PLATFORM, &[("authorization", &format!("Bearer {token}"))], "").expect(422);
    }
}

#[test]
fn directory_token_can_name_its_business_by_uid_nickname_or_external_id() {
    let mock = observed();
    let token = format!("Bearer {}", mock.credentials.token("directory").expect("a token"));
    for name in [BUSINESS, "harmony-music", "EXT-1001"] {
        let seen = mock.send("GET", PLATFORM, &[("authorization", &token), ("x-on-behalf-of", name)], "").expect(200);
        assert_eq!(seen.text("/data/clients/0/business_uid"), BUSINESS);
    }
    let in_query = format!("{PLATFORM}?business_id={BUSINESS}");
    mock.send("GET", &in_query, &[("authorization", &token)], "").expect(200);
}

#[test]
fn directory_token_without_or_with_foreign_business_is_unauthorized() {
    let mock = observed();
    let token = format!("Bearer {}", mock.credentials.token("directory").expect("a token"));
    let seen = mock.send("GET", PLATFORM, &[("authorization", &token)], "").expect(422);
    assert_eq!(seen.body, json!({"status": "Error", "error": "Unauthorized"}));
    let seen = mock.send("GET", BUSINESS_PATH, &[("authorization", &token)], "").expect(401);
    assert_eq!(seen.text("/errors/0/message"), "Unauthorized");
    for foreign in ["5e0d7a3b91c6f284", "no-such-business"] {
        let seen =
            mock.send("GET", PLATFORM, &[("authorization", &token), ("x-on-behalf-of", foreign)], "").expect(401);
        assert_eq!(seen.body, json!({"error": "Unauthorized"}));
    }
}

#[test]
fn records_of_another_business_are_not_found() {
    let mock = observed();
    let rival = |path: &str| mock.call("staff_rival", "GET", &format!("/api2{path}"), Value::Null);
    rival(&format!("/platform/v1/clients/{CLIENT}")).expect(404);
    rival(&format!("/business/payments/v1/client_packages/{CLIENT_PACKAGE}")).expect(404);
    rival("/business/payments/v1/products/e9kj4xw0tvy2hqsd").expect(422);
    let clients = rival("/platform/v1/clients").expect(200);
    assert!(
        clients.at("/data/clients").as_array().expect("a list").iter().all(|client| client["business_uid"] != BUSINESS)
    );
}

#[test]
fn unknown_path_is_404_in_its_dialect_and_names_the_nearest_route() {
    let mock = observed();
    let seen = mock.get("/platform/v1/payment/pakages").expect(404);
    assert_eq!(seen.header("x-standin-nearest"), "GET /platform/v1/payment/packages");
    assert_eq!(seen.text("/status"), "Error");
    let seen = mock.get(&format!("/business/payments/v1/client_package/{CLIENT_PACKAGE}")).expect(404);
    assert_eq!(seen.header("x-standin-nearest"), "GET /business/payments/v1/client_packages/{uid}");
    assert_eq!(seen.at("/success"), false);
    for (path, near) in [
        ("/api2//platform/v1/clients", Some("GET /platform/v1/clients")),
        ("/v1/platform/v1/client", Some("GET /platform/v1/clients")),
        ("/platform/clients", Some("GET /platform/v1/clients")),
        ("/nowhere", None),
    ] {
        let seen = mock.send("GET", path, &[], "").expect(404);
        assert_eq!(Some(seen.header("x-standin-nearest")).filter(|near| !near.is_empty()), near, "{path}");
    }
}

#[test]
fn token_is_found_among_other_parameters_and_empty_on_behalf_of_is_ignored() {
    let mock = observed();
    let token = |name: &str| mock.credentials.token(name).expect("a token").to_owned();
    for written in [
        format!("Token {}", token("staff")),
        format!("Token token=\"{}\"", token("staff")),
        format!("Token email=\"ada@example.com\", token=\"{}\"", token("staff")),
        format!("Token token=\"{}\", email=\"ada@example.com\"", token("staff")),
    ] {
        mock.send("GET", "/api2/platform/v1/clients", &[("authorization", &written)], "").expect(200);
    }
    let headers = [("authorization", &*format!("Bearer {}", token("directory"))), ("x-on-behalf-of", "")];
    let path = format!("/api2/platform/v1/clients?business_id={BUSINESS}");
    mock.send("GET", &path, &headers, "").expect(200);
}

#[test]
fn main_gateway_rejects_unknown_paths_of_business_payments() {
    let mock = observed();
    mock.call("staff", "GET", "/apigw/business/payments/v1/not_in_any_contract", Value::Null).expect(401);
    mock.call("staff", "GET", "/api2/business/payments/v1/not_in_any_contract", Value::Null).expect(404);
}

#[test]
fn main_gateway_rejects_before_the_business_is_checked() {
    let mock = observed();
    let token = format!("Bearer {}", mock.credentials.token("directory_rival").expect("a token"));
    let headers = [("authorization", token.as_str()), ("x-on-behalf-of", BUSINESS)];
    let seen = mock.send("GET", "/apigw/business/payments/v1/payment_requests", &headers, "").expect(401);
    assert_eq!(seen.quirks(), "gateway-refuses-business-payments");
    mock.send("GET", "/apigw/platform/v1/payment/packages", &headers, "").expect(422);
}

#[test]
fn unknown_method_is_405_with_allow_and_options_is_204() {
    let mock = observed();
    let seen = mock.staff("PATCH", "/platform/v1/clients", Value::Null).expect(405);
    assert_eq!(seen.header("allow"), "GET, HEAD, OPTIONS, POST");
    let seen = mock.send("OPTIONS", PLATFORM, &[], "").expect(204);
    assert_eq!(seen.header("allow"), "GET, HEAD, OPTIONS, POST");
    assert!(seen.bytes.is_empty());
}

#[test]
fn head_is_served_as_get() {
    let mock = observed();
    let get = mock.get("/platform/v1/clients").expect(200);
    assert_eq!(mock.staff("HEAD", "/platform/v1/clients", Value::Null).expect(200).bytes, get.bytes);
}

#[test]
fn trailing_slash_and_percent_encoding_do_not_change_the_route() {
    let mock = observed();
    mock.get("/platform/v1/clients/").expect(200);
    mock.get(&format!("/platform/v1/clients/%6B{}", &CLIENT[1..])).expect(200);
    mock.get("/platform/v1/clients/%00%ff%2e%2e").expect(404);
}

#[test]
fn literal_text_around_path_parameters_is_not_captured() {
    let templates = ["/files/{id}", "/files/{id}.json", "/@{name}", "/a/{base}...{head}", "/b/{{c}}"];
    let paths: Value = templates.map(|path| (path.to_owned(), json!({"get": {"responses": {}}}))).into_iter().collect();
    let contracts = vec![SourceFile::new("files.json", json!({"openapi": "3.0.3", "paths": paths}).to_string())];
    let contract = Contract::read(&ApiFolder { contracts, ..ApiFolder::default() }, "").expect("right");
    let mut notes = Vec::new();
    let routes = Routes::new(&contract.operations, &mut notes);
    assert_eq!(notes, []);
    for (path, template, expected) in [
        ("/files/7.json", "/files/{id}.json", &["7"][..]),
        ("/files/7.xml", "/files/{id}", &["7.xml"]),
        ("/@me", "/@{name}", &["me"]),
        ("/a/one...two", "/a/{base}...{head}", &["one", "two"]),
    ] {
        let RouteMatch::Operation(place, values) = routes.find(&Method::GET, path) else {
            panic!("{path} has no route")
        };
        let values: Vec<&str> = values.iter().map(|value| &**value).collect();
        assert_eq!((&*contract.operations[place].path, values.as_slice()), (template, expected));
    }
    assert!(matches!(routes.find(&Method::GET, "/me"), RouteMatch::Nothing(_)));
}
