//! The README is up to date with the program.

use std::path::Path;
use std::process::Command;

/// The fenced code blocks of a language.
fn blocks(language: &str) -> Vec<String> {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let text = std::fs::read_to_string(readme).expect("a README");
    let fence = format!("```{language}\n");
    text.split(&fence).skip(1).map(|rest| rest.split("```").next().expect("an end").to_owned()).collect()
}

fn run(arguments: &[&str]) -> String {
    let output =
        Command::new(env!("CARGO_BIN_EXE_standin")).args(arguments).env("NO_COLOR", "1").output().expect("it runs");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn console_examples_of_the_readme_are_the_output_of_the_commands() {
    let mut commands = 0;
    for block in blocks("console") {
        for shown in block.split("$ standin ").skip(1) {
            let (command, lines) = shown.split_once('\n').expect("a command and what it prints");
            let printed = run(&command.split(' ').collect::<Vec<_>>());
            let mut rest = printed.as_str();
            for part in lines.split("...\n").map(str::trim_end).filter(|part| !part.is_empty()) {
                let at = rest.find(part.trim_start_matches('\n'));
                let at = at.unwrap_or_else(|| panic!("`standin {command}` does not print\n{part}\nbut\n{printed}"));
                rest = &rest[at + part.len()..];
            }
            commands += 1;
        }
    }
    assert!(commands >= 4, "{commands}");
}

#[test]
fn yaml_examples_of_the_readme_are_valid() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("written");
        path.display().to_string()
    };
    let yaml = blocks("yaml");
    let [quirks, scenario, resources] = yaml.as_slice() else { panic!("three files: {}", yaml.len()) };
    std::fs::create_dir(folder.path().join("shop")).expect("a folder");
    write("shop/shop.resources.yaml", resources);
    write(
        "shop/shop.json",
        r#"{"swagger": "2.0", "paths": {"/v1/purchases": {"get": {"responses": {"200": {"examples": {"application/json": [{"id": 1}]}}}}}}}"#,
    );
    let shop = folder.path().join("shop").display().to_string();
    assert!(run(&["routes", "--swagger", &shop]).contains(" order "), "another name for the same records");
    std::fs::remove_dir_all(folder.path().join("shop")).expect("removed");
    let scenario = write("mine.yaml", scenario);
    assert!(run(&["tokens", "--scenario", &scenario]).contains("let-me-in"));
    write(
        "pets.json",
        r#"{"swagger": "2.0", "basePath": "/v1", "paths": {"/pets": {"get": {"responses": {"200": {"description": "all"}}}}}}"#,
    );
    write("pets.quirks.yaml", quirks);
    let with_resources = folder.path().join("own");
    std::fs::create_dir(&with_resources).expect("a folder");
    write("own/pets.json", r#"{"swagger": "2.0", "paths": {"/pets": {"get": {"responses": {}}}}}"#);
    write("own/pets.resources.yaml", "pet:\n  plural: pets\n  fields: {name: {type: text, required: true}}\n");
    assert!(run(&["tokens", "--swagger", &with_resources.display().to_string()]).contains("admin-standin"));
    std::fs::remove_dir_all(with_resources).expect("removed");
    let folder = folder.path().display().to_string();
    assert_eq!(run(&["quirks", "prove", "--swagger", &folder]), "ok    gateway-hides-pets\n1 of 1 proofs hold\n");
    assert!(run(&["quirks", "--swagger", &folder]).contains("gateway-hides-pets"));
}

#[test]
fn options_in_shell_examples_exist_in_the_command_they_are_used_with() {
    let mut checked = 0;
    for block in blocks("sh") {
        for line in block.replace("\\\n", " ").lines() {
            let command = line.split_once(" #").map_or(line, |(command, _)| command);
            let Some((_, arguments)) = command.split_once("standin ") else { continue };
            let mut words = arguments.split_whitespace();
            let help = run(&[words.next().expect("a command"), "--help"]);
            for option in words.take_while(|word| *word != "|").filter(|word| word.starts_with("--")) {
                assert!(
                    help.contains(&format!("{option} ")) || help.contains(&format!("{option}\n")),
                    "{line}: {option}"
                );
                checked += 1;
            }
        }
    }
    assert!(checked > 20, "{checked}");
}
