//! Quirks in words and as JSON, for `standin quirks` and the control API.

use serde_json::{Value, json};

use super::{Matcher, Quirk, RecordCondition, RequestPart};
use crate::request::QuirkFlags;

/// When a quirk applies, one phrase for each condition.
pub fn when(quirk: &Quirk) -> Vec<String> {
    let when = &quirk.when;
    let mut words = Vec::new();
    for (word, date) in [("since", &quirk.since), ("until", &quirk.until)] {
        words.extend(date.as_ref().map(|date| format!("{word} {date}")));
    }
    if let Some(gateway) = &when.gateway {
        words.push(format!("gateway {gateway}"));
    }
    let methods: Vec<&str> = when.methods.iter().map(http::Method::as_str).collect();
    let paths: Vec<String> = when.paths.iter().map(ToString::to_string).collect();
    if !paths.is_empty() {
        words.push([methods.join(", "), paths.join(", ")].join(" ").trim().to_owned());
    }
    if !when.operations.is_empty() {
        let operations: Vec<String> = when.operations.iter().map(|(method, path)| format!("{method} {path}")).collect();
        words.push(operations.join(", "));
    }
    if !when.except.is_empty() {
        let paths: Vec<String> = when.except.iter().map(ToString::to_string).collect();
        words.push(format!("except {}", paths.join(", ")));
    }
    if when.is_unrouted {
        words.push("no operation has the path".to_owned());
    }
    if !when.tokens.is_empty() {
        let tokens: Vec<&str> = when.tokens.iter().map(|kind| kind.as_str()).collect();
        words.push(format!("token {}", tokens.join(" or ")));
    }
    for sent in &when.sent {
        let index = match sent.part {
            RequestPart::Headers => "header",
            RequestPart::Query => "query",
            RequestPart::Body => "body",
        };
        words.push(format!("{} of the {index} {}", sent.field_path.join("/"), is(&sent.is)));
    }
    let kind = when.kind.as_deref().unwrap_or("record");
    match &when.record {
        None => {}
        Some(RecordCondition::Absent) => words.push(format!("the path names no {kind}")),
        Some(RecordCondition::With(fields)) => {
            words.extend(fields.iter().map(|(name, wanted)| format!("{name} of the {kind} {}", is(wanted))));
        }
    }
    if let Some(feature) = &when.without_feature {
        words.push(format!("the owner lacks {feature}"));
    }
    words
}

fn is(wanted: &Matcher) -> String {
    let texts = |values: &[Value]| values.iter().map(Value::to_string).collect::<Vec<_>>().join(" or ");
    match wanted {
        Matcher::Absent => "is absent".to_owned(),
        Matcher::Present => "is present".to_owned(),
        Matcher::OneOf(values) => format!("is {}", texts(values)),
        Matcher::NoneOf(values) => format!("is not {}", texts(values)),
    }
}

/// What a quirk does, a phrase.
pub fn effect(quirk: &Quirk) -> String {
    match &quirk.effect {
        None => "is implemented in a handler".to_owned(),
        Some(effect) => effect.describe(),
    }
}

/// A quirk as JSON, with whether it is on.
pub fn quirk_json(quirk: &Quirk, flags: &QuirkFlags) -> Value {
    let evidence: Vec<Value> = quirk
        .evidence
        .iter()
        .map(|evidence| json!({"source": evidence.source, "at": evidence.at, "verified": evidence.verified}))
        .collect();
    json!({
        "id": quirk.id,
        "area": quirk.area.name(),
        "is_on": is_on(flags, quirk),
        "since": quirk.since,
        "until": quirk.until,
        "default": if quirk.is_off_by_default { "off" } else { "on" },
        "on": quirk.on,
        "off": quirk.off,
        "when": when(quirk),
        "effect": effect(quirk),
        "evidence": evidence,
        "file": quirk.file,
        "line": quirk.line,
        "proof": quirk.proof.to_json(),
    })
}

/// Whether a quirk is on.
pub fn is_on(flags: &QuirkFlags, quirk: &Quirk) -> bool {
    flags.find(&quirk.id).is_some_and(|(_, on)| on)
}
