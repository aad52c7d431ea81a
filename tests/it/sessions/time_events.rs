use std::sync::Arc;

use jiff::SignedDuration;
use serde_json::{Value, json};
use standin::diagnostics::SourceFile;
use standin::openapi::ApiFolder;
use standin::pipeline::{Mock, MockLimits};
use standin::request::Settings;

use super::Hosted;
use crate::served::Served;
use crate::vocabulary::{CLIENT, MATTER, noon};

const INVOICES: &str = r##"
openapi: 3.0.0
info: {title: invoices, version: "1"}
paths:
  /invoices:
    get:
      parameters: [{name: state, in: query, schema: {type: string}}]
      responses:
        "200": {description: ok, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Invoice"}}}}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Invoice"}}}}
      responses:
        "201": {description: made, content: {application/json: {schema: {$ref: "#/components/schemas/Invoice"}}}}
  /invoices/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      responses:
        "200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Invoice"}}}}
  /invoices/{id}/pay:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    post:
      responses:
        "200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Invoice"}}}}
components:
  schemas:
    Invoice:
      type: object
      properties: {id: {type: string, readOnly: true}, state: {type: string, default: open}, due_on: {type: string, format: date}, fee: {type: integer}}
"##;

const RESOURCES: &str = r#"
invoice:
  plural: invoices
  lifecycle:
    field: state
    transitions:
      - {on: "POST /invoices/{id}/pay", from: [open, overdue], to: paid, error: It cannot be paid}
      - {after: 1d, since: due_on, from: [open], to: overdue, set: {fee: 5}}
      - {after: 1m, since: due_on, from: [overdue], to: lost}
      - {after: 12h, since: due_on, from: [open, overdue], event: reminded}
"#;

fn invoices() -> Hosted {
    let folder = ApiFolder {
        contracts: vec![SourceFile::new("api.yaml", INVOICES)],
        resources: vec![SourceFile::new("api.resources.yaml", RESOURCES)],
        ..ApiFolder::default()
    };
    let Served { engine, session } = Served::of(&folder, Settings::default());
    Hosted::of(Arc::new(Mock::new(engine, session.state(), MockLimits::default())))
}

const SESSION: (&str, &str) = ("x-standin-session", "a");

/// Creates an invoice that is due on a day and returns its id.
fn create(hosted: &Hosted, due_on: &str) -> String {
    let headers = [SESSION, ("content-type", "application/json")];
    let created = hosted.api("POST", "/invoices", &headers, &json!({"due_on": due_on}).to_string());
    assert_eq!(created.status, 201, "{}", created.text);
    created.json()["id"].as_str().expect("an id").to_owned()
}

fn read(hosted: &Hosted, id: &str) -> Value {
    hosted.api("GET", &format!("/invoices/{id}"), &[SESSION], "").json()
}

fn advance(hosted: &Hosted, span: &str) {
    let (status, shown) = hosted.control("PUT", "/sessions/a/clock", json!({"advance": span}));
    assert_eq!(status, 200, "{shown}");
}

/// The events of the session: time, name, id, state before and after.
fn events(hosted: &Hosted) -> Vec<(String, String, String, Value)> {
    let (_, shown) = hosted.control("GET", "/sessions/a/requests", Value::Null);
    let text = |event: &Value, name: &str| event[name].as_str().unwrap_or_default().to_owned();
    let events = shown["events"].as_array().expect("a list").iter();
    events
        .map(|event| {
            let state = |side: &str| event["change"][side]["state"].clone();
            (text(event, "at"), text(event, "event"), text(event, "id"), json!([state("before"), state("after")]))
        })
        .collect()
}

