//! Quirks: the proof of each holds with the quirk on and off; quirks files are read strictly.

use serde_json::Value;
use standin::diagnostics::SourceFile;
use standin::quirks::{Area, EFFECTS, Profile, Quirks, Selection};
use standin::request::{Checking, Settings};
use standin::scenarios::{Proof, Scenario};

use crate::vocabulary::{CLIENT, ENGINE, MUSIC_SCHOOL, PACKAGE, mock, mock_set, mock_with, observed};

#[test]
fn the_proof_of_every_quirk_holds() {
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
fn every_quirk_describes_both_sides_and_has_evidence() {
    for quirk in ENGINE.quirks().iter() {
        assert!(!quirk.on.is_empty() && !quirk.off.is_empty() && quirk.on != quirk.off, "{}", quirk.id);
        assert!(!quirk.evidence.is_empty(), "{}", quirk.id);
    }
}

#[test]
fn observed_profile_has_all_quirks_on_except_crashes_and_documented_profile_has_none() {
    for (profile, on) in [(Profile::Observed, true), (Profile::Documented, false)] {
        let flags = ENGINE.quirks().flags(&Selection { profile, ..Selection::default() }).expect("known");
        for quirk in ENGINE.quirks().iter() {
            let on = on && quirk.area != Area::ServerBug && !quirk.is_off_by_default && quirk.since.is_none();
            assert_eq!(flags.find(&quirk.id).expect("a switch").1, on, "{}", quirk.id);
        }
    }
}

/// Whether the main gateway and the fallback respond to a GET of two paths under a profile.
fn is_served(profile: &str, path: &str) -> [bool; 2] {
    let mock = mock_with(&Selection::of_profile(profile).expect("a profile"), None);
    ["/apigw", "/api2"].map(|prefix| mock.call("staff", "GET", &format!("{prefix}{path}"), Value::Null).status == 200)
}

#[test]
fn dated_profile_has_the_quirks_of_its_month_and_the_first_month_is_the_default() {
    let (taxes, staff) = ("/business/payments/v1/taxes", "/v3/business_administration/staff_members/3f90b6a1e7d2c458");
    for profile in ["observed", "observed@2026-02", "server-bugs"] {
        assert_eq!((is_served(profile, taxes), is_served(profile, staff)), ([false, true], [true, true]), "{profile}");
    }
    for profile in ["observed@2026-03", "server-bugs@2026-03"] {
        assert_eq!((is_served(profile, taxes), is_served(profile, staff)), ([true, true], [false, true]), "{profile}");
    }
    for profile in ["permissive@2026-02", "permissive@2026-03"] {
        assert_eq!((is_served(profile, taxes), is_served(profile, staff)), ([true, true], [true, true]), "{profile}");
    }
}

#[test]
fn unknown_profile_or_month_is_an_error_with_the_known_ones() {
    insta::assert_snapshot!(Selection::of_profile("observd").expect_err("there is none"), @"there is no profile `observd`; there are observed, documented, permissive, server-bugs");
    let selection = Selection::of_profile("observed@2026-04").expect("a profile");
    insta::assert_snapshot!(ENGINE.quirks().flags(&selection).expect_err("no such month"), @"there are no observations of `2026-04`; there are 2026-02, 2026-03");
    let api = ENGINE.api().clone();
    let undated = standin::api::Api { observed: Vec::new(), ..standin::api::Api::clone(&api) };
    let quirks = Quirks::read(&[], &undated).expect("no quirk");
    insta::assert_snapshot!(quirks.flags(&selection).expect_err("no months"), @"there are no observations of `2026-04`; the API has no dated profiles");
}

#[test]
fn month_of_a_scenario_that_the_api_lacks_is_reported_with_its_line() {
    let read = |month: &str| {
        let text = format!("scenario: mine\nquirks:\n  profile: observed@{month}\n");
        let scenario = Scenario::read(&SourceFile::new("mine.yaml", text)).expect("a profile");
        scenario.check_switches(ENGINE.quirks()).map_err(|wrong| wrong.to_string())
    };
    assert_eq!(read("2026-03"), Ok(()));
    let wrong = read("2026-04").expect_err("no such month");
    assert_eq!(wrong, "mine.yaml:3:12: there are no observations of `2026-04`; there are 2026-02, 2026-03");
}

#[test]
fn response_without_applied_quirks_names_none() {
    let body = serde_json::json!({"client_id": CLIENT, "package_id": PACKAGE});
    let seen = mock(Profile::Documented).staff("POST", "/platform/v1/payment/client_packages", body);
    assert_eq!((seen.status, seen.quirks()), (422, ""), "valid_from is required without the quirk: {}", seen.body);
    assert_eq!(observed().get("/business/payments/v1/taxes").quirks(), "");
}

#[test]
fn response_names_all_applied_quirks() {
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
fn unknown_quirk_in_a_selection_is_an_error_with_the_nearest_id() {
    let mut selection = Selection::default();
    selection.change("-gateway-refuses-business-payment").expect("a sign");
    let unknown = ENGINE.quirks().flags(&selection).expect_err("there is none");
    insta::assert_snapshot!(unknown, @"there is no quirk `gateway-refuses-business-payment`; did you mean `gateway-refuses-business-payments`?");
    assert!(selection.change("no-sign").is_err());
}

#[test]
fn documented_checking_accepts_values_that_only_a_quirk_about_validation_rejects() {
    let settings = |checking| Settings { checking, ..Settings::default() };
    let tax = serde_json::json!({"tax": {"name": "Free", "rate": 0}});
    let package = serde_json::json!({"name": "", "price": 1, "currency": "ZZZ", "expiration": 1, "expiration_unit": "D", "items": []});
    let unknown = serde_json::json!({"client_id": "no-such-client", "package_id": PACKAGE});
    for (path, body, observed, documented) in [
        ("/business/payments/v1/taxes", tax, 422, 201),
        ("/platform/v1/payment/packages", package, 422, 201),
        ("/platform/v1/payment/client_packages", unknown, 422, 422),
    ] {
        for (checking, status) in [(Checking::Lenient, observed), (Checking::Documented, documented)] {
            let seen = mock_set(settings(checking)).staff("POST", path, body.clone());
            assert_eq!(seen.status, status, "{path} {checking:?}: {}", seen.body);
        }
    }
}

fn diagnostic(yaml: &str) -> String {
    Quirks::read(&[SourceFile::new("my.quirks.yaml", yaml)], ENGINE.api()).expect_err("it is wrong").to_string()
}

#[test]
fn quirks_files_are_read_strictly() {
    let proof = "proof: [{method: GET, path: /a, on: {status: 401}, off: {status: 200}}]";
    let good = format!("quirks:\n  - id: a\n    on: x\n    off: y\n    evidence: []\n    {proof}\n");
    let with = |more: &str| good.replace(proof, &format!("{proof}\n    {more}"));
    assert!(Quirks::read(&[SourceFile::new("my.quirks.yaml", good.as_str())], ENGINE.api()).is_ok());
    insta::assert_snapshot!(diagnostic(&good.replace("off: y", "of: y")), @"my.quirks.yaml:4:5: unknown entry of a quirk `of` (did you mean `off`?)");
    insta::assert_snapshot!(diagnostic(&good.replace("    on: x\n", "    on: x\n    wen: {path: /a}\n")), @"my.quirks.yaml:4:5: unknown entry of a quirk `wen` (did you mean `when`?)");
    insta::assert_snapshot!(diagnostic(&good.replace("id: a", "id: An Id")), @"my.quirks.yaml:2:9: an id is lowercase letters, digits and hyphens");
    insta::assert_snapshot!(diagnostic(&good.replace("on: x", "on: 7")), @"my.quirks.yaml:3:9: expected text, found the number `7` (write '7' in quotes)");
    insta::assert_snapshot!(diagnostic(&with("respond: {status: 401, body: {}}")), @"my.quirks.yaml:2:5: a quirk with an effect needs a path (add `when: {path: …}`)");
    insta::assert_snapshot!(diagnostic(&with("when: {path: a/b}")), @"my.quirks.yaml:7:18: `a/b` is not a path pattern (write `/a/*/b` or `/a/**`)");
    insta::assert_snapshot!(diagnostic(&with("when: {token: staf}")), @"my.quirks.yaml:7:19: unknown kind of token `staf` (did you mean `staff`?)");
    insta::assert_snapshot!(diagnostic(&format!("{good}{}", good.replace("quirks:\n", ""))), @"my.quirks.yaml:7:5: the id `a` is already used in my.quirks.yaml:2");
    insta::assert_snapshot!(diagnostic(&with("when: {path: /a, route: some}")), @"my.quirks.yaml:7:29: unknown route `some` (did you mean `none`?)");
    insta::assert_snapshot!(diagnostic(&with("when: {path: /a, except: b}")), @"my.quirks.yaml:7:30: `b` is not a path pattern (write `/a/*/b` or `/a/**`)");
    insta::assert_snapshot!(diagnostic(&with("when: {path: /a, record: there}")), @"my.quirks.yaml:7:30: expected the state of the record as a mapping (`name: value`), found the text `there`");
    insta::assert_snapshot!(diagnostic(&with("when: {path: /a}\n    page: {size: per_page}")), @"my.quirks.yaml:8:11: expected `at_most: …`, `offset: …` or both, found a mapping");
    insta::assert_snapshot!(diagnostic(&good.replace("    on: x\n", "    since: 2026-01\n    on: x\n")), @"my.quirks.yaml:3:12: unknown date of observations `2026-01` (declare it in `observed` of standin.yaml)");
    insta::assert_snapshot!(diagnostic(&with("when: {operation: [GET /a, FETCH /b]}")), @"my.quirks.yaml:7:23: `FETCH /b` is not a method and a path pattern (write `PUT /a/*/b`)");
    insta::assert_snapshot!(diagnostic(&with("when: {operation: GET a/b}")), @"my.quirks.yaml:7:23: `GET a/b` is not a method and a path pattern (write `PUT /a/*/b`)");
    insta::assert_snapshot!(diagnostic("quirks: [\n"), @"my.quirks.yaml:1:9: unclosed bracket '['");
    insta::assert_snapshot!(diagnostic(&with("when: {path: /a}\n    page: {size: n, at_most: 1}\n    respond: {status: 401, body: {}}")), @"my.quirks.yaml:2:5: a quirk has one effect, this one has `respond` and `page` (write two quirks)");
}

#[test]
fn former_names_of_effects_are_diagnostics_with_the_new_name() {
    let quirk = |effect: &str| {
        format!("quirks: [{{id: a, on: x, off: y, evidence: [], when: {{path: /a}}, proof: [], {effect}}}]")
    };
    for (former, name) in [
        ("answer", "respond"),
        ("refer", "reference"),
        ("ask", "default_query"),
        ("copy", "duplicate"),
        ("show", "expose"),
        ("set", "override"),
        ("accept", "allow"),
    ] {
        let text = diagnostic(&quirk(&format!("{former}: {{}}")));
        assert!(text.ends_with(&format!("`{former}` is now called `{name}`")), "{text}");
        assert!(EFFECTS.iter().any(|kind| kind.name() == name), "{name}");
    }
    let reference = quirk("reference: {field: a, to: b, answer: {status: 404, body: {}}}");
    insta::assert_snapshot!(diagnostic(&reference), @"my.quirks.yaml:1:113: `answer` is now called `respond`");
}

#[test]
fn broken_or_empty_proof_is_a_diagnostic_at_load() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("written");
    write(
        "pets.json",
        r#"{"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {"/pets": {"get": {"responses": {"200": {"description": "ok"}}}}}}"#,
    );
    let load = |proof: &str| {
        let quirk = "id: hidden\n    on: x\n    off: y\n    evidence: []\n    when: {path: /pets}";
        let effect = "respond: {status: 404, body: {}}";
        write("pets.quirks.yaml", &format!("quirks:\n  - {quirk}\n    {effect}\n    proof: {proof}\n"));
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_standin"));
        let output =
            command.args(["quirks", "--swagger", "."]).current_dir(folder.path()).env("NO_COLOR", "1").output();
        let output = output.expect("it runs");
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let good = load("[{method: GET, path: /pets, on: {status: 404}, off: {status: 200}}]");
    assert!(good.0, "{}", good.1);
    for (proof, expected) in [
        ("[]", "no step whose response differs"),
        ("nothing", "expected a list"),
        ("[{method: GET, path: /pets}]", "no step whose response differs"),
        ("[{method: GET, path: /pets, on: {status: 404}, off: {status: 404}}]", "no step whose response differs"),
        ("[{method: GET, path: /pets, on: {status: 404}, off: {status: 200}, expects: 1}]", "`expects`"),
        ("[{method: GET, path: /pets, on: {status: many}, off: {status: 200}}]", "found the text `many`"),
        ("[{path: /pets, on: {status: 404}, off: {status: 200}}]", "`method`"),
    ] {
        let (is_loaded, text) = load(proof);
        assert!(!is_loaded && text.contains(expected) && text.contains("pets.quirks.yaml"), "{proof}: {text}");
    }
}
