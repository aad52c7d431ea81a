//! A page that needs no other file: workflows, steps, requests and responses.

use std::fmt::Write as _;

use serde_json::Value;

use super::{count, escaped};
use crate::scenarios::{Outcome, StepReport, WorkflowReport};

/// The style sheet of the page.
const STYLE: &str = include_str!("report.css");

/// Maximum number of characters of a body.
const MAX_BODY: usize = 20_000;

/// The page. Failed workflows are open, the others are closed.
pub fn html(reports: &[WorkflowReport]) -> String {
    let (passed, failed, skipped) = count(reports);
    let mut out = String::from("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    let _ = writeln!(out, "<meta name=\"viewport\" content=\"width=device-width\">");
    let _ = writeln!(out, "<title>standin replay: {passed} passed, {failed} failed, {skipped} skipped</title>");
    let _ = writeln!(out, "<style>\n{STYLE}</style>\n</head>\n<body>\n<h1>standin replay</h1>");
    let _ = writeln!(
        out,
        "<p><b class=\"passed\">{passed} passed</b> <b class=\"failed\">{failed} failed</b> <b class=\"skipped\">{skipped} skipped</b></p>"
    );
    for report in reports {
        write_workflow(&mut out, report);
    }
    out.push_str("</body>\n</html>\n");
    out
}

fn write_workflow(out: &mut String, report: &WorkflowReport) {
    let (class, open, note) = match &report.outcome {
        Outcome::Passed => ("passed", "", String::new()),
        Outcome::Failed => ("failed", " open", String::new()),
        Outcome::Skipped(why) => ("skipped", "", format!("<p>{}</p>\n", escaped(why))),
    };
    let (name, file) = (escaped(&report.name), escaped(&report.file));
    let _ = write!(out, "<details class=\"{class}\"{open}>\n<summary>{name} <small>{file}</small></summary>\n{note}");
    for step in &report.steps {
        write_step(out, step);
    }
    out.push_str("</details>\n");
}

fn write_step(out: &mut String, step: &StepReport) {
    let class = if step.problem.is_some() { "failed" } else { "passed" };
    let (id, sent) = (escaped(&step.id), escaped(&step.sent));
    let _ = writeln!(out, "<section class=\"{class}\">\n<h2>{id} <code>{sent}</code></h2>");
    if let Some(problem) = &step.problem {
        let place = escaped(&format!("{}:{}", step.file, step.line));
        let _ = writeln!(out, "<p class=\"problem\">{} <small>{place}</small></p>", escaped(problem));
    }
    if let Some(body) = &step.sent_body {
        let _ = writeln!(out, "<h3>request</h3>\n<pre>{}</pre>", escaped(&body_text(body)));
    }
    if let Some(received) = &step.reply {
        let response = &received.response;
        let _ =
            writeln!(out, "<h3>response {}</h3>\n<pre>{}</pre>", response.status, escaped(&body_text(&response.body)));
        if !received.quirks.is_empty() {
            let _ = writeln!(out, "<p>quirks: {}</p>", escaped(&received.quirks.join(", ")));
        }
        if let Some(Err(difference)) = &received.conforms {
            let _ = writeln!(out, "<p>differs from the contract: {}</p>", escaped(difference));
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
