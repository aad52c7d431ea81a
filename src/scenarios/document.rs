//! Workflow documents: Markdown with front matter and with steps in fenced YAML blocks below two headings. The test request can
//! also be a single step in a JSON block.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::step::{ParseMode, Step, read_boolean, read_step, read_steps};
use crate::diagnostics::{Collector, Diagnostic, Diagnostics, SourceFile, YamlNode, YamlValue};

/// A workflow document.
#[derive(Clone, Debug)]
pub struct Document {
    /// `METHOD /path/{parameter}` that the document is about.
    pub endpoint: String,
    /// The first heading, for reports.
    pub title: String,
    /// `verified`, `success`, `pending`, `skip`, …
    pub status: String,
    /// The part of the API that it belongs to.
    pub domain: String,
    /// Whether all its steps go through the fallback gateway.
    pub fallback: bool,
    /// The token of steps that name none.
    pub token: Option<String>,
    /// When it last passed against the real API.
    pub verified_at: Option<Timestamp>,
    /// The steps under `Prerequisites`.
    pub prerequisites: Vec<Step>,
    /// The steps under `Test Request`.
    pub test: Vec<Step>,
}

impl Document {
    /// Whether a text is a workflow document, which has front matter with an `endpoint`.
    pub fn recognises(text: &str) -> bool {
        front_matter(text).is_some_and(|(head, _)| head.lines().any(|line| line.starts_with("endpoint:")))
    }

    /// Reads a document.
    ///
    /// # Errors
    /// All errors: front matter or a fenced block that is not YAML, invalid times, invalid steps.
    pub fn read(source: &SourceFile) -> Result<Self, Diagnostics> {
        let mut diagnostics = Collector::default();
        let document = read(source, &mut diagnostics);
        diagnostics.all(source, document)
    }
}

fn read(source: &SourceFile, diagnostics: &mut Collector) -> Option<Document> {
    let (head, body_line) = front_matter(&source.text).unwrap_or(("", 1));
    let head = diagnostics.collect_all(YamlNode::read_at(source, head, 2));
    let entry_of_head = |name| head.as_ref().and_then(|head| entry(head, name));
    let text = |name| entry_of_head(name).and_then(|tree| tree.text().ok()).unwrap_or_default().to_owned();
    let times =
        ["verifiedAt", "savedAt"].map(|name| entry_of_head(name).and_then(|tree| diagnostics.collect(read_time(tree))));
    let token = entry_of_head("tokens").and_then(|tree| tree.texts().ok()?.first().map(|token| (*token).to_owned()));
    let fallback =
        entry_of_head("useFallbackApi").and_then(|tree| diagnostics.collect(read_boolean(tree, ParseMode::Lenient)));
    let (mut prerequisites, mut test, mut single) = (Vec::new(), Vec::new(), Vec::new());
    for block in fenced_blocks(&source.text, body_line) {
        let heading = block.heading.to_lowercase();
        let steps = match () {
            () if heading.starts_with("prereq") => &mut prerequisites,
            () if heading.contains("test request") => &mut test,
            () => continue,
        };
        if block.is_json {
            // JSON blocks are mostly bodies, and those that are invalid are illustrations.
            let tree = YamlNode::read_at(source, block.text, block.line).ok();
            single.extend(tree.filter(|tree| entry(tree, "method").is_some() && entry(tree, "path").is_some()));
            continue;
        }
        let tree = diagnostics.collect_all(YamlNode::read_at(source, block.text, block.line));
        if let Some(list) = tree.as_ref().and_then(|tree| entry(tree, "steps")) {
            steps.extend(read_steps(list, ParseMode::Lenient, diagnostics));
        }
    }
    if test.is_empty() {
        test.extend(single.first().and_then(|tree| read_step(0, tree, ParseMode::Lenient, diagnostics)));
    }
    // Statuses of the front matter are accepted like those of the test request.
    let outcome = entry_of_head("expectedOutcome");
    let outcome = outcome.map(|tree| match &tree.node {
        YamlValue::List(list) => list.iter().filter_map(read_status).collect(),
        _ => read_status(tree).into_iter().collect::<Vec<_>>(),
    });
    for step in &mut test {
        step.expect.statuses.extend(outcome.iter().flatten());
    }
    let title = source.text.lines().find_map(|line| line.strip_prefix("# ")).unwrap_or_default().trim().to_owned();
    Some(Document {
        endpoint: text("endpoint"),
        title,
        status: text("status"),
        domain: text("domain"),
        fallback: fallback.unwrap_or(false),
        token,
        verified_at: times.into_iter().flatten().next(),
        prerequisites,
        test,
    })
}

