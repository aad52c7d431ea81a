//! Steps in the vocabulary of workflow documents.

use http::{HeaderName, Method};
use serde_json::{Map, Value};

use super::extract::Extract;
use super::variables;
use crate::diagnostics::{Collector, Diagnostic, Key, Span, YamlMap, YamlNode, YamlValue};
use crate::model::{TimeSpan, TimeSpanError};

/// A request and the response that it expects.
#[derive(Clone, Debug)]
pub struct Step {
    /// The id, by which reports name the step.
    pub id: String,
    /// One line about it.
    pub description: String,
    /// The line in its file, from 1.
    pub line: usize,
    /// The method.
    pub method: String,
    /// The path with variables, without the prefix of the gateway.
    pub path: String,
    /// The name of the token and its position in the file; `None` for the token of the workflow.
    pub token: Option<Key>,
    /// Whether the request goes through the fallback gateway (`useFallback` or `useFallbackApi`).
    pub fallback: bool,
    /// Whether a directory token sends `X-On-Behalf-Of` with the business; the default is true.
    pub on_behalf_of: bool,
    /// The query.
    pub params: Vec<(String, Value)>,
    /// Headers beside those of the token.
    pub headers: Vec<(String, Value)>,
    /// The body.
    pub body: Option<Value>,
    /// Variables set from the response.
    pub extract: Vec<(String, Extract)>,
    /// The expected response.
    pub expect: Expect,
    /// The expected responses with the quirk on and off, in a proof.
    pub on_and_off: Option<(Expect, Expect)>,
    /// How far the clock moves before the request.
    pub advance: Option<TimeSpan>,
    /// Whether a failure ends the workflow.
    pub on_fail: OnFail,
}

/// An expected response.
#[derive(Clone, Debug, PartialEq)]
pub struct Expect {
    /// The accepted statuses; the default is 200.
    pub statuses: Vec<u16>,
    /// Values of the body by JSONPath; `null` stands for a missing value too.
    pub body: Vec<(Extract, Value)>,
    /// The notifications that the request, or the time before it, must cause.
    pub webhooks: Vec<ExpectedWebhook>,
}

/// An expected notification.
#[derive(Clone, Debug, PartialEq)]
pub struct ExpectedWebhook {
    /// The name of the event.
    pub event: String,
    /// Values of the body by JSONPath.
    pub body: Vec<(Extract, Value)>,
}

/// What a failed step does to its workflow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnFail {
    /// The workflow fails.
    #[default]
    Abort,
    /// The workflow continues.
    Continue,
}

impl Step {
    /// The names of the variables that the request and the expected response use.
    pub(super) fn variables(&self) -> Vec<String> {
        let mut names = Vec::new();
        variables::collect_names(&Value::from(self.path.as_str()), &mut names);
        let values = self.params.iter().chain(&self.headers).map(|(_, value)| value).chain(&self.body);
        let expected = self.expect.body.iter().map(|(_, value)| value);
        values.chain(expected).for_each(|value| variables::collect_names(value, &mut names));
        names
    }
}

impl Default for Expect {
    fn default() -> Self {
        Self { statuses: vec![200], body: Vec::new(), webhooks: Vec::new() }
    }
}

/// How strictly steps are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ParseMode {
    /// For scenarios and proofs: an unknown entry is an error.
    Strict,
    /// For workflow documents: unknown entries are ignored, `"true"` is true, and an extract may be a literal.
    Lenient,
}

/// Reads a list of steps and leaves out invalid ones.
pub(super) fn read_steps(tree: &YamlNode, mode: ParseMode, diagnostics: &mut Collector) -> Vec<Step> {
    let list = diagnostics.collect(tree.list()).unwrap_or_default();
    list.iter().enumerate().filter_map(|(place, tree)| read_step(place, tree, mode, diagnostics)).collect()
}

