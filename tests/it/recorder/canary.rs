//! Secrets and personal data go through everything that writes files or logs, and none arrives.

use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::{Value, json};
use standin::diagnostics::SourceFile;
use standin::fixtures::formats;
use standin::fixtures::verify::{self, Play};
use standin::fixtures::{Fixtures, read};
use standin::openapi::ApiFolder;
use standin::pipeline::Engine;
use standin::recorder::{Recorder, RecordingContext, WriteError};
use standin::request::Request;
use standin::scenarios::{Credentials, Remote, Upstream};

use crate::vocabulary::noon;

/// Values that no file may contain.
const CANARIES: [&str; 48] = [
    "bearer-3f9Qx71LmZ",
    "YWRhOmh1bnRlcjI0Mg==",
    "hunter242",
    "digest-7ba1c90f",
    "nonce-88fe21",
    "k3y-Digest-cn",
    "apikey-Zx81Qp02",
    "bare-credential-55e1",
    "sess-93ab77cd01",
    "remember-41xx9",
    "idem-5521-aa90",
    "qtoken-7f6e5d4c",
    "loc-code-A81Bc92De73Fg64H",
    "s3cr3t-Pass!",
    "client-sec-0091",
    "refresh-aaa111bbb",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.sflKxwRJSMeKKF2QT4",
    "4111111111111111",
    "4242 4242 4242 4242",
    "5500005555555559",
    "DE89370400440532013000",
    "GB82 WEST 1234 5698 7654 32",
    "078-05-1120",
    "12-3456789",
    "Ada",
    "Lovelace",
    "Grace",
    "Hopper",
    "Katherine Johnson",
    "Zoë",
    "Okonkwo",
    "ada.lovelace@analytical.org",
    "grace@navy.mil",
    "keyed@mail.org",
    "+44 20 7946 0958",
    "12025550143",
    "(415) 555-2671",
    "1815-12-10",
    "12/09/1906",
    "14 Harbour Lane",
    "Flat 9B",
    "Marylebone",
    "W1U 6TQ",
    "203.0.113.77",
    "2001:db9::7334",
    "X4591122K",
    "passport-L7712",
    "grace_h",
];

const BODY: &str = "application/json";

/// A contract of which the requests below are part.
const CONTRACT: &str = r#"{
    "openapi": "3.0.3", "info": {"title": "People", "version": "1"},
    "paths": {
        "/v1/customers": {"post": {"responses": {"201": {"description": "made", "content": {"application/json": {"example": {"id": "cus_10001"}}}}}}},
        "/v1/customers/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
            "get": {"responses": {"200": {"description": "one", "content": {"application/json": {"example": {"id": "cus_10001"}}}}}}
        },
        "/v1/orders": {"get": {"responses": {"200": {"description": "all", "content": {"application/json": {"example": []}}}}}},
        "/login": {"post": {"responses": {"302": {"description": "in"}}}}
    }
}"#;

fn customer() -> Value {
    json!({
        "id": "cus_10001", "firstName": "Ada", "last-name": "Lovelace", "email": "ada.lovelace@analytical.org", "dateOfBirth": "1815-12-10",
        "phone": 12_025_550_143_u64, "homePhone": "(415) 555-2671", "login": {"userName": "grace_h", "password": "s3cr3t-Pass!"},
        "address": {"line1": "14 Harbour Lane", "line2": "Flat 9B", "city": "Marylebone", "postalCode": "W1U 6TQ"},
        "taxId": "X4591122K", "ein": {"tax_id": "12-3456789"}, "ssn": "078-05-1120", "passport_number": "passport-L7712",
        "payment": {"card": {"number": 4_111_111_111_111_111_u64}, "iban": "DE89370400440532013000"},
        "contacts": {"keyed@mail.org": {"name": "Katherine Johnson"}},
        "attributes": [{"Name": "given_name", "Value": "Zoë"}, {"Name": "family_name", "Value": "Okonkwo"}],
        "lastSeenFrom": "203.0.113.77",
        "note": "Ada called from +44 20 7946 0958 about 4242 4242 4242 4242 and GB82 WEST 1234 5698 7654 32; host 2001:db9::7334",
        "refresh_token": "refresh-aaa111bbb", "clientSecret": "client-sec-0091",
        "jwt": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.sflKxwRJSMeKKF2QT4"
    })
}

/// A request of an app to the recorder.
fn request(method: Method, target: &str, headers: &[(&str, &str)], body: &str) -> Request {
    let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query.to_owned())));
    let pair = |(name, value): &(&str, &str)| {
        (HeaderName::from_bytes(name.as_bytes()).expect("a name"), HeaderValue::from_str(value).expect("a value"))
    };
    let headers: HeaderMap = headers.iter().map(pair).collect();
    Request { method, path: path.into(), query, headers, body: body.to_owned().into(), at: noon() }
}

