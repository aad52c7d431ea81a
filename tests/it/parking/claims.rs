use std::sync::Barrier;
use std::time::Duration;

use standin::session::SessionLimits;
use tempfile::TempDir;

use super::{Host, Place, impatient, some_requests, state_header};

/// A replica whose lease lasts as long as a test.
fn long_leased(place: &Place, name: &str) -> Host {
    Host::with_lease(place, name, SessionLimits::default(), Duration::from_secs(60))
}

/// Calls a test with each kind of store.
fn in_each_store(test: impl Fn(&Place)) {
    test(&Place::memory());
    let folder = TempDir::new().expect("a folder");
    test(&Place::folder(folder.path()));
}

#[test]
fn idle_session_continues_at_another_replica_with_the_bytes_of_one_process() {
    in_each_store(|place| {
        let alone = Host::start(&Place::memory(), "alone");
        let (first, second) = (Host::with_limits(place, "first", impatient()), Host::start(place, "second"));
        assert_eq!(some_requests(&first, "s", 1), some_requests(&alone, "s", 1));
        first.park_idle();
        let list = second.api("s", "GET", "/orders", "");
        assert_eq!((list.status, state_header(&list)), (200, "resumed"), "{}", list.text);
        assert_eq!(list.text, alone.api("s", "GET", "/orders", "").text);
        assert_eq!(some_requests(&second, "s", 2), some_requests(&alone, "s", 2));
    });
}

#[test]
fn first_request_of_a_session_is_new_and_the_next_ones_are_not() {
    let host = Host::start(&Place::memory(), "first");
    let states = [(); 2].map(|()| state_header(&host.api("s", "GET", "/orders", "")).to_owned());
    assert_eq!(states, ["new", ""]);
}

#[test]
fn of_two_replicas_that_begin_a_session_at_once_one_has_it_and_the_other_names_it() {
    in_each_store(|place| {
        for round in 0..10 {
            let hosts = ["a", "b"].map(|name| long_leased(place, &format!("{name}{round}")));
            let (together, id) = (Barrier::new(2), format!("s{round}"));
            let mut responses = Vec::new();
            std::thread::scope(|scope| {
                let send = |host: Host| {
                    together.wait();
                    let response = host.api(&id, "POST", "/orders", "{}");
                    (response.status, response.header("x-standin-session-owner").to_owned())
                };
                let threads: Vec<_> = hosts.into_iter().map(|host| scope.spawn(move || send(host))).collect();
                responses.extend(threads.into_iter().map(|thread| thread.join().expect("no panic")));
            });
            responses.sort();
            let owner = responses[1].1.clone();
            assert_eq!(responses, [(201, String::new()), (421, owner.clone())]);
            assert!(owner == format!("a{round}:4010") || owner == format!("b{round}:4010"), "{owner}");
        }
    });
}

#[test]
fn two_replicas_never_both_take_up_a_parked_session() {
    in_each_store(|place| {
        let origin = Host::with_limits(place, "origin", impatient());
        let hosts = ["a", "b", "c"].map(|name| long_leased(place, name));
        let ids: Vec<String> = (0..4).map(|number| format!("s{number}")).collect();
        ids.iter().for_each(|id| drop(some_requests(&origin, id, 1)));
        origin.park_idle();
        let together = Barrier::new(hosts.len());
        let mut statuses: Vec<Vec<u16>> = Vec::new();
        std::thread::scope(|scope| {
            let send = |host: Host| {
                together.wait();
                ids.iter().map(|id| host.api(id, "GET", "/orders", "").status).collect()
            };
            let threads: Vec<_> = hosts.into_iter().map(|host| scope.spawn(move || send(host))).collect();
            statuses.extend(threads.into_iter().map(|thread| thread.join().expect("no panic")));
        });
        for session in 0..ids.len() {
            let mut of_session: Vec<u16> = statuses.iter().map(|of_host| of_host[session]).collect();
            of_session.sort_unstable();
            assert_eq!(of_session, [200, 421, 421]);
        }
    });
}

#[test]
fn session_moves_to_a_replica_that_waits_for_it_when_its_own_does_not_use_it() {
    let place = Place::memory();
    let (first, second) = (long_leased(&place, "first"), Host::start(&place, "second"));
    some_requests(&first, "s", 1);
    let rejected = second.api("s", "GET", "/orders", "");
    assert_eq!((rejected.status, rejected.header("x-standin-session-owner")), (421, "first:4010"));
    assert!(rejected.text.contains("the session `s` is at the replica `first`"), "{}", rejected.text);
    // It was used a moment ago.
    first.run(Duration::from_millis(200));
    assert_eq!(first.api("s", "GET", "/orders", "").status, 200);
    first.run(Duration::from_millis(2_300));
    let moved = second.api("s", "GET", "/orders", "");
    assert_eq!((moved.status, state_header(&moved)), (200, "resumed"), "{}", moved.text);
}

#[test]
fn beyond_the_limit_the_least_recently_used_session_is_parked_and_comes_back() {
    let place = Place::memory();
    let host = Host::with_limits(&place, "first", SessionLimits { count: 2, ..SessionLimits::default() });
    let alone = Host::start(&Place::memory(), "alone");
    for id in ["a", "b", "c", "d"] {
        some_requests(&host, id, 1);
    }
    some_requests(&alone, "a", 1);
    assert!(host.backend.admin.mock.sessions().count() <= 3);
    let back = host.api("a", "GET", "/orders", "");
    assert_eq!((back.status, state_header(&back)), (200, "resumed"), "{}", back.text);
    assert_eq!(back.text, alone.api("a", "GET", "/orders", "").text);
    assert_eq!(some_requests(&host, "a", 2), some_requests(&alone, "a", 2));
}

#[test]
fn session_that_was_only_read_is_parked_without_a_snapshot() {
    let folder = TempDir::new().expect("a folder");
    let place = Place::folder(folder.path());
    let host = Host::with_limits(&place, "first", impatient());
    for id in ["a", "b"] {
        assert_eq!(host.api(id, "GET", "/orders", "").status, 200);
    }
    host.park_idle();
    let count = |name: &str| std::fs::read_dir(folder.path().join("parked").join(name)).map_or(0, Iterator::count);
    assert_eq!((count("claims"), count("starts"), count("snapshots")), (2, 1, 0));
    let second = Host::start(&place, "second");
    assert_eq!(state_header(&second.api("a", "POST", "/orders", "{}")), "resumed");
}

#[test]
fn orderly_end_of_a_replica_loses_nothing() {
    in_each_store(|place| {
        let (alone, first) = (Host::start(&Place::memory(), "alone"), Host::start(place, "first"));
        let ids: Vec<String> = (0..40).map(|number| format!("s{number}")).collect();
        let before: Vec<_> = ids.iter().map(|id| some_requests(&first, id, 1)).collect();
        assert_eq!(first.end(), Ok(()));
        let second = Host::start(place, "second");
        for (id, before) in ids.iter().zip(before) {
            assert_eq!(before, some_requests(&alone, id, 1));
            let moved = second.api(id, "GET", "/orders", "");
            assert_eq!((moved.status, state_header(&moved)), (200, "resumed"));
            assert_eq!(some_requests(&second, id, 2), some_requests(&alone, id, 2));
        }
    });
}