pub(super) fn read_step(place: usize, tree: &YamlNode, mode: ParseMode, diagnostics: &mut Collector) -> Option<Step> {
    let mut entries = diagnostics.collect(tree.entries("a step"))?;
    let text = |tree: &YamlNode| tree.text().map(str::to_owned);
    let method = diagnostics.collect(entries.require("method").and_then(read_method));
    let path_node = diagnostics.collect(entries.require("path"));
    let path = path_node.and_then(|tree| diagnostics.collect(read_path(tree)));
    let id = entries.take("id").and_then(|tree| diagnostics.collect(text(tree)));
    let description = entries.take("description").and_then(|tree| diagnostics.collect(text(tree))).unwrap_or_default();
    let token = entries.take("token").and_then(|tree| {
        let name = diagnostics.collect(text(tree))?;
        Some(Key { name, span: tree.span })
    });
    let mut boolean = |tree: Option<&YamlNode>| tree.and_then(|tree| diagnostics.collect(read_boolean(tree, mode)));
    let fallback = [boolean(entries.take("useFallback")), boolean(entries.take("useFallbackApi"))];
    let on_behalf_of = boolean(entries.take("x_on_behalf_of"));
    let advance = entries.take("advance").and_then(|tree| diagnostics.collect(read_span(tree)));
    let params = pairs(&mut entries, "params", "params", diagnostics);
    let headers = read_headers(&mut entries, diagnostics);
    let body = entries.take_nullable("body");
    let extract = read_extracts(&mut entries, mode, diagnostics);
    let expect = entries.take("expect").map(|tree| read_expect(tree, mode, diagnostics)).unwrap_or_default();
    let on_and_off = read_on_and_off(&mut entries, tree, mode, diagnostics)?;
    let on_fail = entries.take("onFail").map(|tree| diagnostics.collect(read_on_fail(tree, mode)));
    let on_fail = on_fail.map_or(Some(OnFail::Abort), |read| read)?;
    finish_step(entries, mode, diagnostics);
    for tree in path_node.into_iter().chain(body).chain(params.iter().chain(&headers).map(|(_, tree)| *tree)) {
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
        advance,
        on_fail,
    })
}

fn read_span(tree: &YamlNode) -> Result<TimeSpan, Diagnostic> {
    tree.text()?.parse().map_err(|error: TimeSpanError| Diagnostic::new(tree.span, error.to_string()))
}

fn read_headers<'t>(entries: &mut YamlMap<'t>, diagnostics: &mut Collector) -> Vec<(&'t Key, &'t YamlNode)> {
    let headers = pairs(entries, "headers", "headers", diagnostics);
    for (key, _) in &headers {
        let name = HeaderName::from_bytes(key.name.as_bytes());
        diagnostics
            .collect(name.map_err(|_| Diagnostic::new(key.span, format!("`{}` is not a header name", key.name))));
    }
    headers
}

fn read_extracts(entries: &mut YamlMap<'_>, mode: ParseMode, diagnostics: &mut Collector) -> Vec<(String, Extract)> {
    let map = entries.take("extract").and_then(|tree| diagnostics.collect(tree.entries("`extract`")));
    let entries = map.map(|mut map| map.rest()).unwrap_or_default().into_iter();
    let extracts = entries.filter_map(|(key, tree)| {
        let extract = tree.text().and_then(|text| read_extract(text, tree.span, mode));
        Some((key.name.clone(), diagnostics.collect(extract)?))
    });
    extracts.collect()
}

/// Reads `on` and `off`, which come together or not at all. `None` if one of them is missing.
#[allow(clippy::option_option, reason = "an invalid step and a step without both are two things")]
fn read_on_and_off(
    entries: &mut YamlMap<'_>,
    step: &YamlNode,
    mode: ParseMode,
    diagnostics: &mut Collector,
) -> Option<Option<(Expect, Expect)>> {
    match (entries.take("on"), entries.take("off")) {
        (Some(on), Some(off)) => Some(Some((read_expect(on, mode, diagnostics), read_expect(off, mode, diagnostics)))),
        (None, None) => Some(None),
        _ => {
            let message = "a step of a proof has both `on` and `off`, or `expect`";
            diagnostics.collect(Err(Diagnostic::new(step.span, message)))
        }
    }
}

fn read_on_fail(tree: &YamlNode, mode: ParseMode) -> Result<OnFail, Diagnostic> {
    match tree.text() {
        Ok("abort") => Ok(OnFail::Abort),
        Ok("skip" | "warn" | "continue") => Ok(OnFail::Continue),
        _ if mode == ParseMode::Strict => Err(tree.expected("abort, skip, warn or continue")),
        _ => Ok(OnFail::Continue),
    }
}

