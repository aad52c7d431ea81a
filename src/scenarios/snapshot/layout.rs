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

/// The text of a document.
pub(super) fn render(entries: &[(String, Part)], format: SnapshotFormat) -> String {
    let mut out = String::new();
    match format {
        SnapshotFormat::Json => json_map(entries, 0, &mut out),
        SnapshotFormat::Yaml => yaml_map(entries, 0, &mut out),
    }
    if format == SnapshotFormat::Json {
        out.push('\n');
    }
    out
}

fn indent(depth: usize, out: &mut String) {
    out.extend(std::iter::repeat_n("  ", depth));
}

fn json_map(entries: &[(String, Part)], depth: usize, out: &mut String) {
    out.push_str("{\n");
    for (index, (name, part)) in entries.iter().enumerate() {
        indent(depth + 1, out);
        write_json_text(name, out);
        out.push_str(": ");
        match part {
            Part::Line(line) => out.push_str(line),
            Part::Lines(lines) => json_lines(lines, depth + 1, out),
            Part::Map(entries) => json_map(entries, depth + 1, out),
        }
        out.push_str(if index + 1 < entries.len() { ",\n" } else { "\n" });
    }
    indent(depth, out);
    out.push('}');
}

fn json_lines(lines: &[String], depth: usize, out: &mut String) {
    out.push_str("[\n");
    for (index, line) in lines.iter().enumerate() {
        indent(depth + 1, out);
        out.push_str(line);
        out.push_str(if index + 1 < lines.len() { ",\n" } else { "\n" });
    }
    indent(depth, out);
    out.push(']');
}

fn yaml_map(entries: &[(String, Part)], depth: usize, out: &mut String) {
    for (name, part) in entries {
        indent(depth, out);
        yaml_key(name, out);
        match part {
            Part::Line(line) => {
                out.push_str(": ");
                out.push_str(line);
                out.push('\n');
            }
            Part::Lines(lines) => {
                out.push_str(":\n");
                for line in lines {
                    indent(depth + 1, out);
                    out.push_str("- ");
                    out.push_str(line);
                    out.push('\n');
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
