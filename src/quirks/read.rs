//! Reading quirks files. They are written by people, so that everything unknown is a diagnostic.

use std::sync::Arc;

use compact_str::CompactString;
use http::Method;
use rayon::prelude::*;

use super::effects::RENAMED;
use super::{Area, EFFECTS, Effect, Evidence, Matcher, Quirk, RecordCondition, RequestCondition, RequestPart, When};
use crate::api::Api;
use crate::diagnostics::{Diagnostic, Diagnostics, SourceFile, YamlMap, YamlNode, YamlValue};
use crate::openapi::PathPattern;

const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

pub(super) fn read(files: &[SourceFile], api: &Api) -> Result<Vec<Quirk>, Diagnostics> {
    // Files are parsed on all processors, and read in their order.
    let nodes: Vec<Result<YamlNode, Diagnostics>> = files.par_iter().map(YamlNode::read).collect();
    let mut quirks: Vec<Quirk> = Vec::new();
    for (file, node) in files.iter().zip(nodes) {
        let node = node?;
        let in_file = |list| Diagnostics::new(&file.name, &file.text, list);
        let mut diagnostics = Vec::new();
        for node in read_list(&node).map_err(|diagnostic| in_file(vec![diagnostic]))? {
            match read_quirk(&file.name, node, api) {
                Ok(quirk) => match quirks.iter().find(|known| known.id == quirk.id) {
                    Some(known) => diagnostics.push(Diagnostic::new(
                        node.span,
                        format!("the id `{}` is already used in {}:{}", quirk.id, known.file, known.line),
                    )),
                    None => quirks.push(quirk),
                },
                Err(diagnostic) => diagnostics.push(diagnostic),
            }
        }
        if !diagnostics.is_empty() {
            return Err(in_file(diagnostics));
        }
    }
    Ok(quirks)
}

fn read_list(node: &YamlNode) -> Result<&[YamlNode], Diagnostic> {
    let mut entries = node.entries("a quirks file")?;
    let list = entries.require("quirks")?.list()?;
    entries.finish()?;
    Ok(list)
}

fn read_quirk(file: &str, node: &YamlNode, api: &Api) -> Result<Quirk, Diagnostic> {
    let mut entries = node.entries("a quirk")?;
    let id = entries.require("id")?;
    let is_allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if id.text()?.is_empty() || !id.text()?.bytes().all(is_allowed) {
        return Err(Diagnostic::new(id.span, "an id is lowercase letters, digits and hyphens"));
    }
    let area = entries.take("area").map(read_area).transpose()?.unwrap_or_default();
    let is_off_by_default = match entries.take("default") {
        None => false,
        Some(node) => match node.text()? {
            "on" => false,
            "off" => true,
            other => return Err(Diagnostic::unknown(node.span, "default", other, &["on", "off"])),
        },
    };
    let [since, until] = ["since", "until"].map(|key| entries.take(key).map(|node| read_date(node, api)).transpose());
    let (since, until) = (since?, until?);
    let on = entries.require("on")?.text()?.to_owned();
    let off = entries.require("off")?.text()?.to_owned();
    let evidence = entries.require("evidence")?.list()?.iter().map(read_evidence).collect::<Result<Vec<_>, _>>()?;
    let when = entries.take("when").map(|node| read_when(node, api)).transpose()?.unwrap_or_default();
    let effect = read_effect(node, &mut entries)?;
    if effect.is_some() && when.paths.is_empty() && when.operations.is_empty() {
        return Err(Diagnostic::new(node.span, "a quirk with an effect needs a path").help("add `when: {path: …}`"));
    }
    let proof = entries.require("proof")?;
    check_proof(proof)?;
    entries.finish()?;
    let (id, line) = (id.text()?.to_owned(), node.span.line);
    let (proof, file) = (proof.clone(), file.to_owned());
    Ok(Quirk { id, area, is_off_by_default, since, until, on, off, evidence, when, effect, proof, file, line })
}

