use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use serde_json::{Value, json};
use standin::admin::AdminFeed;
use standin::pipeline::MockLimits;
use standin::session::JournalLimits;

use super::Hosted;
use crate::vocabulary::{noon, request};

/// Counts how often it is woken.
#[derive(Default)]
struct Counter(AtomicUsize);

impl Wake for Counter {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// An event as clients parse it.
#[derive(Debug, PartialEq)]
struct Event {
    name: String,
    id: Option<u64>,
    data: Value,
}

struct Follower {
    feed: AdminFeed,
    woken: Arc<Counter>,
}

impl Follower {
    fn new(hosted: &Hosted, target: &str, headers: &[(&str, &str)]) -> Self {
        let headers = [&[("host", "127.0.0.1:4011")], headers].concat();
        let (response, feed) = hosted.admin.serve(&request(noon(), "GET", target, &headers, ""));
        assert_eq!(response.status, 200);
        Self { feed: feed.expect("a feed"), woken: Arc::default() }
    }

    /// The next events; `None` at the end.
    fn next(&mut self) -> Option<Vec<Event>> {
        let waker = Waker::from(Arc::clone(&self.woken));
        match self.feed.poll_next(&mut Context::from_waker(&waker)) {
            Poll::Pending => Some(Vec::new()),
            Poll::Ready(None) => None,
            Poll::Ready(Some(first)) => {
                let rest = std::iter::from_fn(|| self.feed.next_ready());
                let text: Vec<u8> = std::iter::once(first).chain(rest).flatten().collect();
                Some(parse(std::str::from_utf8(&text).expect("text")))
            }
        }
    }

