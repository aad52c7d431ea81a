//! The help of the program and of each command, and completions.

use super::{standin, stdout};

const COMMANDS: [&str; 16] = [
    "serve",
    "tokens",
    "quirks",
    "replay",
    "routes",
    "init",
    "check",
    "explain",
    "fixtures",
    "verify",
    "record",
    "wait",
    "mcp",
    "contract",
    "schema",
    "completions",
];

/// The heading of the options that most commands share.
const SHARED: &str = "The API and its state:";

fn help(command: &[&str]) -> String {
    stdout(&standin(&[command, &["--help"]].concat()))
}

/// A help text without the shared options and without trailing spaces.
fn own_help(command: &str) -> String {
    let help = help(&[command]);
    let own = match help.split_once(SHARED) {
        None => help,
        Some((before, shared)) => {
            let rest = shared.split("\n\n").skip_while(|part| part.starts_with("\n  ") || part.starts_with("      "));
            let rest: Vec<&str> = rest.collect();
            format!("{before}{SHARED} ...\n\n{}", rest.join("\n\n"))
        }
    };
    own.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

#[test]
fn help_of_the_program_lists_commands_and_exit_codes() {
    let help = help(&[]);
    for command in COMMANDS {
        assert!(help.contains(&format!("\n  {command} ")), "{command}");
    }
    insta::assert_snapshot!(help);
}

#[test]
fn help_of_each_command_is_as_reviewed() {
    for command in COMMANDS {
        insta::assert_snapshot!(command, own_help(command));
    }
}

#[test]
fn shared_options_stand_under_one_heading() {
    let help = help(&["tokens"]);
    let (_, shared) = help.split_once(SHARED).expect("a heading");
    insta::assert_snapshot!(shared.lines().map(str::trim_end).collect::<Vec<_>>().join("\n"));
}

#[test]
fn each_command_shows_an_example_whose_options_exist() {
    let subcommands: [&[&str]; 2] = [&["quirks", "show"], &["quirks", "prove"]];
    for command in COMMANDS.iter().map(std::slice::from_ref).chain(subcommands) {
        let help = help(command);
        let (_, examples) = help.split_once("Examples:\n").unwrap_or_else(|| panic!("{command:?} has no example"));
        let examples = examples.replace("\\\n", " ");
        for example in examples.lines().filter(|line| !line.trim().is_empty()) {
            let words: Vec<&str> = example.split_whitespace().collect();
            assert_eq!(words[0], "standin", "{example}");
            let other = words.get(1).filter(|word| **word != command[0]);
            let help = other.map_or_else(|| help.clone(), |other| super::stdout(&standin(&[other, "--help"])));
            for option in words.iter().filter(|word| word.starts_with("--")) {
                assert!(
                    help.contains(&format!("{option} ")) || help.contains(&format!("{option}\n")),
                    "{example}: {option}"
                );
            }
        }
    }
}

#[test]
fn help_of_serve_lists_every_control_route() {
    let help = help(&["serve"]);
    for route in standin::admin::ROUTES.iter() {
        assert!(help.contains(&format!("{} {}", route.method, route.path)), "{}", route.path);
        assert!(help.split_whitespace().collect::<Vec<_>>().join(" ").contains(route.summary), "{}", route.summary);
    }
}

#[test]
fn completions_exist_for_each_shell() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(stdout(&standin(&["completions", shell])).contains("standin"), "{shell}");
    }
}

#[test]
fn manual_pages_exist_for_each_command() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("man1");
    assert!(standin(&["man", "--out", &out.display().to_string()]).status.success());
    for command in COMMANDS {
        let page = std::fs::read_to_string(out.join(format!("standin-{command}.1"))).expect("a page");
        assert!(page.contains(".SH OPTIONS") || command == "completions", "{command}: {page}");
    }
    assert!(std::fs::read_to_string(out.join("standin.1")).expect("a page").contains("standin\\-serve(1)"));
}
