//! Reading requests of a large session run beside others, on a fork of its state.

use std::cell::Cell;
use std::sync::mpsc;
use std::time::Duration;

use standin::model::{Fields, Record};
use standin::openapi::Resources;
use standin::request::State;
use standin::session::Session;

use crate::vocabulary::{noon, request};

/// The number of records from which reading requests run on forks.
pub(super) const MANY: usize = 1_000;

fn order(number: usize) -> Record {
    Record::new("order", format!("n{number}"), Fields::new().with("count", number as i64))
}

/// Adds records until a session is large.
pub(super) fn enlarge(session: &Session) {
    session.change(|state| {
        (0..MANY).for_each(|number| drop(state.store.put(order(number))));
    });
}

fn large() -> Session {
    let session = super::Hosted::orders().mock.sessions().default_session().state();
    let session = Session::new(session);
    enlarge(&session);
    session
}

fn count(state: &State) -> usize {
    state.store.count("order")
}

/// What a GET request returns that runs `meanwhile` in the middle, which changes the session.
fn get<T>(session: &Session, meanwhile: impl Fn(&mut State) -> T) -> T {
    let get = request(noon(), "GET", "/orders", &[], "");
    session.run(&get, &Resources::default(), |state, _| meanwhile(state)).0
}

#[test]
fn others_change_a_large_session_while_a_request_reads_it() {
    let (sender, receiver) = mpsc::channel();
    // A thread, because a session that is locked would wait for itself for ever.
    std::thread::spawn(move || {
        let session = large();
        let seen = get(&session, |state| {
            let before = count(state);
            session.change(|state| drop(state.store.put(order(MANY))));
            (before, count(state))
        });
        sender.send((seen, count(&session.state())))
    });
    let (seen, after) = receiver.recv_timeout(Duration::from_secs(20)).expect("the session is not locked");
    assert_eq!(seen, (MANY, MANY), "the request sees the state with which it began");
    assert_eq!(after, MANY + 1, "the change of the other request stays");
}

#[test]
fn a_reading_request_that_changes_something_runs_again_after_what_others_have_changed() {
    let (session, runs) = (large(), Cell::new(0));
    let seen = get(&session, |state| {
        if runs.replace(runs.get() + 1) == 0 {
            session.change(|state| drop(state.store.put(order(MANY))));
        }
        drop(state.store.put(order(MANY + 1)));
        (count(state), state.ids.uid())
    });
    assert_eq!((runs.get(), seen.0), (2, MANY + 2));
    assert_eq!(count(&session.state()), MANY + 2);
    assert_ne!(session.state().ids.uid(), seen.1, "the id is used up");
    assert_eq!(session.log().count(), 1, "both runs have the same number in the journal");
}

#[test]
fn a_reading_request_that_uses_an_id_uses_it_up() {
    let session = large();
    let first = get(&session, |state| state.ids.uid());
    let second = get(&session, |state| state.ids.uid());
    assert_ne!(first, second);
}

#[test]
fn a_response_that_was_made_on_a_fork_is_found_in_the_cache() {
    let hosted = super::Hosted::orders();
    enlarge(hosted.mock.sessions().default_session());
    let get = request(noon(), "GET", "/orders/n1", &[], "");
    let has = || {
        let session = hosted.mock.sessions().default_session();
        session.run(&get, &Resources::default(), |state, mut cache| cache.has(&get, state)).0
    };
    assert!(!has());
    assert_eq!(hosted.api("GET", "/orders/n1", &[], "").status, 200);
    assert!(has());
    assert_eq!(hosted.in_session("default", "PUT", "/orders/n1", r#"{"count": 7}"#).status, 200);
    assert!(!has(), "something has changed since");
    assert_eq!(hosted.api("GET", "/orders/n1", &[], "").json()["count"], 7);
}
