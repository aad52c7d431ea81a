//! Which module may import which, and lists that must be equal.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use standin::apis::Handlers;
use standin::openapi::ApiFolder;
use standin::openapi::resource::ReferenceTarget;

use crate::vocabulary::ENGINE;

/// The modules from the bottom to the top: a module imports from those before it in the list, and modules on one level do not
/// import each other.
const LEVELS: &[&[&str]] = &[
    &["diagnostics"],
    &["model"],
    &["expressions"],
    &["openapi"],
    &["faults"],
    &["request"],
    &["api"],
    &["quirks"],
    &["handlers"],
    &["apis"],
    &["session"],
    &["pipeline"],
    &["scenarios"],
    &["fixtures"],
    &["recorder"],
    &["inspector"],
    &["admin"],
    &["server"],
    &["testing", "cli"],
];

pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => found.push(path),
        }
    }
    found.sort();
    found
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

#[test]
fn imports_go_down_only() {
    let level = |module: &str| LEVELS.iter().position(|level| level.contains(&module));
    let mut wrong = Vec::new();
    for file in files(&source()) {
        let inside = file.strip_prefix(source()).expect("below src").to_owned();
        let module = inside.components().next().expect("a module").as_os_str().to_string_lossy().into_owned();
        let Some(own) = level(&module) else {
            assert!(module.ends_with(".rs"), "src/{module} is on no level");
            continue;
        };
        let text = std::fs::read_to_string(&file).expect("text");
        let imports = text.match_indices("crate::").map(|(at, found)| &text[at + found.len()..]);
        for other in imports.filter_map(|rest| rest.split(|letter: char| !letter.is_ascii_lowercase()).next()) {
            if other != module && level(other).is_some_and(|other| other >= own) {
                wrong.push(format!("{} imports {other}", inside.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn hyper_and_tokio_live_in_the_server_and_are_started_by_the_commands_that_listen() {
    for file in files(&source()) {
        let name = file.strip_prefix(source()).expect("below src").display().to_string();
        let text = std::fs::read_to_string(&file).expect("text");
        let uses_network = text.contains("hyper::") || text.contains("tokio::");
        assert!(
            !uses_network
                || name.starts_with("server")
                || ["cli/serve/mod.rs", "cli/mcp/mod.rs", "cli/record.rs", "cli/support/signals.rs"]
                    .contains(&name.as_str()),
            "{name} uses hyper or tokio"
        );
    }
}

#[test]
fn nothing_below_the_server_reads_the_system_clock() {
    for file in files(&source()) {
        let name = file.strip_prefix(source()).expect("below src").display().to_string();
        let text = std::fs::read_to_string(&file).expect("text");
        let reads_clock = text.contains("Timestamp::now") || text.contains("SystemTime") || text.contains("Zoned::now");
        assert!(
            !reads_clock || ["server", "testing", "cli"].iter().any(|module| name.starts_with(module)),
            "{name} reads the system clock"
        );
    }
}

#[test]
fn paths_are_printed_with_slashes() {
    for file in files(&source()) {
        let text = std::fs::read_to_string(&file).expect("text");
        let prints_path = text.contains(".display()") && !file.ends_with("diagnostics/path_text.rs");
        assert!(!prints_path, "{}: use `path_text`", file.display());
    }
}

#[test]
fn every_registered_function_is_used_by_a_resources_file() {
    let handlers = Handlers::named("intandem").expect("the embedded API has handlers");
    let registered: Vec<&str> = handlers.handlers().map(|(name, _)| *name).collect();
    let names: BTreeSet<&str> = registered.iter().copied().collect();
    assert_eq!(names.len(), registered.len(), "a name is registered twice");
    let used: BTreeSet<&str> = ENGINE
        .contract()
        .resources
        .references()
        .iter()
        .filter_map(|reference| match &reference.target {
            ReferenceTarget::Handler(function) => Some(function.name.as_str()),
            ReferenceTarget::Procedure(_) | ReferenceTarget::AfterProcedure(_) => None,
            ReferenceTarget::Transition | ReferenceTarget::Trigger(_) | ReferenceTarget::Role(..) => None,
        })
        .collect();
    assert_eq!(names, used);
}

#[test]
fn procedures_of_the_embedded_files_are_right() {
    let resources = &ENGINE.contract().resources;
    let names = resources.names();
    let procedures = resources.procedures().iter().map(|procedure| &**procedure).chain(names.procedures.values());
    let wrong = procedures.filter_map(|procedure| procedure.steps(names).err().map(|wrong| (&procedure.name, wrong)));
    assert_eq!(wrong.collect::<Vec<_>>(), []);
}

#[test]
fn quirks_without_an_effect_are_named_by_handlers_and_the_others_are_not() {
    let mut named = BTreeSet::new();
    for file in files(&source().join("apis")) {
        let text = std::fs::read_to_string(file).expect("text");
        let literals = text.split('"').skip(1).step_by(2);
        named.extend(literals.filter(|literal| ENGINE.quirks().get(literal).is_some()).map(str::to_owned));
    }
    for file in ApiFolder::embedded().resources {
        let names = file.text.split("quirk('").skip(1).filter_map(|rest| rest.split('\'').next());
        named.extend(names.map(str::to_owned));
    }
    let without_effect: BTreeSet<String> =
        ENGINE.quirks().iter().filter(|quirk| quirk.effect.is_none()).map(|quirk| quirk.id.clone()).collect();
    assert_eq!(named, without_effect);
}

#[test]
fn code_contains_no_path_of_an_operation() {
    for file in files(&source()) {
        let text = std::fs::read_to_string(&file).expect("text");
        for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
            for literal in line.split('"').skip(1).step_by(2) {
                let is_path = ENGINE.contract().operations.iter().any(|operation| literal.contains(&*operation.path));
                assert!(!is_path, "{}: {literal}", file.display());
            }
        }
    }
}

/// Names of the embedded API in lower case; token kinds as string literals.
const NAMES_OF_THE_EMBEDDED_API: [&str; 14] = [
    "business_uid",
    "business_id",
    "client_uid",
    "matter_uid",
    "directory_uid",
    "/apigw",
    "/api2",
    "/v1/partners",
    "x-on-behalf-of",
    "vcita",
    "\"staff\"",
    "\"directory\"",
    "music-school",
    "developers-hub",
];

/// The examples in the help of commands run as shown, with the embedded API. `staff` in `openapi/names.rs` is the English
/// word, whose plural has no ending.
fn may_name_the_embedded_api(file: &str, line: &str, name: &str) -> bool {
    let is_example = file.starts_with("cli/") && (line.contains("after_help") || line.contains("Examples:"));
    is_example || (file == "openapi/names.rs" && name == "\"staff\"")
}

#[test]
fn engine_contains_no_name_of_the_embedded_api() {
    let mut wrong = Vec::new();
    for path in files(&source()).iter().filter(|path| path.extension().is_some_and(|extension| extension == "rs")) {
        let file = path.strip_prefix(source()).expect("below src").display().to_string();
        if file.starts_with("apis/intandem/") {
            continue;
        }
        let text = std::fs::read_to_string(path).expect("text");
        let lines = text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"));
        for (index, line) in lines {
            let lower = line.to_lowercase();
            let found = NAMES_OF_THE_EMBEDDED_API.iter().filter(|name| lower.contains(**name));
            let found = found.filter(|name| !may_name_the_embedded_api(&file, line, name));
            wrong.extend(found.map(|name| format!("src/{file}:{}: {name}", index + 1)));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The name and the number of lines of each function: from `fn` to the brace that closes it at the same indentation.
fn functions(text: &str) -> Vec<(&str, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut functions = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let code = line.trim_start();
        let Some((before, after)) = code.split_once("fn ") else { continue };
        let words = ["pub", "pub(super)", "pub(crate)", "const", "async", "unsafe"];
        if !before.split_whitespace().all(|word| words.contains(&word)) || line.ends_with(['}', ';']) {
            continue;
        }
        let closing = format!("{}}}", &line[..line.len() - code.len()]);
        let length = lines[start..].iter().position(|line| *line == closing).expect("formatted code") + 1;
        functions.push((after.split(['(', '<']).next().unwrap_or_default(), length));
    }
    functions
}

#[test]
fn files_have_at_most_400_lines_and_functions_at_most_60() {
    let mut wrong = Vec::new();
    for path in files(&source()) {
        let file = path.strip_prefix(source()).expect("below src").display().to_string();
        let text = std::fs::read_to_string(&path).expect("text");
        let length = text.lines().count();
        if length > 400 {
            wrong.push(format!("src/{file} has {length} lines"));
        }
        if file.ends_with(".rs") {
            let long = functions(&text).into_iter().filter(|(_, length)| *length > 60);
            wrong.extend(long.map(|(name, length)| format!("src/{file}: {name} has {length} lines")));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
