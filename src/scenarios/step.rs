//! The steps of a story, in the vocabulary of the workflow documents.

use http::{HeaderName, Method};
use serde_json::{Map, Value};

use super::extract::Extract;
use super::variables;
use crate::diagnostics::{Collector, Diagnostic, Key, Span, YamlMap, YamlNode, YamlValue};

/// One call of a story and what is expected of its answer.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its name in reports.
    pub id: String,
    /// One line about it.
    pub description: String,
    /// Where it stands in its file.
    pub line: usize,
    /// The method.
    pub method: String,
    /// The path, with variables, without the door's prefix.
    pub path: String,
    /// The name of the token, and where it stands; that of the story when it says nothing.
    pub token: Option<Key>,
    /// Whether it goes through the fallback, as `useFallback` or `useFallbackApi` says.
    pub fallback: bool,
    /// Whether a directory token names its business; it does unless told not to.
    pub on_behalf_of: bool,
    /// The query.
    pub params: Vec<(String, Value)>,
    /// Further headers.
    pub headers: Vec<(String, Value)>,
    /// The body.
    pub body: Option<Value>,
    /// Variables taken from the answer.
    pub extract: Vec<(String, Extract)>,
    /// What is expected.
    pub expect: Expect,
    /// What is expected with the quirk on and with it off; only steps of a proof say so.
    pub on_and_off: Option<(Expect, Expect)>,
    /// What happens when it fails.
    pub on_fail: OnFail,
}

/// What is expected of an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Expect {
    /// The statuses that are good; 200 when nothing is said.
    pub statuses: Vec<u16>,
    /// Places in the body and what stands there; `null` when nothing does.
    pub body: Vec<(Extract, Value)>,
}

/// What happens to a story when a step fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnFail {
    /// It fails.
    #[default]
    Abort,
    /// It goes on.
    Continue,
}

impl Default for Expect {
    fn default() -> Self {
        Self { statuses: vec![200], body: Vec::new() }
    }
}

/// How a list of steps is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ParseMode {
    /// As scenarios and proofs have them: an unknown entry is a mistake.
    Strict,
    /// As workflow documents have them: what is unknown is passed over, `"true"` is true, and a text
    /// that is to be extracted stands for itself.
    Lenient,
}

/// Reads a list of steps; those with a mistake in them are left out.
pub(super) fn read_steps(tree: &YamlNode, mode: ParseMode, diagnostics: &mut Collector) -> Vec<Step> {
    let list = diagnostics.collect(tree.list()).unwrap_or_default();
    list.iter().enumerate().filter_map(|(place, tree)| read_step(place, tree, mode, diagnostics)).collect()
}

fn read_step(place: usize, tree: &YamlNode, mode: ParseMode, diagnostics: &mut Collector) -> Option<Step> {
    let is_strict = mode == ParseMode::Strict;
    let mut entries = diagnostics.collect(tree.entries("a step"))?;
    let text = |tree: &YamlNode| tree.text().map(str::to_owned);
    let method = diagnostics.collect(entries.require("method").and_then(read_method));
    let written = diagnostics.collect(entries.require("path"));
    let path = written.and_then(|tree| diagnostics.collect(read_path(tree)));
    let id = entries.take("id").and_then(|tree| diagnostics.collect(text(tree)));
    let description = entries.take("description").and_then(|tree| diagnostics.collect(text(tree))).unwrap_or_default();
    let token = entries.take("token").and_then(|tree| {
        let name = diagnostics.collect(text(tree))?;
        Some(Key { name, span: tree.span })
    });
    let mut truth = |tree: Option<&YamlNode>| tree.and_then(|tree| diagnostics.collect(read_boolean(tree, mode)));
    let fallback = [truth(entries.take("useFallback")), truth(entries.take("useFallbackApi"))];
    let on_behalf_of = truth(entries.take("x_on_behalf_of"));
    let params = pairs(&mut entries, "params", "params", diagnostics);
    let headers = pairs(&mut entries, "headers", "headers", diagnostics);
    for (key, _) in &headers {
        let name = HeaderName::from_bytes(key.name.as_bytes());
        diagnostics.collect(name.map_err(|_| Diagnostic::new(key.span, format!("`{}` is no header name", key.name))));
    }
    let body = entries.take("body");
    let extract = match entries.take("extract").and_then(|tree| diagnostics.collect(tree.entries("`extract`"))) {
        None => Vec::new(),
        Some(mut entries) => {
            let extracts = entries.rest().into_iter();
            extracts
                .filter_map(|(key, tree)| {
                    let extract = tree.text().and_then(|text| read_extract(text, tree.span, mode));
                    Some((key.name.clone(), diagnostics.collect(extract)?))
                })
                .collect()
        }
    };
    let expect = entries.take("expect").map(|tree| read_expect(tree, mode, diagnostics)).unwrap_or_default();
    let on_and_off = match (entries.take("on"), entries.take("off")) {
        (Some(on), Some(off)) => Some((read_expect(on, mode, diagnostics), read_expect(off, mode, diagnostics))),
        (None, None) => None,
        _ => {
            let message = "a step of a proof says both `on` and `off`, or `expect`";
            return diagnostics.collect(Err(Diagnostic::new(tree.span, message)));
        }
    };
    let on_fail = match entries.take("onFail").map(|tree| (tree, tree.text())) {
        None | Some((_, Ok("abort"))) => OnFail::Abort,
        Some((_, Ok("skip" | "warn" | "continue"))) => OnFail::Continue,
        Some((tree, _)) if is_strict => {
            return diagnostics.collect(Err(tree.expected("abort, skip, warn or continue")));
        }
        Some(_) => OnFail::Continue,
    };
    // Known to the documents and without an effect here.
    for name in ["sleep", "content_type", "form_fields", "file_fields", "skipReason", "cleanup"] {
        if !is_strict {
            entries.take(name);
        }
    }
    if is_strict {
        entries.finish_with(diagnostics);
    }
    for tree in written.into_iter().chain(body).chain(params.iter().chain(&headers).map(|(_, tree)| *tree)) {
        variables::check(tree, diagnostics);
    }
    let body = body.map(YamlNode::to_json).filter(|body| *body != Value::Object(Map::new()));
    let json = |pairs: Vec<(&Key, &YamlNode)>| {
        pairs.into_iter().map(|(key, tree)| (key.name.clone(), tree.to_json())).collect()
    };
    Some(Step {
        id: id.unwrap_or_else(|| format!("step_{}", place + 1)),
        description,
        line: tree.span.line,
        method: method?,
        path: path?,
        token,
        fallback: fallback.contains(&Some(true)),
        on_behalf_of: on_behalf_of.unwrap_or(true),
        params: json(params),
        headers: json(headers),
        body,
        extract,
        expect,
        on_and_off,
        on_fail,
    })
}