#[test]
fn transitions_happen_when_their_time_comes_in_the_order_of_time() {
    let hosted = invoices();
    let (late, early) = (create(&hosted, "2026-02-12"), create(&hosted, "2026-02-10"));
    assert_eq!(read(&hosted, &late)["state"], "open");
    advance(&hosted, "5d");
    assert_eq!((&read(&hosted, &late)["state"], &read(&hosted, &late)["fee"]), (&json!("overdue"), &json!(5)));
    let listed = hosted.api("GET", "/invoices?state=overdue", &[SESSION], "").json();
    assert_eq!(listed.as_array().map(Vec::len), Some(2), "{listed}");
    let changed = json!(["open", "overdue"]);
    let event = |at: &str, name: &str, id: &String, states: &Value| {
        (format!("{at}.000Z"), name.to_owned(), id.clone(), states.clone())
    };
    let none = json!([null, null]);
    assert_eq!(
        events(&hosted),
        [
            event("2026-02-10T12:00:00", "reminded", &early, &none),
            event("2026-02-11T00:00:00", "overdue", &early, &changed),
            event("2026-02-12T12:00:00", "reminded", &late, &none),
            event("2026-02-13T00:00:00", "overdue", &late, &changed),
        ]
    );
}

#[test]
fn a_running_clock_changes_records_without_a_request() {
    let hosted = invoices();
    let id = create(&hosted, "2026-02-10");
    let day = |days: i64| noon() + SignedDuration::from_hours(24 * days);
    let state = || {
        let shown = hosted.control("GET", &format!("/sessions/a/records/invoice/{id}"), Value::Null).1;
        shown["state"].clone()
    };
    hosted.mock.pass_time(day(5));
    assert_eq!(state(), "open", "the clock stands still");
    let (status, clock) = hosted.control("PUT", "/sessions/a/clock", json!({"frozen": false}));
    assert_eq!(status, 200, "{clock}");
    hosted.mock.pass_time(day(1));
    assert_eq!(state(), "open");
    hosted.mock.pass_time(day(4));
    assert_eq!(state(), "overdue");
    let names: Vec<String> = events(&hosted).into_iter().map(|(_, name, ..)| name).collect();
    assert_eq!(names, ["reminded", "overdue"]);
    // The requests that follow do not make it happen again.
    assert_eq!((read(&hosted, &id)["state"].clone(), events(&hosted).len()), (json!("overdue"), 2));
}

#[test]
fn a_new_state_makes_the_next_transition_due() {
    let hosted = invoices();
    let id = create(&hosted, "2026-02-10");
    advance(&hosted, "1y");
    assert_eq!(read(&hosted, &id)["state"], "lost");
    let names: Vec<String> = events(&hosted).into_iter().map(|(_, name, ..)| name).collect();
    assert_eq!(names, ["reminded", "overdue", "lost"]);
}

#[test]
fn a_record_in_another_state_does_not_change_with_time() {
    let hosted = invoices();
    let id = create(&hosted, "2026-02-10");
    assert_eq!(hosted.api("POST", &format!("/invoices/{id}/pay"), &[SESSION], "").status, 200);
    advance(&hosted, "1y");
    assert_eq!((read(&hosted, &id)["state"].clone(), events(&hosted)), (json!("paid"), Vec::new()));
}

#[test]
fn a_record_that_is_created_too_late_changes_before_the_next_request() {
    let hosted = invoices();
    let id = create(&hosted, "2026-02-01");
    assert_eq!(read(&hosted, &id)["state"], "overdue");
    let names: Vec<String> = events(&hosted).into_iter().map(|(_, name, ..)| name).collect();
    assert_eq!(names, ["overdue"], "the reminder was before the record");
}

#[test]
fn a_running_clock_applies_transitions_before_a_request() {
    let hosted = invoices();
    let id = create(&hosted, "2026-02-10");
    hosted.control("PUT", "/sessions/a/clock", json!({"frozen": false, "speed": 86_400}));
    let later = crate::vocabulary::noon() + jiff::SignedDuration::from_secs(5);
    let shown = hosted.api_at(later, "GET", &format!("/invoices/{id}"), &[SESSION], "").json();
    assert_eq!(shown["state"], "overdue");
}

#[test]
fn sessions_pass_time_on_their_own_and_begin_anew_after_a_reset() {
    let hosted = invoices();
    let id = create(&hosted, "2026-02-10");
    let (_, forked) = hosted.control("POST", "/sessions", json!({"id": "b", "from": "a"}));
    advance(&hosted, "1w");
    let other = hosted.api("GET", &format!("/invoices/{id}"), &[("x-standin-session", "b")], "").json();
    assert_eq!((&other["state"], &forked["id"]), (&json!("open"), &json!("b")));
    hosted.control("POST", "/sessions/a/reset", Value::Null);
    assert_eq!(events(&hosted), []);
}

