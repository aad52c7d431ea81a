//! `GET /source`: a part of a file of the API, such as the place in a contract that a rejected request violates.

use http::StatusCode;
use serde_json::json;

use super::{Answer, Context, ok};
use crate::request::Problem;

/// The parameters of the route.
pub(super) const PARAMETERS: [&str; 2] = ["file", "line"];

/// The maximum number of lines and of bytes that are shown.
const MAX_LINES: usize = 200;
const MAX_BYTES: usize = 64 << 10;

pub(super) fn get(ctx: &Context<'_>) -> Answer {
    let Some(file) = ctx.query.get("file") else {
        return Err(Problem::at("/query/file", "write the name of a file, as `GET /operations` has it"));
    };
    let line = ctx.query.get("line").map_or(Some(1), |line| line.parse::<usize>().ok().filter(|line| *line > 0));
    let Some(line) = line else {
        return Err(Problem::at("/query/line", "write the number of a line, from 1"));
    };
    let not_found = |detail: String| Problem::new(StatusCode::NOT_FOUND, detail);
    let read = ctx.engine.sources().read(file).ok_or_else(|| not_found(format!("`{file}` is no file of the API")))?;
    let source = read.map_err(|error| not_found(error.to_string()))?;
    match excerpt(&source.text, line) {
        Some(text) => ok(&json!({"file": file, "line": line, "text": text})),
        None => {
            let count = source.text.lines().count();
            Err(not_found(format!("`{file}` has {count} lines")))
        }
    }
}

/// A line and those below it that belong to it: they are indented further, or close its brackets.
fn excerpt(text: &str, line: usize) -> Option<String> {
    let mut lines = text.lines().skip(line - 1);
    let first = lines.next()?;
    let indent = |line: &str| line.len() - line.trim_start().len();
    let belongs = |line: &&str| {
        let is_closing = line.trim_start().starts_with(['}', ']']) && indent(line) == indent(first);
        line.trim().is_empty() || indent(line) > indent(first) || is_closing
    };
    let block = std::iter::once(first).chain(lines.take_while(belongs)).take(MAX_LINES);
    let mut shown = block.collect::<Vec<_>>().join("\n");
    if shown.len() > MAX_BYTES {
        let end = (0..=MAX_BYTES).rev().find(|end| shown.is_char_boundary(*end));
        shown.truncate(end.unwrap_or_default());
    }
    Some(shown.trim_end().to_owned())
}
