//! `standin init`.

use super::{standin, stderr, stdout};

#[test]
fn folder_of_init_is_accepted_by_check_replay_and_fixtures() {
    let folder = tempfile::tempdir().expect("a folder");
    let api = folder.path().join("my-api").display().to_string();
    let output = standin(&["init", &api]);
    assert!(output.status.success());
    assert!(stdout(&output).contains(&format!("standin serve --swagger {api} --watch")));

    let checked = standin(&["check", &api]);
    assert_eq!(
        (checked.status.code(), stdout(&checked).as_str()),
        (Some(0), "1 files, 5 operations: 0 errors, 0 warnings, 0 infos\n")
    );
    let scenarios = format!("{api}/scenarios");
    let replayed = standin(&["replay", "--swagger", &api, &scenarios]);
    assert!(stdout(&replayed).ends_with("first (4 steps)\n1 passed, 0 failed, 0 skipped\n"), "{}", stdout(&replayed));
    assert_eq!(stdout(&standin(&["tokens", "--swagger", &api])).trim_end(), "clerk  let-me-in");
    assert!(standin(&["fixtures", "--swagger", &api, "--format", "har"]).status.success());
}

#[test]
fn init_overwrites_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("standin.yaml"), "name: mine\n").expect("written");
    let output = standin(&["init", &folder.path().display().to_string()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("standin.yaml exists"), "{}", stderr(&output));
    assert!(!folder.path().join("shop.yaml").exists(), "nothing is written");
}

#[test]
fn order_of_init_expires_when_the_clock_is_advanced() {
    let folder = tempfile::tempdir().expect("a folder");
    assert!(standin(&["init", &folder.path().display().to_string()]).status.success());
    let mock = standin::Mock::builder().api(folder.path()).start();
    assert_eq!(mock.record("order", "o1")["state"], "open");
    mock.clock().advance("15d");
    assert_eq!(mock.record("order", "o1")["state"], "expired");
}

#[test]
fn files_of_init_name_their_schemas_in_the_first_line() {
    let folder = tempfile::tempdir().expect("a folder");
    assert!(standin(&["init", &folder.path().display().to_string()]).status.success());
    for name in ["standin.yaml", "shop.resources.yaml", "scenarios/first.yaml"] {
        let path = folder.path().join(name);
        let text = std::fs::read_to_string(&path).expect("written");
        let schema = text.lines().next().and_then(|line| line.strip_prefix("# yaml-language-server: $schema="));
        let schema = path.parent().expect("a folder").join(schema.expect("a schema"));
        let schema: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(schema).expect("written")).expect("JSON");
        let content: serde_json::Value = serde_saphyr::from_str(&text).expect("YAML");
        let errors: Vec<String> = jsonschema::validator_for(&schema)
            .expect("a schema")
            .iter_errors(&content)
            .map(|e| e.to_string())
            .collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
    }
}
