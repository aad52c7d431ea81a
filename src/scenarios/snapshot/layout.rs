//! The form of a snapshot as a text: JSON or YAML with a line for each record, so that changes are easy to see.

use super::write::SnapshotFormat;
use crate::model::write_json_text;

/// A part of a document.
pub(super) enum Part {
    /// JSON in one line.
    Line(String),
    /// A list with a line for each element.
    Lines(Vec<String>),
    /// Entries by name, in order.
    Map(Vec<(String, Part)>),
}

impl Part {
    /// A text.
    pub(super) fn text(text: &str) -> Self {
        let mut line = String::new();
        write_json_text(text, &mut line);
        Self::Line(line)
    }

    fn is_empty(&self) -> bool {
        match self {
            Self::Line(_) => false,
            Self::Lines(lines) => lines.is_empty(),
            Self::Map(entries) => entries.is_empty(),
        }
    }
}

/// Entries without those that are empty.
pub(super) fn filled(entries: Vec<(String, Part)>) -> Vec<(String, Part)> {
    entries.into_iter().filter(|(_, part)| !part.is_empty()).collect()
}

/// The text of a document in pieces, because the text of a large session in one piece could take all memory.
#[derive(Default)]
pub struct SnapshotText(Vec<String>);

/// The size of a piece, bytes, apart from its last line.
const PIECE: usize = 1 << 20;

impl SnapshotText {
    /// The pieces in order.
    pub fn into_pieces(self) -> Vec<String> {
        self.0
    }

    /// The place where the next line is written.
    fn end(&mut self) -> &mut String {
        if self.0.last().is_none_or(|piece| piece.len() >= PIECE) {
            self.0.push(String::new());
        }
        let last = self.0.len() - 1;
        &mut self.0[last]
    }

    fn push_str(&mut self, text: &str) {
        self.end().push_str(text);
    }
}

/// The text of a document. Its lines are freed as they are written.
pub(super) fn render(entries: Vec<(String, Part)>, format: SnapshotFormat) -> SnapshotText {
    let mut out = SnapshotText::default();
    match format {
        SnapshotFormat::Json => json_map(entries, 0, &mut out),
        SnapshotFormat::Yaml => yaml_map(entries, 0, &mut out),
    }
    if format == SnapshotFormat::Json {
        out.push_str("\n");
    }
    out
}

fn indent(depth: usize, out: &mut SnapshotText) {
    out.end().extend(std::iter::repeat_n("  ", depth));
}

fn json_map(entries: Vec<(String, Part)>, depth: usize, out: &mut SnapshotText) {
    out.push_str("{\n");
    let count = entries.len();
    for (index, (name, part)) in entries.into_iter().enumerate() {
        indent(depth + 1, out);
        write_json_text(&name, out.end());
        out.push_str(": ");
        match part {
            Part::Line(line) => out.push_str(&line),
            Part::Lines(lines) => json_lines(lines, depth + 1, out),
            Part::Map(entries) => json_map(entries, depth + 1, out),
        }
        out.push_str(if index + 1 < count { ",\n" } else { "\n" });
    }
    indent(depth, out);
    out.push_str("}");
}

fn json_lines(lines: Vec<String>, depth: usize, out: &mut SnapshotText) {
    out.push_str("[\n");
    let count = lines.len();
    for (index, line) in lines.into_iter().enumerate() {
        indent(depth + 1, out);
        out.push_str(&line);
        out.push_str(if index + 1 < count { ",\n" } else { "\n" });
    }
    indent(depth, out);
    out.push_str("]");
}

fn yaml_map(entries: Vec<(String, Part)>, depth: usize, out: &mut SnapshotText) {
    for (name, part) in entries {
        indent(depth, out);
        yaml_key(&name, out.end());
        match part {
            Part::Line(line) => {
                out.push_str(": ");
                out.push_str(&line);
                out.push_str("\n");
            }
            Part::Lines(lines) => {
                out.push_str(":\n");
                for line in lines {
                    indent(depth + 1, out);
                    out.push_str("- ");
                    out.push_str(&line);
                    out.push_str("\n");
                }
            }
            Part::Map(entries) => {
                out.push_str(":\n");
                yaml_map(entries, depth + 1, out);
            }
        }
    }
}

/// A name of lowercase letters needs no quotes, unless it is a word of YAML.
fn yaml_key(name: &str, out: &mut String) {
    let is_plain = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    match is_plain && !matches!(name, "null" | "true" | "false" | "yes" | "no" | "on" | "off" | "y" | "n") {
        true => out.push_str(name),
        false => write_json_text(name, out),
    }
}