/// A time with an offset, a time in UTC, or the start of a day in UTC.
fn read_time(tree: &YamlNode) -> Result<Timestamp, Diagnostic> {
    let text = tree.text()?.trim();
    let in_utc = || text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok().map(|time| time.timestamp());
    let time = text.parse().ok().or_else(in_utc);
    let advice = "write a time such as 2026-02-08T10:00:00Z, or a day such as 2026-02-08";
    time.ok_or_else(|| Diagnostic::new(tree.span, format!("`{text}` is not a time")).help(advice))
}

/// The text between the first two lines of `---`, and the line number after them.
fn front_matter(text: &str) -> Option<(&str, usize)> {
    let rest = text.strip_prefix("---\n").or_else(|| text.strip_prefix("---\r\n"))?;
    let end = rest.find("\n---")?;
    Some((&rest[..end], rest[..end].lines().count() + 3))
}

/// A status, as a number or as text.
fn read_status(tree: &YamlNode) -> Option<u16> {
    let json = tree.to_json();
    let number = json.as_u64().or_else(|| json.as_str()?.trim().parse().ok());
    number.and_then(|code| u16::try_from(code).ok()).filter(|code| (100..600).contains(code))
}

/// The value of a name; `None` if it is missing or `null`.
fn entry<'t>(tree: &'t YamlNode, name: &str) -> Option<&'t YamlNode> {
    match &tree.node {
        YamlValue::Map(entries) => {
            let named = entries.iter().find(|(key, _)| key.name == name).map(|(_, value)| value);
            named.filter(|value| value.node != YamlValue::Null)
        }
        _ => None,
    }
}

struct Block<'t> {
    heading: String,
    is_json: bool,
    line: usize,
    text: &'t str,
}

/// The fenced YAML and JSON blocks after the front matter, each with the heading above it.
fn fenced_blocks(text: &str, body_line: usize) -> Vec<Block<'_>> {
    let start = text.split_inclusive('\n').take(body_line - 1).map(str::len).sum::<usize>().min(text.len());
    let body = &text[start..];
    let (mut blocks, mut heading, mut in_heading) = (Vec::new(), String::new(), false);
    let (mut in_block, mut is_json) = (None, false);
    for (event, range) in Parser::new_ext(body, Options::empty()).into_offset_iter() {
        match event {
            Event::Start(Tag::Heading { level: HeadingLevel::H1 | HeadingLevel::H2, .. }) => {
                heading.clear();
                in_heading = true;
            }
            Event::End(TagEnd::Heading(_)) => in_heading = false,
            Event::Text(part) | Event::Code(part) if in_heading => heading.push_str(&part),
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language))) => {
                is_json = language.trim() == "json";
                let is_read = is_json || matches!(language.trim(), "yaml" | "yml");
                in_block = is_read.then_some((usize::MAX, 0));
            }
            Event::Text(_) if in_block.is_some() => {
                in_block = in_block.map(|(from, _)| (range.start.min(from), range.end));
            }
            Event::End(TagEnd::CodeBlock) => {
                if let Some((from, to)) = in_block.take().filter(|(from, to)| from < to) {
                    let line = text[..start + from].matches('\n').count() + 1;
                    blocks.push(Block { heading: heading.clone(), is_json, line, text: &body[from..to] });
                }
            }
            _ => {}
        }
    }
    blocks
}
