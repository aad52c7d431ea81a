//! Quirks: each is proven with itself on and off; the files are read strictly.

use standin::diagnostics::SourceFile;
use standin::quirks::{Area, Profile, Quirks, Selection};
use standin::scenarios::Proof;

use crate::vocabulary::{CLIENT, ENGINE, MUSIC_SCHOOL, PACKAGE, mock, observed};

#[test]
fn every_quirk_has_a_proof_that_holds() {
    let mut failed = Vec::new();
    for quirk in ENGINE.quirks().iter() {
        let proof = Proof::of(quirk).unwrap_or_else(|diagnostic| panic!("{}: {diagnostic:?}", quirk.id));
        if let Some(problem) = proof.run(&ENGINE, &MUSIC_SCHOOL).problem {
            failed.push(format!("{}: {problem}", quirk.id));
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}

#[test]
fn every_quirk_says_what_it_does_on_and_off_and_where_it_was_seen() {
    for quirk in ENGINE.quirks().iter() {
        assert!(!quirk.on.is_empty() && !quirk.off.is_empty() && quirk.on != quirk.off, "{}", quirk.id);
        assert!(!quirk.evidence.is_empty(), "{}", quirk.id);
    }
}

#[test]
fn the_observed_profile_has_all_quirks_on_but_crashes_and_the_documented_one_none() {
    for (profile, on) in [(Profile::Observed, true), (Profile::Documented, false)] {
        let flags = ENGINE.quirks().flags(&Selection { profile, changes: Vec::new() }).expect("known");
        for quirk in ENGINE.quirks().iter() {
            let on = on && quirk.area != Area::ServerBug && !quirk.is_off_by_default;
            assert_eq!(flags.find(&quirk.id).expect("a switch").1, on, "{}", quirk.id);
        }
    }
}

#[test]
fn an_answer_that_no_quirk_changed_names_none() {
    let body = serde_json::json!({"client_id": CLIENT, "package_id": PACKAGE});
    let seen = mock(Profile::Documented).staff("POST", "/platform/v1/payment/client_packages", body);
    assert_eq!((seen.status, seen.quirks()), (422, ""), "valid_from is required without the quirk: {}", seen.body);
    assert_eq!(observed().get("/business/payments/v1/taxes").quirks(), "");
}

#[test]
fn an_answer_that_several_quirks_changed_names_them_all() {
    let body = serde_json::json!({"client_id": CLIENT, "package_id": PACKAGE, "price": "12.5"});
    let seen = observed().staff("POST", "/platform/v1/payment/client_packages", body).expect(201);
    let named: Vec<&str> = seen.quirks().split(", ").collect();
    for id in [
        "client-package-price-string",
        "client-package-price-override",
        "client-package-valid-from-today",
        "client-package-valid-until-from-expiration",
        "client-package-auto-conversation",
        "client-package-credits-from-items",
        "client-package-payment-request-overdue",
    ] {
        assert!(named.contains(&id), "{id} is not in {named:?}");
    }
}

#[test]
fn a_switch_that_names_no_quirk_is_refused_with_the_nearest_one() {
    let mut selection = Selection::default();
    selection.change("-gateway-refuses-business-payment").expect("a sign");
    let unknown = ENGINE.quirks().flags(&selection).expect_err("there is none");
    insta::assert_snapshot!(unknown, @"there is no quirk `gateway-refuses-business-payment`; did you mean `gateway-refuses-business-payments`?");
    assert!(selection.change("no-sign").is_err());
}

fn diagnostic(yaml: &str) -> String {
    Quirks::read(&[SourceFile::new("my.quirks.yaml", yaml)], ENGINE.api()).expect_err("it is wrong").to_string()
}

#[test]
fn a_quirks_file_is_read_strictly() {
    let good = "quirks:\n  - id: a\n    on: x\n    off: y\n    evidence: []\n    proof: []\n";
    assert!(Quirks::read(&[SourceFile::new("my.quirks.yaml", good)], ENGINE.api()).is_ok());
    insta::assert_snapshot!(diagnostic(&good.replace("off: y", "of: y")), @"my.quirks.yaml:4:5: unknown entry of a quirk `of` (did you mean `off`?)");
    insta::assert_snapshot!(diagnostic(&good.replace("    on: x\n", "    on: x\n    wen: {path: /a}\n")), @"my.quirks.yaml:4:5: unknown entry of a quirk `wen` (did you mean `when`?)");
    insta::assert_snapshot!(diagnostic(&good.replace("id: a", "id: An Id")), @"my.quirks.yaml:2:9: an id is lowercase letters, digits and hyphens");
    insta::assert_snapshot!(diagnostic(&good.replace("on: x", "on: 7")), @"my.quirks.yaml:3:9: expected text, found the number `7` (write '7' in quotes)");
    insta::assert_snapshot!(diagnostic(&good.replace("proof: []", "proof: []\n    answer: {status: 401, body: {}}")), @"my.quirks.yaml:2:5: a rule says where it applies (add `when: {path: …}`)");
    insta::assert_snapshot!(diagnostic(&good.replace("proof: []", "proof: []\n    when: {path: a/b}")), @"my.quirks.yaml:7:18: `a/b` is no path pattern (write `/a/*/b` or `/a/**`)");
    insta::assert_snapshot!(diagnostic(&good.replace("proof: []", "proof: []\n    when: {token: staf}")), @"my.quirks.yaml:7:19: unknown kind of token `staf` (did you mean `staff`?)");
    insta::assert_snapshot!(diagnostic(&format!("{good}{}", good.replace("quirks:\n", ""))), @"my.quirks.yaml:7:5: the id `a` is already used in my.quirks.yaml:2");
    insta::assert_snapshot!(diagnostic(&good.replace("proof: []", "proof: []\n    when: {path: /a, route: some}")), @"my.quirks.yaml:7:29: unknown route `some` (did you mean `none`?)");
    insta::assert_snapshot!(diagnostic(&good.replace("proof: []", "proof: []\n    when: {path: /a, except: b}")), @"my.quirks.yaml:7:30: `b` is no path pattern (write `/a/*/b` or `/a/**`)");
    insta::assert_snapshot!(diagnostic(&good.replace("proof: []", "proof: []\n    when: {path: /a, record: there}")), @"my.quirks.yaml:7:30: expected how the record is as a mapping (`name: value`), found the text `there`");
    insta::assert_snapshot!(diagnostic(&good.replace("proof: []", "proof: []\n    when: {path: /a}\n    page: {size: per_page}")), @"my.quirks.yaml:8:11: expected `at_most: …`, `offset: …` or both, found a mapping");
    insta::assert_snapshot!(diagnostic("quirks: [\n"), @"my.quirks.yaml:1:9: unclosed bracket '['");
}
