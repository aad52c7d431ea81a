//! Parses JSON on all processors: the members of the objects that make up most of a contract are parsed in runs.

use std::ops::Range;

use rayon::prelude::*;
use serde_json::{Map, Value};

use super::Parsed;
use super::unread_paths::{Format, Run, UnreadPaths, parse_members};
use crate::diagnostics::JsonScanner;
use crate::model::exact_number::parse_json;
use crate::openapi::document::OperationLines;
use crate::openapi::escape_pointer;

/// Shorter texts are parsed faster by one thread, bytes.
const MIN_BYTES: usize = 512 << 10;
/// The size of a run of members that one thread parses, bytes.
const RUN_BYTES: usize = 32 << 10;

/// The objects whose members are parsed in runs, by the names that lead to them.
const HOLDERS: [&[&str]; 3] = [&["paths"], &["definitions"], &["components", "schemas"]];

/// An object whose members are parsed in runs.
struct Holder {
    path: &'static [&'static str],
    /// The offsets of what is between its braces.
    content: Range<usize>,
    /// The offsets of its runs.
    runs: Vec<Range<usize>>,
}

/// The objects of a text whose members are parsed in runs, and the first lines of operations.
#[derive(Default)]
struct Scan {
    holders: Vec<Holder>,
    lines: OperationLines,
}

/// Parses a JSON text; numbers that would lose digits become marked strings.
///
/// # Errors
/// If the text is not valid JSON.
pub(super) fn parse(text: &str) -> serde_json::Result<Parsed<'_>> {
    let mut scan = Scan::default();
    let is_complete = scan.value(&mut JsonScanner::new(text), &HOLDERS, 0).is_some();
    let Scan { holders, lines } = scan;
    let in_runs = if is_complete && text.len() >= MIN_BYTES { parse_in_runs(text, &holders) } else { None };
    // What is wrong with a text is found by parsing it as a whole.
    let (root, paths) = match in_runs {
        Some(parsed) => parsed,
        None => (parse_json(text)?, None),
    };
    Ok(Parsed { root, paths, lines, repeated_key: None })
}

fn parse_in_runs<'t>(text: &'t str, holders: &[Holder]) -> Option<(Value, Option<UnreadPaths<'t>>)> {
    let mut rest = String::new();
    let mut end = 0;
    for (index, Holder { path, content, .. }) in holders.iter().enumerate() {
        // Of an object that is there twice, the second one counts.
        if holders[..index].iter().any(|known| known.path == *path) {
            return None;
        }
        rest.push_str(&text[end..content.start]);
        end = content.end;
    }
    rest.push_str(&text[end..]);
    let is_path = |holder: &&Holder| holder.path == ["paths"];
    let others: Vec<&Holder> = holders.iter().filter(|holder| !is_path(holder)).collect();
    let (root, parsed) = rayon::join(|| parse_json(&rest).ok(), || parse_runs(text, &others));
    let mut root = root?;
    insert_runs(&mut root, parsed?)?;
    let Some(holder) = holders.iter().find(is_path) else { return Some((root, None)) };
    let runs = holder.texts(text)?.into_iter().map(|text| Run { text, line: 1 }).collect();
    let unread = UnreadPaths::new(runs, Format::Json, &root).map(|(unread, _)| unread);
    if unread.is_none() {
        let parsed = parse_runs(text, &[holder])?;
        insert_runs(&mut root, parsed)?;
    }
    Some((root, unread))
}

/// An object, and the members of each of its runs.
type Runs = (&'static [&'static str], Vec<Map<String, Value>>);

/// Parses the runs of some objects.
fn parse_runs(text: &str, holders: &[&Holder]) -> Option<Vec<Runs>> {
    let parse = |holder: &&Holder| {
        let members = holder.texts(text)?.into_par_iter().map(parse_members).collect::<Option<_>>()?;
        Some((holder.path, members))
    };
    holders.par_iter().map(parse).collect()
}

/// Inserts the members of objects into a document.
fn insert_runs(root: &mut Value, parsed: Vec<Runs>) -> Option<()> {
    for (path, runs) in parsed {
        let object = path.iter().try_fold(&mut *root, |value, name| value.get_mut(*name))?.as_object_mut()?;
        // An object that grows member by member is copied, and has unused room.
        if object.is_empty() {
            *object = Map::with_capacity(runs.iter().map(Map::len).sum());
        }
        runs.into_iter().for_each(|members| object.extend(members));
    }
    Some(())
}

impl Holder {
    /// The texts of its runs, without the commas between them.
    fn texts<'t>(&self, text: &'t str) -> Option<Vec<&'t str>> {
        let members = |run: &Range<usize>| {
            let members = text[run.clone()].trim_start();
            if run.start == self.content.start { Some(members) } else { members.strip_prefix(',') }
        };
        self.runs.iter().map(members).collect()
    }
}