fn read_area(node: &YamlNode) -> Result<Area, Diagnostic> {
    let name = node.text()?;
    let found = Area::ALL.into_iter().find(|(_, known)| *known == name);
    let known = Area::ALL.map(|(_, name)| name);
    Ok(found.ok_or_else(|| Diagnostic::unknown(node.span, "area", name, &known))?.0)
}

/// Reads one of the dates that `standin.yaml` declares.
fn read_date(node: &YamlNode, api: &Api) -> Result<String, Diagnostic> {
    let known: Vec<&str> = api.observed.iter().map(String::as_str).collect();
    match node.text()? {
        date if known.contains(&date) => Ok(date.to_owned()),
        other => Err(Diagnostic::unknown(node.span, "date of observations", other, &known)
            .help("declare it in `observed` of standin.yaml")),
    }
}

/// Reads the one effect of a quirk, if it has one.
fn read_effect(node: &YamlNode, entries: &mut YamlMap<'_>) -> Result<Option<Arc<dyn Effect>>, Diagnostic> {
    for (former, name) in RENAMED {
        if let Some(node) = entries.take(former) {
            return Err(Diagnostic::new(node.span, format!("`{former}` is now called `{name}`")));
        }
    }
    let mut found = None;
    for kind in EFFECTS {
        let Some(value) = entries.take(kind.name()) else { continue };
        let effect = kind.parse(value)?;
        if let Some((other, _)) = found.replace((kind.name(), effect)) {
            let message = format!("a quirk has one effect, this one has `{other}` and `{}`", kind.name());
            return Err(Diagnostic::new(node.span, message).help("write two quirks"));
        }
    }
    Ok(found.map(|(_, effect)| effect))
}

/// Checks that the expected responses of at least one step differ between on and off. The steps themselves are read where
/// scenarios are.
fn check_proof(node: &YamlNode) -> Result<(), Diagnostic> {
    let steps = node.list()?;
    let differs = |step: &YamlNode| match &step.node {
        YamlValue::Map(entries) => {
            let entry = |name: &str| entries.iter().find(|(key, _)| key.name == name).map(|(_, node)| node.to_json());
            entry("on") != entry("off")
        }
        _ => false,
    };
    match steps.iter().any(differs) {
        true => Ok(()),
        false => Err(Diagnostic::new(node.span, "the proof has no step whose response differs between on and off")
            .help("add a step with `on: …` and `off: …`")),
    }
}

fn read_evidence(node: &YamlNode) -> Result<Evidence, Diagnostic> {
    let mut entries = node.entries("a piece of evidence")?;
    let evidence = Evidence {
        source: entries.require("source")?.text()?.to_owned(),
        at: entries.require("at")?.text()?.to_owned(),
        verified: entries.take("verified").map(YamlNode::text).transpose()?.map(str::to_owned),
    };
    entries.finish()?;
    Ok(evidence)
}

fn read_when(node: &YamlNode, api: &Api) -> Result<When, Diagnostic> {
    let mut entries = node.entries("`when`")?;
    let read = |node: Option<&YamlNode>| node.map(read_patterns).transpose().map(Option::unwrap_or_default);
    let mut when =
        When { paths: read(entries.take("path"))?, except: read(entries.take("except"))?, ..When::default() };
    when.operations = entries.take("operation").map(read_operations).transpose()?.unwrap_or_default();
    when.methods = entries.take("method").map(read_methods).transpose()?.unwrap_or_default();
    when.gateway = entries.take("gateway").map(|node| read_gateway(node, api)).transpose()?;
    when.tokens = entries.take("token").map(|node| read_tokens(node, api)).transpose()?.unwrap_or_default();
    for (name, part) in [("headers", RequestPart::Headers), ("query", RequestPart::Query), ("body", RequestPart::Body)]
    {
        if let Some(node) = entries.take(name) {
            for (key, node) in node.entries("the request")?.rest() {
                let field_path = key.name.split('/').map(str::to_owned).collect();
                when.sent.push(RequestCondition { part, field_path, is: read_matcher(node)? });
            }
        }
    }
    if let Some(node) = entries.take("route") {
        when.is_unrouted = match node.text()? {
            "none" => true,
            other => return Err(Diagnostic::unknown(node.span, "route", other, &["none"])),
        };
    }
    when.record = entries.take("record").map(read_record).transpose()?;
    when.kind = entries.take("kind").map(YamlNode::text).transpose()?.map(str::to_owned);
    when.without_feature = entries.take("without_feature").map(YamlNode::text).transpose()?.map(str::to_owned);
    entries.finish()?;
    Ok(when)
}

