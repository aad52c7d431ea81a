use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use super::api::ref_map;
use super::{CliError, Exit, print};
use crate::api::Routes;
use crate::diagnostics::{SourceFile, locate};
use crate::openapi::{ApiFolder, Contract, Note, Severity, inspect::inspect};

/// Tells what is odd in contracts, and what is assumed
///
/// Everything that can be repaired is repaired when contracts are served; this names each such place. Exit codes: 0
/// nothing but remarks, 1 a part is left out, 5 a file or an operation is left out.
#[derive(Debug, Args)]
pub(super) struct Check {
    /// Contracts, or folders of them
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Where a URL that references begin with lies on disk
    #[arg(long, value_name = "URL=FOLDER", value_parser = ref_map)]
    ref_map: Vec<(String, PathBuf)>,

    /// As JSON
    #[arg(long)]
    json: bool,
}

impl Check {
    pub(super) fn run(self) -> Result<Exit, CliError> {
        let folder = ApiFolder { ref_map: self.ref_map.clone(), ..ApiFolder::from_paths(&self.paths)? };
        let mut contract = Contract::read(&folder, "")?;
        Routes::new(&contract.operations, &mut contract.notes);
        let mut notes = std::mem::take(&mut contract.notes);
        notes.extend(inspect(&contract, &folder));
        notes.sort();
        notes.dedup();
        let lines = lines(&folder, &notes);
        let count = |severity| notes.iter().filter(|note| note.code.explanation().severity == severity).count();
        let (errors, warnings, remarks) = (count(Severity::Error), count(Severity::Warning), count(Severity::Info));
        let operations = contract.operations.len();
        if self.json {
            let list: Vec<Value> = notes.iter().zip(&lines).map(|(note, line)| to_json(note, *line)).collect();
            let summary = json!({"files": folder.contracts.len(), "operations": operations, "errors": errors, "warnings": warnings, "infos": remarks});
            print(&format!("{:#}\n", json!({"summary": summary, "notes": list})))?;
        } else {
            let mut text = format_note(&notes, &lines);
            let files = folder.contracts.len();
            let _ = writeln!(
                text,
                "{files} files, {operations} operations: {errors} errors, {warnings} warnings, {remarks} remarks"
            );
            if !notes.is_empty() {
                let _ = writeln!(text, "`standin explain CODE` tells more about each");
            }
            print(&text)?;
        }
        Ok(match (errors, warnings) {
            (0, 0) => Exit::Success,
            (0, _) => Exit::Failure,
            _ => Exit::WrongFile,
        })
    }
}

/// What is odd in the contracts of a library, and where.
pub(super) fn format_notes(folder: &ApiFolder, notes: &[Note]) -> String {
    let mut notes = notes.to_vec();
    notes.sort();
    format_note(&notes, &lines(folder, &notes))
}

fn format_note(notes: &[Note], lines: &[usize]) -> String {
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

/// The line of each note; they are sorted by file.
fn lines(folder: &ApiFolder, notes: &[Note]) -> Vec<usize> {
    let texts: HashMap<&str, &SourceFile> = folder.contracts.iter().map(|text| (text.name.as_str(), text)).collect();
    let of_file = |notes: &[Note]| {
        let pointers: Vec<&str> = notes.iter().map(|note| note.pointer.as_str()).collect();
        let text = texts.get(notes[0].file.as_str());
        text.map_or_else(|| vec![1; notes.len()], |text| locate::lines_of(text, &pointers))
    };
    notes.chunk_by(|a, b| a.file == b.file).flat_map(of_file).collect()
}

fn to_json(note: &Note, line: usize) -> Value {
    let explanation = note.code.explanation();
    json!({
        "code": explanation.name,
        "severity": explanation.severity.name(),
        "file": note.file,
        "line": line,
        "pointer": note.pointer,
        "message": note.message,
        "assumed": explanation.assumed,
    })
}