#[test]
fn a_clock_that_is_set_back_lets_events_happen_again() {
    let hosted = invoices();
    create(&hosted, "2026-02-10");
    advance(&hosted, "50h");
    hosted.control("PUT", "/sessions/a/clock", json!({"now": "2026-02-08T00:00:00Z"}));
    advance(&hosted, "1w");
    let names: Vec<String> = events(&hosted).into_iter().map(|(_, name, ..)| name).collect();
    assert_eq!(names, ["reminded", "reminded", "overdue"]);
}

#[test]
fn an_event_is_no_request() {
    let hosted = invoices();
    create(&hosted, "2026-02-10");
    advance(&hosted, "60h");
    let (status, problem) = hosted.control("GET", "/sessions/a/requests/2", Value::Null);
    assert_eq!((status, problem["detail"].as_str().is_some_and(|text| text.contains("event"))), (404, true));
    let (_, shown) = hosted.control("GET", "/sessions/a/requests?since=1", Value::Null);
    assert_eq!((shown["total"].clone(), shown["events"][0]["seq"].clone()), (json!(0), json!(2)));
}

#[test]
fn a_client_package_expires_and_a_payment_request_becomes_overdue() {
    let mock = crate::vocabulary::observed();
    let hosted = Hosted::of(Arc::clone(&mock.hosted));
    let package = json!({"client_id": CLIENT, "package_id": "r5xq81kfhz2wno7t", "price": "120.0", "matter_uid": MATTER,
        "valid_from": "2026-02-08", "valid_until": "2026-03-01"});
    let package = mock.staff("POST", "/platform/v1/payment/client_packages", package).expect(201);
    let package = package.text("/data/client_package/id");
    let invoice = json!({"invoice": {"matter_uid": MATTER, "issue_date": "2026-02-08", "due_date": "2026-02-18",
        "currency": "USD", "billing_address": "14 Harbour Lane", "status": "issued",
        "items": [{"name": "Strings", "quantity": 1, "unit_amount": 20}]}});
    let invoice = mock.staff("POST", "/business/payments/v1/invoices", invoice).expect(201);
    let due = invoice.text("/data/invoice/payment_status_uid");

    let has_label = |label: &str| {
        let path = format!("/business/payments/v1/payment_requests?filter[state][eq]={label}&per_page=100");
        let listed = mock.get(&path).expect(200);
        let requests = listed.at("/data/payment_requests").as_array().expect("a list").clone();
        requests.iter().any(|request| request["uid"] == due.as_str())
    };
    let is_listed = |state: &str| {
        let path = format!("/api2/client/payments/v1/client_packages?matter_uid={MATTER}&filter[state][eq]={state}");
        let listed = mock.call("client", "GET", &path, Value::Null).expect(200);
        let packages = listed.at("/data/client_packages").as_array().expect("a list").clone();
        packages.iter().any(|listed| listed["id"] == package.as_str())
    };
    let shown = || [has_label("NOT_YET_DUE"), has_label("OVERDUE"), is_listed("ACTIVE"), is_listed("INACTIVE")];
    assert_eq!(shown(), [true, false, true, false]);
    let (status, clock) = hosted.control("PUT", "/sessions/default/clock", json!({"advance": "40d"}));
    assert_eq!(status, 200, "{clock}");
    assert_eq!(shown(), [false, true, false, true]);
    let (_, journal) = hosted.control("GET", "/sessions/default/requests", Value::Null);
    let events = journal["events"].as_array().expect("a list");
    let at = |name: &str, id: &str| {
        let event = events.iter().find(|event| event["event"] == name && event["id"] == id);
        event.unwrap_or_else(|| panic!("no {name} of {id}: {events:?}"))["at"].as_str().expect("a time").to_owned()
    };
    assert!(at("overdue", &due) < at("expired", &package), "{events:?}");
}
