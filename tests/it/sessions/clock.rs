use jiff::SignedDuration;
use serde_json::{Value, json};

use super::Hosted;
use crate::vocabulary::noon;

fn clock(hosted: &Hosted, body: Value) -> (u16, Value) {
    hosted.control("PUT", "/sessions/a/clock", body)
}

/// The time of a session in a request that many seconds after noon.
fn shown_after(hosted: &Hosted, seconds: i64) -> String {
    hosted.api_at(noon() + SignedDuration::from_secs(seconds), "GET", "/orders", &[("x-standin-session", "a")], "");
    let (_, requests) = hosted.control("GET", "/sessions/a/requests", Value::Null);
    let last = requests["requests"].as_array().and_then(|list| list.last()).expect("a request");
    last["at"].as_str().expect("a time").to_owned()
}

#[test]
fn a_clock_is_frozen_set_and_advanced() {
    let hosted = Hosted::orders();
    let (status, shown) = clock(&hosted, json!({"now": "2030-01-31T00:00:00Z", "frozen": true}));
    assert_eq!((status, shown), (200, json!({"now": "2030-01-31T00:00:00.000Z", "frozen": true, "speed": 1.0})));
    assert_eq!(clock(&hosted, json!({"advance": "1m"})).1["now"], "2030-02-28T00:00:00.000Z");
    assert_eq!(shown_after(&hosted, 500), "2030-02-28T00:00:00.000Z");
}

#[test]
fn a_running_clock_has_a_speed() {
    let hosted = Hosted::orders();
    clock(&hosted, json!({"now": "2030-01-01T00:00:00Z", "frozen": false, "speed": 60}));
    assert_eq!(shown_after(&hosted, 10), "2030-01-01T00:10:00.000Z");
    clock(&hosted, json!({"speed": 0}));
    assert_eq!(shown_after(&hosted, 100), "2030-01-01T00:00:00.000Z");
}

#[test]
fn a_wrong_clock_is_rejected_with_what_to_write() {
    let hosted = Hosted::orders();
    for (body, pointer) in [
        (json!({"now": "tomorrow"}), "/now"),
        (json!({"advance": "3 days"}), "/advance"),
        (json!({"advance": "-1d"}), "/advance"),
        (json!({"advance": "999999999y"}), "/advance"),
        (json!({"speed": -1}), "/speed"),
        (json!({"frozen": "yes"}), "/frozen"),
        (json!({"freeze": true}), "/freeze"),
        (json!({"now": "2030-01-01T00:00:00Z", "advance": "1d"}), "/advance"),
    ] {
        let (status, problem) = clock(&hosted, body.clone());
        assert_eq!((status, &problem["errors"][0]["pointer"]), (400, &json!(pointer)), "{body}: {problem}");
    }
}
