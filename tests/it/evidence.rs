//! Citations of sources: `docs/evidence.md` lists each source id once, with the file that it stands for.

use std::path::Path;

use crate::architecture::files;
use crate::shared::shared;
use crate::vocabulary::ENGINE;

/// A row of the table in `docs/evidence.md`.
pub(crate) struct Source {
    /// Quirks, comments and `tests/fates` cite the source by this id.
    pub id: String,
    /// Path of the document below `../shared`.
    pub file: String,
}

/// Reads the table of `docs/evidence.md`.
pub(crate) fn sources() -> Vec<Source> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/evidence.md");
    let text = std::fs::read_to_string(path).expect("docs/evidence.md");
    let code = |cell: &str| cell.trim().strip_prefix('`')?.strip_suffix('`').map(str::to_owned);
    let row = |line: &str| {
        let mut cells = line.strip_prefix('|')?.split('|');
        Some(Source { id: code(cells.next()?)?, file: code(cells.next()?)? })
    };
    let sources: Vec<Source> = text.lines().filter_map(row).collect();
    assert!(!sources.is_empty(), "docs/evidence.md has no table of sources");
    sources
}

/// The file of a source in `../shared`.
pub(crate) fn source_file(id: &str) -> std::path::PathBuf {
    let sources = sources();
    let source = sources.iter().find(|source| source.id == id);
    shared(&source.unwrap_or_else(|| panic!("docs/evidence.md does not list `{id}`")).file)
}

#[test]
fn source_ids_are_unique() {
    let mut ids: Vec<String> = sources().into_iter().map(|source| source.id).collect();
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count);
}

#[test]
fn quirks_cite_listed_sources() {
    let sources = sources();
    let mut unlisted = Vec::new();
    for quirk in ENGINE.quirks().iter() {
        assert!(!quirk.evidence.is_empty(), "{} cites no source", quirk.id);
        for evidence in &quirk.evidence {
            if !sources.iter().any(|source| source.id == evidence.source) {
                unlisted.push(format!("{}:{} {}: `{}`", quirk.file, quirk.line, quirk.id, evidence.source));
            }
        }
    }
    assert!(unlisted.is_empty(), "not listed in docs/evidence.md:\n{}", unlisted.join("\n"));
}

#[test]
fn comments_cite_listed_sources() {
    let sources = sources();
    let mut citations = 0;
    let mut unlisted = Vec::new();
    for file in files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        let text = std::fs::read_to_string(&file).expect("text");
        let comments = text.lines().enumerate().filter(|(_, line)| line.trim_start().starts_with("//"));
        for (number, line) in comments {
            let words = line.split(|letter: char| !letter.is_ascii_alphanumeric() && !"-/_.".contains(letter));
            let ids = words.map(|word| word.trim_end_matches('.'));
            for id in ids.filter(|id| ["seed-", "catalogue-", "hub/"].iter().any(|start| id.starts_with(start))) {
                citations += 1;
                if !sources.iter().any(|source| source.id == id) {
                    unlisted.push(format!("{}:{}: `{id}`", file.display(), number + 1));
                }
            }
        }
    }
    assert!(unlisted.is_empty(), "not listed in docs/evidence.md:\n{}", unlisted.join("\n"));
    assert!(citations > 0, "no comment cites a source");
}

#[test]
#[ignore = "needs ../shared"]
fn files_of_sources_exist() {
    for source in sources() {
        assert!(source_file(&source.id).exists());
    }
}