fn finish_step(mut entries: YamlMap<'_>, mode: ParseMode, diagnostics: &mut Collector) {
    match mode {
        ParseMode::Strict => entries.finish_with(diagnostics),
        ParseMode::Lenient => {
            // Entries of workflow documents that have no effect here.
            for name in ["sleep", "content_type", "form_fields", "file_fields", "skipReason", "cleanup"] {
                entries.take(name);
            }
        }
    }
}

fn read_method(tree: &YamlNode) -> Result<String, Diagnostic> {
    let method = tree.text()?.to_uppercase();
    match Method::from_bytes(method.as_bytes()) {
        Ok(_) => Ok(method),
        Err(_) => Err(Diagnostic::new(tree.span, format!("`{method}` is not a method")).help("write one such as GET")),
    }
}

/// Reads a path. Without the leading slash it would continue the host name of the server.
fn read_path(tree: &YamlNode) -> Result<String, Diagnostic> {
    let path = tree.text()?;
    match path.starts_with('/') || path.starts_with("{{") {
        true => Ok(path.to_owned()),
        false => Err(Diagnostic::new(tree.span, format!("the path `{path}` must start with `/`"))
            .help("write the path only; the command line names the host")),
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
    let Some(mut entries) = diagnostics.collect(tree.entries("an expected response")) else { return Expect::default() };
    let statuses = match entries.take("status") {
        None => vec![200],
        Some(tree) => {
            let list = match &tree.node {
                YamlValue::List(list) if list.is_empty() => {
                    diagnostics.add(
                        Diagnostic::new(tree.span, "the list of statuses is empty").help("write one, such as 200"),
                    );
                    &[]
                }
                YamlValue::List(list) => list.as_slice(),
                _ => std::slice::from_ref(tree),
            };
            list.iter().filter_map(|tree| diagnostics.collect(read_status(tree))).collect()
        }
    };
    let body = read_expected_body(&mut entries, diagnostics);
    let webhooks = entries.take("webhook").map(|tree| match &tree.node {
        YamlValue::List(list) => list.as_slice(),
        _ => std::slice::from_ref(tree),
    });
    let webhooks = webhooks.unwrap_or_default().iter();
    let webhooks = webhooks.filter_map(|tree| read_webhook(tree, diagnostics)).collect();
    if mode == ParseMode::Strict {
        entries.finish_with(diagnostics);
    }
    Expect { statuses, body, webhooks }
}

fn read_expected_body<'t>(entries: &mut YamlMap<'t>, diagnostics: &mut Collector) -> Vec<(Extract, Value)> {
    let body = entries.take("body").and_then(|tree| diagnostics.collect(tree.entries("the expected body")));
    let body = body.map(|mut entries| entries.rest()).unwrap_or_default();
    let body = body.into_iter().filter_map(|(key, tree)| {
        variables::check(tree, diagnostics);
        Some((diagnostics.collect(read_extract(&key.name, key.span, ParseMode::Strict))?, tree.to_json()))
    });
    body.collect()
}

fn read_webhook(tree: &YamlNode, diagnostics: &mut Collector) -> Option<ExpectedWebhook> {
    let mut entries = diagnostics.collect(tree.entries("an expected webhook"))?;
    let event = entries.require("event").and_then(|tree| tree.text().map(str::to_owned));
    let event = diagnostics.collect(event);
    let body = read_expected_body(&mut entries, diagnostics);
    entries.finish_with(diagnostics);
    Some(ExpectedWebhook { event: event?, body })
}

/// Reads a status, which may be text as in `"201"`.
fn read_status(tree: &YamlNode) -> Result<u16, Diagnostic> {
    let status = match &tree.node {
        YamlValue::Text(text) => text.trim().parse().ok(),
        YamlValue::Number(number) => number.as_u64().and_then(|status| u16::try_from(status).ok()),
        _ => None,
    };
    status.filter(|status| (100..600).contains(status)).ok_or_else(|| tree.expected("a status from 100 to 599"))
}

/// The entries of a map of any names. Diagnostics call it `what`.
pub(super) fn pairs<'t>(
    entries: &mut YamlMap<'t>,
    name: &'t str,
    what: &'t str,
    diagnostics: &mut Collector,
) -> Vec<(&'t Key, &'t YamlNode)> {
    let pairs = entries.take(name).and_then(|tree| diagnostics.collect(tree.entries(what)));
    pairs.map(|mut pairs| pairs.rest()).unwrap_or_default().into_iter().map(|(key, tree)| (key, tree)).collect()
}
