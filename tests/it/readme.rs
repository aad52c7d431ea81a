//! README.md, examples/README.md and the pages in docs/ match the program.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::architecture::files;

/// The READMEs and all pages in docs/, with their text.
fn pages() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let docs = files(&root.join("docs")).into_iter().filter(|file| file.extension().is_some_and(|kind| kind == "md"));
    let all = [root.join("README.md"), root.join("examples/README.md")].into_iter().chain(docs);
    all.map(|file| (file.clone(), std::fs::read_to_string(&file).expect("a page"))).collect()
}

/// The fenced code blocks of a language on all pages.
fn blocks(language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    let mut blocks = Vec::new();
    for (_, text) in pages() {
        let found = text.split(&fence).skip(1).map(|rest| rest.split("```").next().expect("the end of the block"));
        blocks.extend(found.map(str::to_owned));
    }
    blocks
}

/// A folder with the example files: the YAML blocks that begin with a comment with the name of their file.
fn example_files() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for block in blocks("yaml") {
        let first = block.lines().next().and_then(|line| line.strip_prefix("# "));
        let Some(name) = first.filter(|name| name.ends_with(".yaml")) else { continue };
        let path = folder.path().join(name);
        assert!(!path.exists(), "two blocks are named {name}");
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(&path, &block).expect("a new file");
    }
    folder
}

/// What a command prints to stdout when it is run in a folder.
fn run_in(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_standin"));
    let output = command.args(arguments).env("NO_COLOR", "1").current_dir(folder).output().expect("the program runs");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn console_examples_are_the_output_of_the_commands() {
    let examples = example_files();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut commands = 0;
    for block in blocks("console") {
        for shown in block.split("$ standin ").skip(1) {
            let (command, lines) = shown.split_once('\n').expect("a command and its output");
            let folder = if command.contains("my-api/") { examples.path() } else { root };
            let printed = run_in(folder, &command.split(' ').collect::<Vec<_>>());
            let mut rest = printed.as_str();
            for part in lines.split("...\n").map(str::trim_end).filter(|part| !part.is_empty()) {
                let at = rest.find(part.trim_start_matches('\n'));
                let at = at.unwrap_or_else(|| panic!("`standin {command}` does not print\n{part}\nbut\n{printed}"));
                rest = &rest[at + part.len()..];
            }
            commands += 1;
        }
    }
    assert!(commands >= 8, "{commands}");
}

#[test]
fn example_files_are_valid() {
    let examples = example_files();
    let run = |arguments: &[&str]| run_in(examples.path(), arguments);
    assert!(run(&["tokens", "--scenario", "mine.yaml"]).contains("let-me-in"));
    run(&["check", "my-api"]);
    assert!(run(&["routes", "--swagger", "my-api"]).contains(" order "));
    assert!(run(&["quirks", "--swagger", "my-api"]).contains("cancelled-orders-are-gone"));
    // Resources and quirks apply without a standin.yaml too, and nothing of the built-in API does.
    std::fs::remove_file(examples.path().join("my-api/standin.yaml")).expect("one of the examples");
    std::fs::remove_dir_all(examples.path().join("my-api/scenarios")).expect("one of the examples");
    let proof = "ok    cancelled-orders-are-gone\n1 of 1 proofs hold\n";
    assert_eq!(run(&["quirks", "prove", "--swagger", "my-api"]), proof);
    assert_eq!(run(&["tokens", "--swagger", "my-api"]).trim(), "");
}

#[test]
fn options_in_shell_examples_exist_in_the_command_they_are_used_with() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut checked = 0;
    for block in blocks("sh") {
        for line in block.replace("\\\n", " ").lines() {
            let command = line.split_once(" #").map_or(line, |(command, _)| command);
            let Some((_, arguments)) = command.split_once("standin ") else { continue };
            let mut words = arguments.split_whitespace();
            let help = run_in(root, &[words.next().expect("a command"), "--help"]);
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

#[test]
fn links_between_pages_lead_to_files() {
    let mut links = 0;
    for (page, text) in pages() {
        let folder = page.parent().expect("a folder");
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = link.split('#').next().unwrap_or_default();
            if path.is_empty() || path.contains("://") {
                continue;
            }
            assert!(folder.join(path).exists(), "{}: {link}", page.display());
            links += 1;
        }
    }
    assert!(links > 20, "{links}");
}