impl Scan {
    /// Finds the holders below a value, whose paths begin at `depth` from here.
    fn value(&mut self, scanner: &mut JsonScanner<'_>, paths: &[&'static [&'static str]], depth: usize) -> Option<()> {
        scanner.members(&mut |scanner, name| {
            let below: Vec<_> = paths.iter().copied().filter(|path| path.get(depth) == Some(&name)).collect();
            let is_object = scanner.peek() == Some(b'{');
            match below.as_slice() {
                [path] if path.len() == depth + 1 && is_object => self.holder(scanner, path),
                [_, ..] if is_object => self.value(scanner, &below, depth + 1),
                _ => scanner.skip(),
            }
        })
    }

    fn holder(&mut self, scanner: &mut JsonScanner<'_>, path: &'static [&'static str]) -> Option<()> {
        let start = scanner.offset() + 1;
        let (mut runs, mut run) = (Vec::new(), start..start);
        scanner.members(&mut |scanner, name| {
            match path {
                ["paths"] => self.path_item(scanner, name)?,
                _ => scanner.skip()?,
            }
            run.end = scanner.offset();
            if run.len() >= RUN_BYTES {
                runs.push(run.clone());
                run.start = run.end;
            }
            Some(())
        })?;
        if !run.is_empty() {
            runs.push(run.clone());
        }
        // A comma at the end is an error.
        let end = scanner.offset() - 1;
        if !scanner.text()[run.end..end].trim_ascii().is_empty() {
            return None;
        }
        self.holders.push(Holder { path, content: start..end, runs });
        Some(())
    }

    fn path_item(&mut self, scanner: &mut JsonScanner<'_>, path: &str) -> Option<()> {
        let path = escape_pointer(path);
        scanner.members(&mut |scanner, method| {
            self.lines.insert(&format!("/paths/{path}/{method}"), scanner.line());
            scanner.skip()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{HOLDERS, JsonScanner, MIN_BYTES, Map, Parsed, Scan, parse, parse_in_runs, parse_json};

    /// A contract of that many paths and schemas, with commas and spaces as people write them.
    fn text(count: usize, more: &str) -> String {
        let member = |number: usize| {
            format!("\"/a{number}\" : {{\"get\": [{number}, \"}},{{\\\"\", 1.50, 12345678901234567890123]}}")
        };
        let members = || (0..count).map(member).collect::<Vec<_>>().join(" ,\n ");
        format!(
            "{{\"openapi\": \"3.0.3\", \"paths\": {{{}}}, \"components\": {{\"headers\": {{}}, \"schemas\": {{ {} }}}}{more}}}",
            members(),
            members()
        )
    }

    #[test]
    fn a_text_parsed_in_runs_is_the_same_as_parsed_at_once() {
        let long = text(10_000, ", \"info\": {\"title\": \"t\"}");
        assert!(long.len() > MIN_BYTES);
        let mut scan = Scan::default();
        scan.value(&mut JsonScanner::new(&long), &HOLDERS, 0).expect("complete");
        let runs: Vec<usize> = scan.holders.iter().map(|holder| holder.runs.len()).collect();
        assert!(runs.len() == 2 && runs.iter().all(|count| *count > 2), "{runs:?}");
        let (root, unread) = parse_in_runs(&long, &scan.holders).expect("valid");
        assert!(unread.is_none(), "numbers with many digits are marked, so that the paths are changed later");
        assert_eq!(Some(root), parse_json(&long).ok());
        assert_eq!(scan.lines.get("/paths/~1a4999/get"), 5_000);
    }

    #[test]
    fn paths_that_need_no_change_stay_text() {
        let long = text(12_000, "").replace("12345678901234567890123", "1");
        let Parsed { mut root, paths, .. } = parse(&long).expect("valid");
        let paths = paths.expect("unread paths");
        assert_eq!((root["paths"].as_object().map(Map::len), paths.operations()), (Some(0), 12_000));
        root["paths"] = paths.runs().iter().flat_map(|run| paths.parse(run)).collect();
        assert_eq!(Some(root), parse_json(&long).ok());
    }

    #[test]
    fn of_a_repeated_object_the_last_one_counts_also_in_a_long_text() {
        let long = text(10_000, ", \"paths\": {\"/only\": {}}");
        assert_eq!(parse(&long).expect("valid").root["paths"], serde_json::json!({"/only": {}}));
    }

    #[test]
    fn an_error_in_a_long_text_has_its_line() {
        let long = text(10_000, ", \"info\": {\"title\": t}");
        let error = parse(&long).err().expect("invalid");
        assert_eq!(error.line(), long.lines().count());
        let long = text(10_000, "").replace("\"/a500\" :", "\"/a500\"");
        assert_eq!(parse(&long).err().expect("invalid").line(), 501);
        let long = text(10_000, "").replace("}, \"components\"", ",}, \"components\"");
        assert!(parse(&long).is_err());
    }

    #[test]
    fn objects_that_hold_nothing_are_read_in_a_long_text() {
        let padding = " ".repeat(MIN_BYTES);
        let long = format!("{{\"paths\": {{}}, \"definitions\": null, \"components\": [], \"info\": 1{padding}}}");
        assert_eq!(parse(&long).expect("valid").root, parse_json(&long).expect("valid"));
    }
}
