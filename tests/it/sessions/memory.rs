use serde_json::{Value, json};
use standin::pipeline::MockLimits;
use standin::session::{JournalLimits, SessionLimits};

use super::Hosted;

/// A mock whose records may take so many bytes.
fn limited(memory: usize) -> Hosted {
    let sessions = SessionLimits { count: 3, ..SessionLimits::default() };
    Hosted::with_limits(MockLimits { memory: Some(memory), sessions, ..MockLimits::default() })
}

/// A body with a text of so many bytes.
fn order(bytes: usize) -> String {
    json!({"item": "x".repeat(bytes)}).to_string()
}

fn used(hosted: &Hosted) -> usize {
    hosted.mock.sessions().meter().used()
}

/// Creates orders until one is rejected, and returns their number.
fn fill(hosted: &Hosted, session: &str) -> usize {
    (0..)
        .find(|_| {
            let response = hosted.in_session(session, "POST", "/orders", &order(10_000));
            assert!([201, 507].contains(&response.status), "{}", response.text);
            response.status == 507
        })
        .expect("an end")
}

#[test]
fn records_of_all_sessions_together_take_no_more_memory_than_allowed() {
    let hosted = limited(1 << 20);
    let first = fill(&hosted, "a");
    assert!((50..=105).contains(&first), "{first}");
    let rejected = hosted.in_session("b", "POST", "/orders", &order(10_000));
    assert_eq!(rejected.status, 507, "{}", rejected.text);
    assert!(rejected.text.contains("--max-memory"), "{}", rejected.text);
    assert_eq!(hosted.in_session("a", "GET", "/orders", "").status, 200, "reading goes on");
    assert!(used(&hosted) <= 1 << 20);
}

#[test]
fn updates_count_as_well_as_new_records() {
    let hosted = limited(100_000);
    let created = hosted.in_session("a", "POST", "/orders", &order(10)).json();
    let path = format!("/orders/{}", created["id"].as_str().expect("an id"));
    assert_eq!(hosted.in_session("a", "PUT", &path, &order(2_000)).status, 200);
    assert!((2_000..10_000).contains(&used(&hosted)), "{}", used(&hosted));
    assert_eq!(hosted.in_session("a", "PUT", &path, &order(20_000)).status, 507);
}

#[test]
fn reset_removal_and_eviction_of_a_session_give_its_memory_back() {
    let hosted = limited(1 << 20);
    fill(&hosted, "a");
    hosted.control("POST", "/sessions/a/reset", Value::Null);
    assert_eq!(used(&hosted), 0, "after a reset");
    fill(&hosted, "a");
    hosted.control("DELETE", "/sessions/a", Value::Null);
    assert_eq!(used(&hosted), 0, "after its removal");
    fill(&hosted, "b");
    for other in ["c", "d", "e"] {
        hosted.in_session(other, "GET", "/orders", "");
    }
    assert_eq!(used(&hosted), 0, "after its eviction");
}

#[test]
fn fork_shares_the_memory_of_its_records() {
    let hosted = limited(1 << 20);
    hosted.in_session("a", "POST", "/orders", &order(50_000));
    let before = used(&hosted);
    hosted.control("POST", "/sessions", json!({"id": "b", "from": "a"}));
    assert_eq!(used(&hosted), before);
    hosted.control("DELETE", "/sessions/a", Value::Null);
    assert_eq!(used(&hosted), before, "the fork still holds them");
}

#[test]
fn control_api_adds_no_records_beyond_the_limit_and_can_make_room() {
    let hosted = limited(200_000);
    while hosted.in_session("a", "POST", "/orders", &order(1_000)).status == 201 {}
    let big = json!({"item": "x".repeat(20_000)});
    for (method, target, body) in [
        ("POST", "/sessions/a/records/order", big.clone()),
        ("PUT", "/sessions/a/records/order/9", big.clone()),
        ("PUT", "/sessions/a/snapshot", json!({"scenario": "x", "records": {"orders": [big]}})),
    ] {
        let (status, problem) = hosted.control(method, target, body);
        assert_eq!(status, 507, "{method} {target}: {problem}");
    }
    let snapshot = json!({"scenario": "x", "records": {"orders": [{"id": "1", "item": "tea"}]}});
    assert_eq!(hosted.control("POST", "/sessions/a/reset", Value::Null).0, 204);
    assert_eq!(hosted.control("PUT", "/sessions/a/snapshot", snapshot).0, 200);
    assert!((1..2_000).contains(&used(&hosted)), "records of a snapshot count: {}", used(&hosted));
}

#[test]
fn journal_holds_the_beginnings_of_long_bodies_and_no_long_records() {
    let journal = JournalLimits { bytes: 1 << 20, ..JournalLimits::default() };
    let hosted = Hosted::with_limits(MockLimits { journal, ..MockLimits::default() });
    let created = hosted.in_session("a", "POST", "/orders", &order(200_000)).json();
    let path = format!("/orders/{}", created["id"].as_str().expect("an id"));
    assert_eq!(hosted.in_session("a", "DELETE", &path, "").status, 204);
    let (_, requests) = hosted.control("GET", "/sessions/a/requests", Value::Null);
    assert_eq!(requests["requests"][0]["changes"][0]["after"]["truncated"], true, "{requests:.300}");
    let (entries, bytes) = hosted.mock.sessions().journal().usage();
    assert!(entries == 2 && bytes < 250_000, "{entries} {bytes}");
}

#[test]
fn page_that_is_too_large_for_one_response_is_rejected_and_a_smaller_one_is_served() {
    let hosted = Hosted::orders();
    for _ in 0..9 {
        assert_eq!(hosted.in_session("a", "POST", "/orders", &order(8 << 20)).status, 201);
    }
    let all = hosted.in_session("a", "GET", "/orders", "");
    assert_eq!(all.status, 507, "{:.200}", all.text);
    assert!(all.text.contains("ask for a smaller page"), "{:.200}", all.text);
    assert_eq!(hosted.in_session("a", "GET", "/orders?limit=2", "").status, 200);
}

#[test]
fn json_body_with_more_values_than_can_be_served_is_rejected() {
    let hosted = Hosted::orders();
    let list = |count: usize| format!(r#"{{"item": "a", "many": [{}]}}"#, vec!["1"; count].join(","));
    let rejected = hosted.in_session("a", "POST", "/orders", &list(600_000));
    assert_eq!(rejected.status, 400, "{:.200}", rejected.text);
    assert!(rejected.text.contains("more than 500000 values"), "{:.200}", rejected.text);
    assert_eq!(hosted.in_session("a", "POST", "/orders", &list(1_000)).status, 201);
    // Commas in a text separate no values.
    let text = json!({"item": ",".repeat(600_000)}).to_string();
    assert_eq!(hosted.in_session("a", "POST", "/orders", &text).status, 201);
}
