//! A page that needs no other file: workflows, steps, requests and responses.

use std::fmt::Write as _;

use serde_json::Value;

use super::count;
use super::diff::diff;
use crate::openapi::escape_text;
use crate::scenarios::{Outcome, StepReport, WorkflowReport};

/// The style sheet of the page.
const STYLE: &str = include_str!("report.css");

/// Maximum number of characters of a body.
const MAX_BODY: usize = 20_000;

/// The page. Failed workflows are open, the others are closed.
pub fn html(reports: &[WorkflowReport]) -> String {
    let (passed, failed, skipped) = count(reports);
    let mut body = format!(
        "<p><b class=\"passed\">{passed} passed</b> <b class=\"failed\">{failed} failed</b> <b class=\"skipped\">{skipped} skipped</b></p>\n"
    );
    for report in reports {
        write_workflow(&mut body, report);
    }
    html_page("standin replay", &format!("{passed} passed, {failed} failed, {skipped} skipped"), &body)
}

/// A page with the style of the reports, which needs no other file. The body is HTML; heading and result are plain text.
pub fn html_page(heading: &str, result: &str, body: &str) -> String {
    let (heading, result) = (escape_text(heading), escape_text(result));
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
         content=\"width=device-width\">\n<title>{heading}: {result}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <h1>{heading}</h1>\n{body}</body>\n</html>\n"
    )
}

fn write_workflow(out: &mut String, report: &WorkflowReport) {
    let (class, open, note) = match &report.outcome {
        Outcome::Passed => ("passed", "", String::new()),
        Outcome::Failed => ("failed", " open", String::new()),
        Outcome::Skipped(why) => ("skipped", "", format!("<p>{}</p>\n", escape_text(why))),
    };
    let (name, file) = (escape_text(&report.name), escape_text(&report.file));
    let _ = write!(out, "<details class=\"{class}\"{open}>\n<summary>{name} <small>{file}</small></summary>\n{note}");
    for step in &report.steps {
        write_step(out, step);
    }
    out.push_str("</details>\n");
}

fn write_step(out: &mut String, step: &StepReport) {
    let class = if step.problem.is_some() { "failed" } else { "passed" };
    let (id, sent) = (escape_text(&step.id), escape_text(&step.sent));
    let _ = writeln!(out, "<section class=\"{class}\">\n<h2>{id} <code>{sent}</code></h2>");
    if let Some(problem) = &step.problem {
        let place = escape_text(&format!("{}:{}", step.file, step.line));
        let _ = writeln!(out, "<p class=\"problem\">{} <small>{place}</small></p>", escape_text(problem));
    }
    if let Some(body) = &step.sent_body {
        let _ = writeln!(out, "<h3>request</h3>\n<pre>{}</pre>", escape_text(&body_text(body)));
    }
    if let Some(received) = &step.reply {
        let response = &received.response;
        let body = match step.expected_body.as_ref().filter(|expected| **expected != response.body) {
            Some(expected) => diff(expected, &response.body),
            None => escape_text(&body_text(&response.body)),
        };
        let _ = writeln!(out, "<h3>response {}</h3>\n<pre>{body}</pre>", response.status);
        if !received.quirks.is_empty() {
            let _ = writeln!(out, "<p>quirks: {}</p>", escape_text(&received.quirks.join(", ")));
        }
        if let Some(Err(difference)) = &received.conforms {
            let _ = writeln!(out, "<p>differs from the contract: {}</p>", escape_text(difference));
        }
    }
    out.push_str("</section>\n");
}

fn body_text(body: &Value) -> String {
    let text = match body {
        Value::Null => return String::new(),
        Value::String(text) => text.clone(),
        other => format!("{other:#}"),
    };
    match text.char_indices().nth(MAX_BODY) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