fn read_method(tree: &YamlNode) -> Result<String, Diagnostic> {
    let method = tree.text()?.to_uppercase();
    match Method::from_bytes(method.as_bytes()) {
        Ok(_) => Ok(method),
        Err(_) => Err(Diagnostic::new(tree.span, format!("`{method}` is no method")).help("write one such as GET")),
    }
}

/// A path that begins otherwise would go on with the name of the host that it is sent to.
fn read_path(tree: &YamlNode) -> Result<String, Diagnostic> {
    let path = tree.text()?;
    match path.starts_with('/') || path.starts_with("{{") {
        true => Ok(path.to_owned()),
        false => Err(Diagnostic::new(tree.span, format!("the path `{path}` begins with no slash"))
            .help("begin it with `/`; hosts are named on the command line")),
    }
}

/// `true` or `false`.
pub(super) fn read_boolean(tree: &YamlNode, mode: ParseMode) -> Result<bool, Diagnostic> {
    match &tree.node {
        YamlValue::Text(text) if mode == ParseMode::Lenient && text.eq_ignore_ascii_case("true") => Ok(true),
        YamlValue::Text(text) if mode == ParseMode::Lenient && text.eq_ignore_ascii_case("false") => Ok(false),
        _ => tree.boolean(),
    }
}

fn read_extract(written: &str, span: Span, mode: ParseMode) -> Result<Extract, Diagnostic> {
    let extract = match mode {
        ParseMode::Strict => Extract::parse(written),
        ParseMode::Lenient => Extract::parse_leniently(written),
    };
    extract.map_err(|message| Diagnostic::new(span, message))
}

fn read_expect(tree: &YamlNode, mode: ParseMode, diagnostics: &mut Collector) -> Expect {
    let Some(mut entries) = diagnostics.collect(tree.entries("what is expected")) else { return Expect::default() };
    let statuses = match entries.take("status") {
        None => vec![200],
        Some(tree) => {
            let list = match &tree.node {
                YamlValue::List(list) if list.is_empty() => {
                    diagnostics.add(Diagnostic::new(tree.span, "no status is expected").help("write one, such as 200"));
                    &[]
                }
                YamlValue::List(list) => list.as_slice(),
                _ => std::slice::from_ref(tree),
            };
            list.iter().filter_map(|tree| diagnostics.collect(read_status(tree))).collect()
        }
    };
    let body = entries.take("body").and_then(|tree| diagnostics.collect(tree.entries("the expected body")));
    let body = body.map(|mut entries| entries.rest()).unwrap_or_default();
    let body = body.into_iter().filter_map(|(key, tree)| {
        variables::check(tree, diagnostics);
        Some((diagnostics.collect(read_extract(&key.name, key.span, ParseMode::Strict))?, tree.to_json()))
    });
    let body = body.collect();
    if mode == ParseMode::Strict {
        entries.finish_with(diagnostics);
    }
    Expect { statuses, body }
}

/// Documents write `"201"` as well, and mean the number.
fn read_status(tree: &YamlNode) -> Result<u16, Diagnostic> {
    let status = match &tree.node {
        YamlValue::Text(text) => text.trim().parse().ok(),
        YamlValue::Number(number) => number.as_u64().and_then(|status| u16::try_from(status).ok()),
        _ => None,
    };
    status.filter(|status| (100..600).contains(status)).ok_or_else(|| tree.expected("a status from 100 to 599"))
}

/// The entries of a table, whatever their names; `what` it is called in a complaint.
pub(super) fn pairs<'t>(
    entries: &mut YamlMap<'t>,
    name: &'t str,
    what: &'t str,
    diagnostics: &mut Collector,
) -> Vec<(&'t Key, &'t YamlNode)> {
    let pairs = entries.take(name).and_then(|tree| diagnostics.collect(tree.entries(what)));
    pairs.map(|mut pairs| pairs.rest()).unwrap_or_default().into_iter().map(|(key, tree)| (key, tree)).collect()
}