    fn woken(&self) -> usize {
        self.woken.0.load(Ordering::Relaxed)
    }
}

fn parse(text: &str) -> Vec<Event> {
    let event = |text: &str| {
        let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        Event {
            name: field("event").expect("a name").to_owned(),
            id: field("id").map(|id| id.parse().expect("a number")),
            data: serde_json::from_str(field("data").expect("data")).expect("JSON"),
        }
    };
    text.split_terminator("\n\n").map(event).collect()
}

fn names(events: &[Event]) -> Vec<&str> {
    events.iter().map(|event| event.name.as_str()).collect()
}

#[test]
fn events_of_a_session_are_its_requests_in_order_and_nothing_of_another_session() {
    let hosted = Hosted::orders();
    hosted.in_session("a", "GET", "/orders", "");
    hosted.in_session("b", "GET", "/orders/canary", "");
    let mut follower = Follower::new(&hosted, "/sessions/a/events", &[]);
    let first = follower.next().expect("events");
    assert_eq!((names(&first), first[0].id), (vec!["request"], Some(1)));
    assert_eq!(first[0].data["operation"], "GET /orders");
    assert_eq!(follower.next(), Some(Vec::new()), "nothing new");
    hosted.in_session("a", "POST", "/orders", r#"{"item": "tea"}"#);
    assert_eq!(follower.woken(), 1);
    let next = follower.next().expect("events");
    assert_eq!((names(&next), next[0].id), (vec!["request"], Some(3)));
    assert_eq!(next[0].data["changes"][0]["kind"], "order");
    hosted.in_session("b", "GET", "/orders/canary", "");
    assert_eq!(follower.next(), Some(Vec::new()));
}

#[test]
fn follower_that_returns_continues_after_the_last_event_that_it_has() {
    let hosted = Hosted::orders();
    for _ in 0..3 {
        hosted.in_session("a", "GET", "/orders", "");
    }
    let ids = |target: &str, headers: &[(&str, &str)]| -> Vec<Option<u64>> {
        Follower::new(&hosted, target, headers).next().expect("events").iter().map(|event| event.id).collect()
    };
    assert_eq!(ids("/sessions/a/events", &[]), [Some(1), Some(2), Some(3)]);
    assert_eq!(ids("/sessions/a/events", &[("last-event-id", "2")]), [Some(3)]);
    assert_eq!(ids("/sessions/a/events?from=now", &[]), []);
    assert_eq!(ids("/sessions/a/events?from=now", &[("last-event-id", "1")]), [Some(2), Some(3)]);
    // The id of a server that has been restarted meanwhile.
    assert_eq!(ids("/sessions/a/events", &[("last-event-id", "900")]), [Some(1), Some(2), Some(3)]);
}

#[test]
fn follower_that_returns_after_a_restart_gets_all_that_the_new_process_has() {
    let mut hosted = Hosted::orders();
    hosted.admin.server.instance = Some("b7".to_owned());
    for _ in 0..3 {
        hosted.in_session("a", "GET", "/orders", "");
    }
    let ids = |last: &str| -> Vec<String> {
        let text = hosted.admin.respond(&request(
            noon(),
            "GET",
            "/events",
            &[("host", "127.0.0.1:4011"), ("last-event-id", last)],
            "",
        ));
        let text = String::from_utf8(text.body.to_vec()).expect("text");
        text.lines().filter_map(|line| line.strip_prefix("id: ")).map(str::to_owned).collect()
    };
    assert_eq!(ids("2-b7"), ["3-b7"]);
    assert_eq!(ids("2-a1"), ["1-b7", "2-b7", "3-b7"]);
    assert_eq!(ids("2"), ["3-b7"]);
}

#[test]
fn wrong_parameters_of_events_are_rejected_with_what_is_right() {
    let hosted = Hosted::orders();
    hosted.in_session("a", "GET", "/orders", "");
    for (target, header, pointer) in [
        ("/sessions/a/events", ("last-event-id", "x"), "/headers/last-event-id"),
        ("/sessions/a/events?from=here", ("accept", "*/*"), "/query/from"),
        ("/sessions/a/events?since=3", ("accept", "*/*"), "/query/since"),
    ] {
        let rejected = hosted.control_at(noon(), "GET", target, &[header], "");
        assert_eq!((rejected.status, &rejected.json()["errors"][0]["pointer"]), (400, &json!(pointer)), "{target}");
    }
    assert_eq!(hosted.control("GET", "/sessions/none/events", Value::Null).0, 404);
}

#[test]
fn reset_of_a_session_is_an_event_and_its_removal_ends_the_events() {
    let hosted = Hosted::orders();
    hosted.in_session("a", "GET", "/orders", "");
    let mut follower = Follower::new(&hosted, "/sessions/a/events", &[]);
    assert_eq!(names(&follower.next().expect("events")), ["request"]);
    assert_eq!(follower.next(), Some(Vec::new()));
    hosted.control("POST", "/sessions/a/reset", Value::Null);
    assert_eq!(follower.woken(), 1);
    hosted.in_session("a", "GET", "/orders", "");
    let events = follower.next().expect("events");
    assert_eq!((names(&events), &events[1].data["seq"]), (vec!["reset", "request"], &json!(1)));
    assert_eq!(follower.next(), Some(Vec::new()));
    hosted.control("DELETE", "/sessions/a", Value::Null);
    assert_eq!(follower.woken(), 2);
    assert_eq!(names(&follower.next().expect("the last event")), ["end"]);
    assert_eq!(follower.next(), None);
}

#[test]
fn follower_that_is_slower_than_the_journal_is_informed_of_what_it_has_missed() {
    let journal = JournalLimits { entries: 2, ..JournalLimits::default() };
    let hosted = Hosted::with_limits(MockLimits { journal, ..MockLimits::default() });
    let mut follower = Follower::new(&hosted, "/sessions/default/events", &[]);
    assert_eq!(follower.next(), Some(Vec::new()));
    for _ in 0..5 {
        hosted.api("GET", "/orders", &[], "");
    }
    let events = follower.next().expect("events");
    assert_eq!(names(&events), ["lost", "request", "request"]);
    assert_eq!((&events[0].data, events[2].id), (&json!({"at_most": 3}), Some(5)));
}

#[test]
fn events_of_the_clock_are_among_them_and_credentials_are_not() {
    let hosted = super::embedded();
    hosted.api("GET", "/platform/v1/clients", &[("authorization", "Bearer staff-harmony-7c1e94d0")], "");
    hosted.control("PUT", "/sessions/default/clock", json!({"advance": "400d"}));
    let mut follower = Follower::new(&hosted, "/sessions/default/events", &[]);
    let (mut events, mut text) = (Vec::new(), String::new());
    loop {
        let more = follower.next().expect("events");
        if more.is_empty() {
            break;
        }
        text.push_str(&format!("{more:?}"));
        events.extend(more);
    }
    assert_eq!(events[0].name, "request");
    assert!(events.iter().any(|event| event.name == "clock" && !event.data["event"].is_null()), "{events:?}");
    assert!(!text.contains("staff-harmony-7c1e94d0"));
}

#[test]
fn events_of_all_sessions_are_in_one_stream_and_each_names_its_session() {
    let hosted = Hosted::orders();
    hosted.in_session("a", "GET", "/orders", "");
    let mut follower = Follower::new(&hosted, "/events", &[]);
    let of = |events: Vec<Event>| -> Vec<(Option<u64>, Value)> {
        events.into_iter().map(|event| (event.id, event.data["session"].clone())).collect()
    };
    assert_eq!(of(follower.next().expect("events")), [(Some(1), json!("a"))]);
    hosted.in_session("b", "GET", "/orders", "");
    hosted.api("GET", "/orders", &[], "");
    assert_eq!(follower.woken(), 0, "the follower has not waited yet");
    assert_eq!(of(follower.next().expect("events")), [(Some(2), json!("b")), (Some(3), json!("default"))]);
    assert_eq!(follower.next(), Some(Vec::new()));
    hosted.control("DELETE", "/sessions/b", Value::Null);
    hosted.in_session("a", "GET", "/orders", "");
    assert!(follower.woken() > 0);
    assert_eq!(of(follower.next().expect("events")), [(Some(4), json!("a"))]);
    let mut late = Follower::new(&hosted, "/events", &[("last-event-id", "2")]);
    let left = of(late.next().expect("events"));
    assert_eq!(left, [(Some(3), json!("default")), (Some(4), json!("a"))]);
    assert_eq!(hosted.control("GET", "/events?from=here", Value::Null).0, 400);
}

#[test]
fn events_of_all_sessions_hide_the_credentials_of_each() {
    let hosted = super::embedded();
    let token = "staff-harmony-7c1e94d0";
    for session in ["a", "b"] {
        let headers = [("authorization", "Bearer staff-harmony-7c1e94d0"), ("x-standin-session", session)];
        hosted.api("GET", &format!("/platform/v1/clients?note={token}"), &headers, "");
    }
    let mut follower = Follower::new(&hosted, "/events", &[]);
    let events = follower.next().expect("events");
    assert_eq!(names(&events), ["request", "request"]);
    assert!(events.iter().all(|event| event.data["caller"] == "staff"), "{events:?}");
    let headers = events.iter().map(|event| &event.data["request"]["headers"]["authorization"]);
    assert!(headers.clone().all(|header| header == "Bearer [REDACTED]"), "{events:?}");
}

#[test]
fn large_events_are_written_in_pieces_and_none_is_left_out() {
    let hosted = Hosted::orders();
    let item = "tea ".repeat(5_000);
    for _ in 0..20 {
        hosted.in_session("a", "POST", "/orders", &json!({"item": item}).to_string());
    }
    let mut follower = Follower::new(&hosted, "/sessions/a/events", &[]);
    let mut ids = Vec::new();
    let mut pieces = 0;
    loop {
        let events = follower.next().expect("no end");
        let size: usize = events.iter().map(|event| event.data.to_string().len()).sum();
        assert!(size < 256 << 10, "{size} bytes at once");
        if events.is_empty() {
            break;
        }
        ids.extend(events.iter().filter_map(|event| event.id));
        pieces += 1;
    }
    assert_eq!(ids, (1..=20).collect::<Vec<u64>>());
    assert!(pieces > 5, "{pieces}");
}

#[test]
fn followers_of_one_event_receive_the_same_text() {
    let hosted = Hosted::orders();
    let mut followers: Vec<Follower> = (0..3).map(|_| Follower::new(&hosted, "/events", &[])).collect();
    hosted.in_session("a", "POST", "/orders", r#"{"item": "tea"}"#);
    followers.push(Follower::new(&hosted, "/sessions/a/events", &[]));
    let received: Vec<_> = followers.iter_mut().map(|follower| follower.next().expect("events")).collect();
    assert_eq!((received[0].len(), &received[0][0].data["path"]), (1, &json!("/orders")));
    assert!(received.iter().all(|events| *events == received[0]), "{received:?}");
}

#[test]
fn reader_that_waits_is_woken_once_and_one_that_is_gone_is_not() {
    let hosted = Hosted::orders();
    let mut readers: Vec<_> = (0..2).map(|_| Follower::new(&hosted, "/events?from=now", &[])).collect();
    for reader in &mut readers {
        for _ in 0..3 {
            assert_eq!(reader.next(), Some(Vec::new()));
        }
    }
    let gone = Arc::clone(&readers.remove(0).woken);
    hosted.api("GET", "/orders", &[], "");
    assert_eq!((gone.0.load(Ordering::Relaxed), readers[0].woken()), (0, 1));
}
