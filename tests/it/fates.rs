//! What became of each row of the catalogues: `tests/fates/*.tsv`, a line each with the catalogue, the row, its fate and
//! what stands for it.
//!
//! | fate | what stands for it |
//! |---|---|
//! | `quirk` | a quirk's id, or `resource:KIND` for what a resources file says |
//! | `ordinary` | the file that does it |
//! | `impossible` | why no mock can |
//! | `later` | why not yet |

use std::collections::BTreeMap;
use std::path::Path;

use crate::shared::shared;
use crate::vocabulary::ENGINE;

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
    let mut wrong = Vec::new();
    for row in rows() {
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
fn every_row_of_the_catalogues_has_one_fate() {
    let mut fates: BTreeMap<(String, String), usize> = BTreeMap::new();
    for row in rows() {
        *fates.entry((row.catalogue, row.id)).or_default() += 1;
    }
    let mut wrong: Vec<String> = Vec::new();
    for catalogue in ["quirks-sales-clients.md", "quirks-other-domains.md"] {
        let Some(path) = shared(&format!("reference/{catalogue}")) else { return };
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