/// The requests of an app that has everything.
fn requests() -> Vec<Request> {
    let made = json!({
        "customer": "Grace Hopper", "contact": {"full_name": "Katherine Johnson", "e-mail": "grace@navy.mil"}, "dob": "12/09/1906",
        "card_number": "5500005555555559", "idempotency_key": "idem-5521-aa90", "people": [customer()]
    });
    let digest = r#"Digest username="k3y-Digest-cn", realm="shop", nonce="nonce-88fe21", uri="/v1/orders", response="digest-7ba1c90f""#;
    let json = ("content-type", BODY);
    let form = ("content-type", "application/x-www-form-urlencoded");
    let post = |target: &str, headers: &[(&str, &str)], body: &str| request(Method::POST, target, headers, body);
    let get = |target: &str, headers: &[(&str, &str)]| request(Method::GET, target, headers, "");
    vec![
        post(
            "/v1/customers",
            &[("authorization", "Bearer bearer-3f9Qx71LmZ"), ("idempotency-key", "idem-5521-aa90"), json],
            &made.to_string(),
        ),
        get(
            "/v1/customers/cus_10001?email=ada.lovelace%40analytical.org&access_token=qtoken-7f6e5d4c",
            &[("authorization", "Basic YWRhOmh1bnRlcjI0Mg==")],
        ),
        get(
            "/v1/orders?customer=Grace+Hopper",
            &[("authorization", digest), ("cookie", "sid=sess-93ab77cd01; lang=en")],
        ),
        get("/v1/orders", &[("authorization", "ApiKey apikey-Zx81Qp02")]),
        get("/v1/orders", &[("authorization", "bare-credential-55e1"), ("x-api-key", "apikey-Zx81Qp02")]),
        post("/login", &[form], "user%5Bpassword%5D=hunter242&email=grace%40navy.mil"),
    ]
}

fn recorder() -> Recorder {
    let engine: &'static Engine = engine();
    let main = engine.api().gateways.default_gateway().name.to_string();
    let url = crate::recorder::serving(|path, _| {
        match path {
        "/login" => (
            "302 Found",
            "location: /home?code=loc-code-A81Bc92De73Fg64H&access_token=qtoken-7f6e5d4c\r\nset-cookie: remember=remember-41xx9; HttpOnly\r\n".to_owned(),
            String::new(),
        ),
        "/v1/customers" => ("201 Created", format!("content-type: {BODY}\r\n"), customer().to_string()),
        "/v1/orders" => (
            "200 OK",
            "content-type: application/json\r\n".to_owned(),
            json!([{"id": "ord_20002", "buyer": {"name": "Grace Hopper"}, "remember": "remember-41xx9"}]).to_string(),
        ),
        _ => ("200 OK", format!("content-type: {BODY}\r\n"), customer().to_string()),
    }
    });
    Recorder::new(Arc::clone(engine.api()), [(main, Upstream::new(&url))].into())
}

fn engine() -> &'static Engine {
    let contracts = vec![SourceFile::new("people.json", CONTRACT)];
    Box::leak(Box::new(Engine::new(&ApiFolder { contracts, ..ApiFolder::default() }).expect("an engine")))
}

fn context(engine: &'static Engine, keep: &[&str]) -> RecordingContext<'static> {
    let keep = keep.iter().map(|name| (*name).to_owned()).collect();
    RecordingContext { engine, credentials: Credentials::default(), scenario: None, now: noon(), keep }
}

/// The canaries in a text, as they are and as they stand in URLs and JSON.
fn canaries(text: &str) -> Vec<&'static str> {
    let is_in = |value: &&str| {
        let encoded = standin::scenarios::percent_encoded(value);
        let form: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
        let is_word = value.chars().all(char::is_alphabetic);
        let words = |text: &str| text.split(|letter: char| !letter.is_alphanumeric()).any(|word| word == *value);
        if is_word { words(text) } else { [*value, &encoded, &form].iter().any(|form| text.contains(form)) }
    };
    CANARIES.into_iter().filter(is_in).collect()
}

#[test]
fn no_secret_and_no_personal_value_arrives_in_a_recording_or_in_fixtures_of_any_format() {
    let (recorder, engine) = (recorder(), engine());
    let sent: String = requests().iter().map(|one| format!("{one:?}")).collect();
    assert!(
        canaries(&(sent + &customer().to_string())).len() + 3 >= CANARIES.len(),
        "the test sends what it looks for"
    );
    for request in requests() {
        assert!(recorder.forward(&request).status.as_u16() < 400);
    }
    let (fixtures, scenario) = recorder.finish("mine", &context(engine, &[])).expect("no value is left");
    assert_eq!(canaries(&scenario), Vec::<&str>::new(), "{scenario}");
    for format in formats::ALL {
        for file in formats::folder(&fixtures, format) {
            assert_eq!(canaries(&file.text), Vec::<&str>::new(), "{}: {}", format.name(), file.path);
        }
    }
    assert_eq!(canaries(&verified(&fixtures)), Vec::<&str>::new());
}

