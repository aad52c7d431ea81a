//! Notes about contracts, as people read them.

use std::collections::HashMap;
use std::fmt::Write as _;

use crate::diagnostics::{SourceFile, locate};
use crate::openapi::{ApiFolder, Note, Severity};
use crate::pipeline::Engine;

/// Formats notes in the order of their files.
pub(crate) fn format_notes(folder: &ApiFolder, notes: &[Note]) -> String {
    let mut notes = notes.to_vec();
    notes.sort();
    format_sorted(&notes, &find_lines(folder, &notes))
}

/// Formats sorted notes with their lines.
pub(crate) fn format_sorted(notes: &[Note], lines: &[usize]) -> String {
    let mut text = String::new();
    for (note, line) in notes.iter().zip(lines) {
        let Note { file, message, .. } = note;
        let explanation = note.code.explanation();
        let _ = writeln!(text, "{file}:{line}: {}[{}] {message}", explanation.severity.name(), explanation.name);
        if !note.pointer.is_empty() {
            let _ = writeln!(text, "    at {}", note.pointer);
        }
        let _ = writeln!(text, "    assumed: {}", explanation.assumed);
    }
    text
}

/// Finds the line of each note. The notes must be sorted by file.
pub(crate) fn find_lines(folder: &ApiFolder, notes: &[Note]) -> Vec<usize> {
    let files: HashMap<&str, &SourceFile> = folder.contracts.iter().map(|file| (file.name.as_str(), file)).collect();
    let of_file = |notes: &[Note]| {
        let pointers: Vec<&str> = notes.iter().map(|note| note.pointer.as_str()).collect();
        let file = files.get(notes[0].file.as_str());
        file.map_or_else(|| vec![1; notes.len()], |file| locate::lines_of(file, &pointers))
    };
    notes.chunk_by(|a, b| a.file == b.file).flat_map(of_file).collect()
}

/// One line about problems in the contracts of an engine; `None` without any.
pub(crate) fn summary(engine: &Engine) -> Option<String> {
    let notes = &engine.contract().notes;
    let ignored = notes.iter().filter(|note| note.code.explanation().severity == Severity::Error).count();
    let (count, operations) = (notes.len(), engine.contract().operations.len());
    let effect = match ignored {
        0 => "nothing is ignored".to_owned(),
        _ => format!("{ignored} files or operations are ignored"),
    };
    (count > 0).then(|| {
        format!("{operations} operations; {count} problems in the contracts, {effect}: `standin check` lists them")
    })
}