fn read_patterns(node: &YamlNode) -> Result<Vec<PathPattern>, Diagnostic> {
    let invalid = |text: &str| {
        Diagnostic::new(node.span, format!("`{text}` is not a path pattern")).help("write `/a/*/b` or `/a/**`")
    };
    node.texts()?.into_iter().map(|text| PathPattern::parse(text).ok_or_else(|| invalid(text))).collect()
}

/// Reads `METHOD /path/*`, or a list of them.
fn read_operations(node: &YamlNode) -> Result<Vec<(Method, PathPattern)>, Diagnostic> {
    let read = |text: &str| {
        let (method, path) = text.split_once(' ')?;
        let method = Method::from_bytes(method.as_bytes()).ok().filter(|_| METHODS.contains(&method))?;
        Some((method, PathPattern::parse(path)?))
    };
    let invalid = |text: &str| {
        Diagnostic::new(node.span, format!("`{text}` is not a method and a path pattern")).help("write `PUT /a/*/b`")
    };
    node.texts()?.into_iter().map(|text| read(text).ok_or_else(|| invalid(text))).collect()
}

fn read_methods(node: &YamlNode) -> Result<Vec<Method>, Diagnostic> {
    let read = |text: &str| match Method::from_bytes(text.as_bytes()) {
        Ok(method) if METHODS.contains(&text) => Ok(method),
        _ => Err(Diagnostic::unknown(node.span, "method", text, &METHODS)),
    };
    node.texts()?.into_iter().map(read).collect()
}

fn read_gateway(node: &YamlNode, api: &Api) -> Result<CompactString, Diagnostic> {
    let known: Vec<&str> = api.gateways.list.iter().map(|gateway| gateway.name.as_str()).collect();
    let name = node.text()?;
    match known.contains(&name) {
        true => Ok(name.into()),
        false => Err(Diagnostic::unknown(node.span, "gateway", name, &known)),
    }
}

fn read_tokens(node: &YamlNode, api: &Api) -> Result<Vec<CompactString>, Diagnostic> {
    let read = |name: &str| match api.tokens.kind(name) {
        Some(_) => Ok(name.into()),
        None => Err(Diagnostic::unknown(node.span, "kind of token", name, &api.tokens.kind_names())),
    };
    node.texts()?.into_iter().map(read).collect()
}

/// Reads `absent`, or matchers of the record's fields.
fn read_record(node: &YamlNode) -> Result<RecordCondition, Diagnostic> {
    if matches!(&node.node, YamlValue::Text(text) if text == "absent") {
        return Ok(RecordCondition::Absent);
    }
    let fields = node.entries("the state of the record")?.rest().into_iter();
    let fields = fields.map(|(key, node)| Ok((key.name.clone(), read_matcher(node)?)));
    Ok(RecordCondition::With(fields.collect::<Result<_, Diagnostic>>()?))
}

/// Reads `absent`, `present`, a value, a list of values, or `{not: …}`.
fn read_matcher(node: &YamlNode) -> Result<Matcher, Diagnostic> {
    let values = |node: &YamlNode| match &node.node {
        YamlValue::List(list) => list.iter().map(YamlNode::to_json).collect(),
        _ => vec![node.to_json()],
    };
    Ok(match &node.node {
        YamlValue::Text(text) if text == "absent" => Matcher::Absent,
        YamlValue::Text(text) if text == "present" => Matcher::Present,
        YamlValue::Map(_) => {
            let mut entries = node.entries("a matcher")?;
            let not = entries.require("not")?;
            entries.finish()?;
            Matcher::NoneOf(values(not))
        }
        _ => Matcher::OneOf(values(node)),
    })
}
