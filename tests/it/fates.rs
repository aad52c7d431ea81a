//! The implementation of each row of the catalogues: `tests/fates/*.tsv` has one line for each row, with the source id of
//! the catalogue, the id of the row, its fate and the implementation or reason.
//!
//! | fate | implementation or reason |
//! |---|---|
//! | `quirk` | the id of a quirk, or `resource:KIND` for an entry of a resources file |
//! | `ordinary` | the file that implements the row |
//! | `impossible` | why a mock cannot implement the row |
//! | `later` | why the row is not implemented yet |
//!
//! `tests/fates/contradictions.tsv` lists the contradictions between sources: number, first side and how to select it,
//! second side and how to select it, and which side is the default. A side is selected by quirks (`+id`, `-id`) or by a
//! flag (`--now`), or it always applies and a file implements it.

use std::collections::BTreeMap;
use std::path::Path;

use standin::quirks::Selection;

use crate::evidence::{source_file, sources};
use crate::vocabulary::ENGINE;

const CONTRADICTIONS: &str = "contradictions.tsv";

struct Row {
    catalogue: String,
    id: String,
    fate: String,
    what: String,
}

fn rows() -> Vec<Row> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fates");
    let mut files: Vec<_> =
        std::fs::read_dir(folder).expect("a folder").map(|file| file.expect("a file").path()).collect();
    files.retain(|file| !file.ends_with(CONTRADICTIONS));
    files.sort();
    let mut rows = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).expect("text");
        for line in text.lines().filter(|line| !line.is_empty()) {
            let fields: Vec<&str> = line.split('\t').collect();
            let [catalogue, id, fate, what] = fields.as_slice() else { panic!("{}: {line}", file.display()) };
            let own = |text: &str| text.trim().to_owned();
            rows.push(Row { catalogue: own(catalogue), id: own(id), fate: own(fate), what: own(what) });
        }
    }
    rows
}

#[test]
fn every_fate_stands_for_something_that_is_there() {
    let sources = sources();
    let mut wrong = Vec::new();
    for row in rows() {
        if !sources.iter().any(|source| source.id == row.catalogue) {
            wrong.push(format!("{} {}: docs/evidence.md does not list the catalogue", row.catalogue, row.id));
        }
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let is_right = match row.fate.as_str() {
            "quirk" => row.what.split(", ").all(|what| match what.strip_prefix("resource:") {
                Some(kind) => ENGINE.contract().resources.get(kind).is_some(),
                None => ENGINE.quirks().get(what).is_some(),
            }),
            "ordinary" => row.what.split(", ").all(|file| root.join(file).exists()),
            "impossible" | "later" => !row.what.is_empty(),
            _ => false,
        };
        if !is_right {
            wrong.push(format!("{} {}: {} {}", row.catalogue, row.id, row.fate, row.what));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
#[ignore = "needs ../shared"]
fn every_row_of_the_catalogues_has_one_fate() {
    let mut fates: BTreeMap<(String, String), usize> = BTreeMap::new();
    for row in rows() {
        *fates.entry((row.catalogue, row.id)).or_default() += 1;
    }
    let mut wrong: Vec<String> = Vec::new();
    for catalogue in ["catalogue-sales", "catalogue-platform"] {
        let path = source_file(catalogue);
        let text = std::fs::read_to_string(path).expect("text");
        let mut section = String::new();
        for line in text.lines() {
            if let Some(title) = line.strip_prefix("## ") {
                section = title.to_owned();
            }
            let id = line.strip_prefix("| ").and_then(|rest| rest.split(" |").next()).unwrap_or_default();
            let is_row =
                section.starts_with('A') && id.len() > 2 && id != "id" && id.contains('-') && !id.contains(' ');
            if is_row && fates.get(&(catalogue.to_owned(), id.trim_matches('`').to_owned())) != Some(&1) {
                wrong.push(format!("{catalogue} {id}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} rows have no fate, or two:\n{}", wrong.len(), wrong.join("\n"));
}

/// Number, side, how, other side, how, default.
fn contradictions() -> Vec<[String; 6]> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fates").join(CONTRADICTIONS);
    let text = std::fs::read_to_string(path).expect("text");
    let row = |line: &str| {
        let fields: Vec<String> = line.split('\t').map(|field| field.trim().to_owned()).collect();
        fields.try_into().unwrap_or_else(|_| panic!("not six fields: {line}"))
    };
    text.lines().filter(|line| !line.is_empty()).map(row).collect()
}

/// What is wrong with how a side is reached, and whether it is reached without any switch.
fn reached(how: &str) -> Result<bool, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let flags = ENGINE.quirks().flags(&Selection::default()).expect("known");
    let mut by_itself = true;
    for step in how.split(' ') {
        if let Some(flag) = step.strip_prefix("--") {
            let options = std::fs::read_to_string(root.join("src/cli/api.rs")).expect("text");
            if !options.contains(&format!("pub {flag}: ")) {
                return Err(format!("there is no flag {step}"));
            }
            by_itself = false;
        } else if let Some(id) = step.strip_prefix(['+', '-']) {
            let (_, is_on) = flags.find(id).ok_or_else(|| format!("there is no quirk {id}"))?;
            by_itself &= is_on == step.starts_with('+');
        } else if !root.join(step).exists() {
            return Err(format!("there is no file {step}"));
        }
    }
    Ok(by_itself)
}

#[test]
fn both_sides_of_every_contradiction_are_reached_and_the_default_is_the_one_that_is_named() {
    let mut wrong = Vec::new();
    for [id, _, first, _, second, default] in contradictions() {
        let both = reached(&first).and_then(|one| Ok((one, reached(&second)?)));
        let is_right = match (&both, default.as_str()) {
            (Ok((one, _)), "first") => *one,
            (Ok((_, other)), "second") => *other,
            (Ok((one, other)), "both") => one == other,
            _ => false,
        };
        // QuirkFlags that come to the same would be one side.
        let differ = first != second && (!first.starts_with(['+', '-']) || both != Ok((true, true)));
        if !is_right || !differ {
            wrong.push(format!("{id}: {both:?}, default {default}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
#[ignore = "needs ../shared"]
fn every_contradiction_of_the_catalogues_is_in_the_table_once() {
    let path = source_file("catalogue-sales");
    let text = std::fs::read_to_string(path).expect("text");
    let ids = text.lines().filter_map(|line| line.strip_prefix("| C-")?.split(" |").next());
    let known: Vec<String> = ids.map(|number| format!("C-{number}")).collect();
    let listed: Vec<String> = contradictions().into_iter().map(|[id, ..]| id).collect();
    assert_eq!(listed, known);
}