/// What `verify` prints of fixtures that a server answers in another way.
fn verified(fixtures: &Fixtures<'_>) -> String {
    let main = fixtures.engine.api().gateways.default_gateway().name.to_string();
    // Every value has another type than that which was recorded, so that every value is reported.
    fn wrapped(value: &Value) -> Value {
        match value {
            Value::Object(map) => map.iter().map(|(name, value)| (name.clone(), wrapped(value))).collect(),
            value => json!([value]),
        }
    }
    let url = crate::recorder::serving(|_, _| {
        ("200 OK", format!("content-type: {BODY}\r\n"), wrapped(&customer()).to_string())
    });
    let mut remote = Remote::new([(main, Upstream::new(&url))].into());
    let credentials = Credentials::default();
    let mut play = Play { credentials: &credentials, writes: true, prepare: None };
    let list = fixtures.list.iter().map(|fixture| read::Loaded { fixture: fixture.clone(), allows_new: false });
    let verdicts: Vec<_> = list.map(|loaded| play.play(&loaded, &mut remote)).collect();
    assert!(verify::count(&verdicts).1 > 0);
    verify::text(&verdicts) + &verify::json(&verdicts).to_string()
}

#[test]
fn replacements_keep_the_form_of_the_values() {
    let (recorder, engine) = (recorder(), engine());
    requests().iter().for_each(|request| drop(recorder.forward(request)));
    let (fixtures, _) = recorder.finish("mine", &context(engine, &[])).expect("no value is left");
    let body = &fixtures.list[1].point.response.body;
    let is = |at: &str, pattern: &str| {
        let value = body.pointer(at).unwrap_or(&Value::Null);
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        assert!(regex::Regex::new(pattern).expect("valid").is_match(&text), "{at} is {text}");
    };
    is("/email", "^[a-z0-9]+@example[.]com$");
    is("/phone", "^[1-9][0-9]{10}$");
    is("/homePhone", r"^\([0-9]{3}\) [0-9]{3}-[0-9]{4}$");
    is("/dateOfBirth", "^19[0-9]{2}-01-[0-9]{2}$");
    is("/payment/card/number", "^4[0-9]{15}$");
    is("/payment/iban", "^DE[0-9]{20}$");
    is("/ssn", "^[0-9]{3}-[0-9]{2}-[0-9]{4}$");
    is("/address/postalCode", "^X[0-9]X [0-9]XX$");
    is("/lastSeenFrom", "^192[.]0[.]2[.][0-9]+$");
    assert!(body["phone"].is_number() && body["payment"]["card"]["number"].is_number());
    // One value has one replacement everywhere, also in texts and in the parts of a name.
    let first = body["firstName"].as_str().expect("a text");
    assert!(body["note"].as_str().expect("a text").starts_with(&format!("{first} called")), "{body}");
    let query = &fixtures.list[1].point.request.query[0];
    assert_eq!((query.0.as_str(), &Value::from(query.1.as_str())), ("email", &body["email"]));
    let again = recorder.finish("mine", &context(engine, &[])).expect("no value is left").0;
    assert_eq!(again.list, fixtures.list, "the replacements do not depend on chance");
}

#[test]
fn fields_to_keep_are_kept_whatever_their_case_and_everything_else_is_replaced() {
    let (recorder, engine) = (recorder(), engine());
    requests().iter().for_each(|request| drop(recorder.forward(request)));
    let (fixtures, scenario) =
        recorder.finish("mine", &context(engine, &["date_of_birth", "City"])).expect("no value is left");
    let text = serde_json::to_string(&fixtures.list).expect("JSON") + &scenario;
    assert_eq!(canaries(&text), ["1815-12-10", "Marylebone"]);
}

#[test]
fn a_recording_with_a_value_that_is_left_is_not_written() {
    let (recorder, engine) = (recorder(), engine());
    requests().iter().for_each(|request| drop(recorder.forward(request)));
    // The name of the recording is part of each fixture.
    let left = recorder.finish("mail-grace@navy.mil", &context(engine, &[])).map(|_| ()).expect_err("a value is left");
    let WriteError::ValueLeft { place, replacement } = &left else { panic!("{left}") };
    assert!(place == "the scenario" && replacement.ends_with("@example.com"), "{left}");
    assert!(canaries(&left.to_string()).is_empty());
}

#[test]
fn a_single_word_is_replaced_where_its_name_says_what_it_is_and_nowhere_else() {
    let engine = engine();
    let main = engine.api().gateways.default_gateway().name.to_string();
    let body = json!({"id": "cus_10001", "password": "password", "username": "admin", "role": "admin", "pin": 1234, "count": 1234});
    let response = body.to_string();
    let url = crate::recorder::serving(move |_, _| ("200 OK", format!("content-type: {BODY}\r\n"), response.clone()));
    let recorder = Recorder::new(Arc::clone(engine.api()), [(main, Upstream::new(&url))].into());
    recorder.forward(&request(Method::GET, "/v1/customers/cus_10001", &[], ""));
    let (fixtures, _) = recorder.finish("mine", &context(engine, &[])).expect("no value is left");
    let found = &fixtures.list[0].point.response.body;
    let hidden = json!({"id": "cus_10001", "password": "hidden1x", "username": "user1", "role": "admin", "pin": 9002, "count": 1234});
    assert_eq!(found, &hidden);
}
