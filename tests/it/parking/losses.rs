use std::time::Duration;

use tempfile::TempDir;

use super::{Host, OVER, Place, impatient, some_requests, state_header};

#[test]
fn session_that_a_lost_replica_never_parked_responds_410_until_it_gets_a_state() {
    let place = Place::memory();
    let (first, second) = (Host::start(&place, "first"), Host::start(&place, "second"));
    some_requests(&first, "s", 1);
    let snapshot = first.control("GET", "/sessions/s/snapshot?with_secrets=true", "");
    assert_eq!(second.api("s", "GET", "/orders", "").status, 421, "the lease is valid");
    drop(first);
    second.run(OVER);
    for _ in 0..2 {
        let lost = second.api("s", "GET", "/orders", "");
        assert_eq!((lost.status, state_header(&lost)), (410, "lost"), "{}", lost.text);
        assert!(lost.text.contains("the replica `first` that had it has ended without storing it"), "{}", lost.text);
        assert!(
            lost.text.contains("PUT /sessions/s/snapshot") && lost.text.contains("POST /sessions"),
            "{}",
            lost.text
        );
    }
    assert_eq!(second.control("GET", "/sessions/s", "").status, 410);
    assert_eq!(second.control("PUT", "/sessions/s/snapshot", "{\"scenario\": 1").status, 400);
    assert_eq!(second.api("s", "GET", "/orders", "").status, 410, "a request that fails changes nothing");
    let seeded = second.control("PUT", "/sessions/s/snapshot", &snapshot.text);
    assert_eq!(seeded.status, 200, "{}", seeded.text);
    let list = second.api("s", "GET", "/orders", "");
    assert!(list.status == 200 && list.text.contains("tea 1"), "{}", list.text);
    assert_eq!(state_header(&list), "");
    let third = Host::start(&place, "third");
    assert_eq!(third.api("s", "GET", "/orders", "").status, 421, "the session is claimed");
}

#[test]
fn session_of_a_lost_replica_has_its_last_parked_state_and_says_so() {
    let place = Place::memory();
    let first = Host::with_limits(&place, "first", impatient());
    some_requests(&first, "s", 1);
    first.park_idle();
    let second = Host::start(&place, "second");
    let parked = second.api("s", "GET", "/orders", "");
    some_requests(&second, "s", 2);
    drop(second);
    let third = Host::start(&place, "third");
    third.run(OVER);
    let recovered = third.api("s", "GET", "/orders", "");
    assert_eq!((recovered.status, state_header(&recovered)), (200, "recovered"), "{}", recovered.text);
    assert_eq!(recovered.text, parked.text);
    let journal = third.journal("s");
    assert!(journal.contains("\"recovered\""), "{journal}");
    assert!(journal.contains("the replica second has ended without storing the session; changes since "), "{journal}");
    assert_eq!(state_header(&third.api("s", "GET", "/orders", "")), "");
}

#[test]
fn replica_whose_lease_has_run_out_goes_on_with_sessions_that_are_still_its_own() {
    let place = Place::memory();
    let first = Host::start(&place, "first");
    some_requests(&first, "s", 1);
    let before = first.api("s", "GET", "/orders", "").text;
    std::thread::sleep(OVER);
    let after = first.api("s", "GET", "/orders", "");
    assert_eq!((after.status, state_header(&after), after.text.as_str()), (200, "", before.as_str()));
}

#[test]
fn replica_whose_lease_has_run_out_gives_up_sessions_that_another_one_has_taken() {
    let place = Place::memory();
    let first = Host::with_limits(&place, "first", impatient());
    some_requests(&first, "s", 1);
    first.park_idle();
    let second = Host::start(&place, "second");
    some_requests(&second, "s", 2);
    // The second one is frozen meanwhile.
    first.run(OVER);
    assert_eq!(state_header(&first.api("s", "POST", "/orders", "{}")), "recovered");
    let rejected = second.api("s", "POST", "/orders", "{}");
    assert_eq!((rejected.status, rejected.header("x-standin-session-owner")), (421, "first:4010"));
    assert!(second.backend.admin.mock.sessions().find("s").is_none());
}

#[test]
fn session_that_is_parked_after_the_lease_has_run_out_is_claimed_again_first() {
    let place = Place::memory();
    let first = Host::with_limits(&place, "first", impatient());
    some_requests(&first, "s", 1);
    std::thread::sleep(OVER);
    first.park_idle();
    let second = Host::start(&place, "second");
    let moved = second.api("s", "GET", "/orders", "");
    assert_eq!((moved.status, state_header(&moved)), (200, "resumed"), "{}", moved.text);
}

#[test]
fn requests_get_503_with_the_reason_while_the_store_fails_and_the_state_stays() {
    let folder = TempDir::new().expect("a folder");
    let place = Place::folder(folder.path());
    let first = Host::with_limits(&place, "first", impatient());
    some_requests(&first, "s", 1);
    let before = first.api("s", "GET", "/orders", "").text;
    let (parked, moved) = (folder.path().join("parked"), folder.path().join("moved"));
    std::fs::rename(&parked, &moved).expect("renamed");
    std::fs::write(&parked, "no folder").expect("written");
    first.run(Duration::from_millis(900));
    let failed = first.api("s", "GET", "/orders", "");
    assert_eq!(failed.status, 503, "{}", failed.text);
    assert!(failed.text.contains("the store of --park fails"), "{}", failed.text);
    // In the form of the contract's errors.
    let created = first.api("s", "POST", "/orders", "{}");
    assert!(created.status == 503 && created.text.starts_with("{\"reason\":"), "{}", created.text);
    assert_eq!(first.control("GET", "/sessions/s", "").status, 503);
    assert_eq!(
        first.send(standin::server::Port::Api, "GET", "/orders", &[], "").status,
        200,
        "`default` needs no store"
    );
    std::fs::remove_file(&parked).expect("removed");
    std::fs::rename(&moved, &parked).expect("renamed");
    let after = first.api("s", "GET", "/orders", "");
    assert_eq!((after.status, after.text), (200, before));
}
