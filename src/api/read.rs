//! Reads `standin.yaml`.

use std::sync::Arc;

use compact_str::CompactString;
use http::HeaderName;

use super::{ActsFor, Api, Dialects, Gateway, OnBehalfOf, Scheme, TokenKind, TokenParam, Tokens};
use crate::diagnostics::{Collector, Diagnostic, Diagnostics, Key, SourceFile, YamlMap, YamlNode};
use crate::model::{Ownership, Subject, Through, token_field};
use crate::openapi::PathPattern;

impl Api {
    /// Reads a `standin.yaml`. `extended` returns the API that the file names under `extends`.
    ///
    /// # Errors
    /// All mistakes in the file.
    pub fn read(
        file: &SourceFile,
        extended: &dyn Fn(&str) -> Option<Result<Self, Diagnostics>>,
    ) -> Result<Self, Diagnostics> {
        let (tree, mut diagnostics) = (YamlNode::read(file)?, Collector::default());
        let api = diagnostics.collect(tree.entries("standin.yaml")).map(|mut entries| {
            let extends = entries.take("extends");
            let base = extends.and_then(|tree| read_base(tree, extended, &mut diagnostics));
            let name = match extends {
                Some(_) => entries.take("name"),
                None => diagnostics.collect(entries.require("name")),
            };
            let name = name.and_then(|tree| diagnostics.collect(tree.text()));
            let mut api = read_sections(&mut entries, base.unwrap_or_default(), &mut diagnostics);
            api.name = name.map_or(api.name, str::to_owned);
            entries.finish_with(&mut diagnostics);
            api
        });
        diagnostics.all(file, api)
    }

    /// The name of the API that a `standin.yaml` extends, if it extends one.
    pub fn extended_name(file: &SourceFile) -> Option<String> {
        let tree = YamlNode::read(file).ok()?;
        let mut entries = tree.entries("standin.yaml").ok()?;
        entries.take("extends")?.text().ok().map(str::to_owned)
    }
}

fn read_base(
    tree: &YamlNode,
    extended: &dyn Fn(&str) -> Option<Result<Api, Diagnostics>>,
    diagnostics: &mut Collector,
) -> Option<Api> {
    let name = diagnostics.collect(tree.text())?;
    match extended(name) {
        Some(base) => diagnostics.collect_all(base),
        None => {
            diagnostics.add(Diagnostic::unknown(tree.span, "API", name, &super::identity::EMBEDDED_NAMES));
            None
        }
    }
}

/// Reads the sections of the file; each one replaces that of the API it extends.
fn read_sections(entries: &mut YamlMap<'_>, base: Api, diagnostics: &mut Collector) -> Api {
    let mut api = base;
    let mut text = |name, diagnostics: &mut Collector| -> Option<String> {
        diagnostics.collect(entries.take(name)?.text()).map(str::to_owned)
    };
    api.scenario = text("scenario", diagnostics).or(api.scenario);
    api.documents_scenario = text("documents_scenario", diagnostics).or(api.documents_scenario);
    api.handlers = text("handlers", diagnostics).or(api.handlers);
    if let Some(tree) = entries.take("documented_behaviour_only") {
        api.documented_behaviour_only = diagnostics.collect(tree.boolean()).unwrap_or_default();
    }
    if let Some(hosts) = entries.take("hosts") {
        let hosts = diagnostics.collect(hosts.texts()).unwrap_or_default();
        api.hosts = hosts.into_iter().map(str::to_ascii_lowercase).collect();
    }
    let observed = entries.take("observed").and_then(|tree| diagnostics.collect(read_observed(tree)));
    api.observed = observed.unwrap_or(api.observed);
    if let Some(tree) = entries.take("ownership") {
        api.ownership = Arc::new(diagnostics.collect(read_ownership(tree)).unwrap_or_default());
    }
    let gateways = entries.take("gateways").and_then(|tree| diagnostics.collect(read_gateways(tree)));
    api.gateways.list = gateways.unwrap_or(api.gateways.list);
    let hosts = entries.take("separate_hosts").and_then(|tree| diagnostics.collect(read_separate_hosts(tree)));
    api.gateways.separate_hosts = hosts.unwrap_or(api.gateways.separate_hosts);
    let tokens = entries.take("tokens").and_then(|tree| diagnostics.collect(read_tokens(tree, &api.ownership)));
    api.tokens = tokens.unwrap_or(api.tokens);
    let params = entries.take("params").and_then(|tree| diagnostics.collect(read_params(tree, &api.tokens)));
    api.params = params.unwrap_or(api.params);
    let headers = entries.take("documented_headers").and_then(|tree| diagnostics.collect(tree.boolean()));
    api.omits_documented_headers = headers.map_or(api.omits_documented_headers, |sends| !sends);
    if let Some(tree) = entries.take("dialects") {
        let own = Dialects::read(tree, &api.dialects, diagnostics);
        api.dialects = own;
    }
    api
}

fn owned(texts: Vec<&str>) -> Vec<String> {
    texts.into_iter().map(str::to_owned).collect()
}

fn texts_of<'t>(entries: &mut YamlMap<'t>, name: &'t str) -> Result<Vec<String>, Diagnostic> {
    entries.take(name).map_or(Ok(Vec::new()), |tree| tree.texts().map(owned))
}

fn text_of<'t>(entries: &mut YamlMap<'t>, name: &'t str) -> Result<Option<String>, Diagnostic> {
    entries.take(name).map(|tree| tree.text().map(str::to_owned)).transpose()
}

fn pairs_of<'t>(entries: &mut YamlMap<'t>, name: &'t str) -> Result<Vec<(String, String)>, Diagnostic> {
    let Some(tree) = entries.take(name) else { return Ok(Vec::new()) };
    let pairs = tree.entries("a table of fields")?.rest().into_iter();
    pairs.map(|(key, tree)| Ok((key.name.clone(), tree.text()?.to_owned()))).collect()
}

fn boolean_of<'t>(entries: &mut YamlMap<'t>, name: &'t str) -> Result<bool, Diagnostic> {
    entries.take(name).map_or(Ok(false), YamlNode::boolean)
}

/// `[2026-02, 2026-03]`: months, the default first.
fn read_observed(tree: &YamlNode) -> Result<Vec<String>, Diagnostic> {
    let dates = owned(tree.texts()?);
    let is_wrong = |date: &&String| date.len() != 7 || format!("{date}-01").parse::<jiff::civil::Date>().is_err();
    match dates.iter().find(is_wrong) {
        Some(wrong) => {
            Err(Diagnostic::new(tree.span, format!("`{wrong}` is not a month")).help("write it as `2026-02`"))
        }
        None => Ok(dates),
    }
}

/// `main: {prefixes: [/apigw], title: main gateway}`, the default gateway first.
fn read_gateways(tree: &YamlNode) -> Result<Vec<Gateway>, Diagnostic> {
    let mut list = Vec::new();
    for (key, tree) in tree.entries("`gateways`")?.rest() {
        let mut entries = tree.entries("a gateway")?;
        let prefixes = texts_of(&mut entries, "prefixes")?;
        if let Some(wrong) = prefixes.iter().find(|prefix| !prefix.starts_with('/') || prefix.ends_with('/')) {
            return Err(Diagnostic::new(tree.span, format!("invalid prefix `{wrong}`"))
                .help("write it with a slash at the start and none at the end, such as `/public`"));
        }
        let title = text_of(&mut entries, "title")?.unwrap_or_else(|| key.name.clone());
        let is_fallback = boolean_of(&mut entries, "fallback")?;
        entries.finish()?;
        list.push(Gateway { name: CompactString::from(&key.name), prefixes, is_fallback, title });
    }
    match list.is_empty() {
        true => Err(tree.expected("at least one gateway")),
        false => Ok(list),
    }
}

fn read_separate_hosts(tree: &YamlNode) -> Result<Vec<(String, Vec<PathPattern>)>, Diagnostic> {
    let hosts = tree.entries("`separate_hosts`")?.rest().into_iter();
    hosts.map(|(key, tree)| Ok((key.name.clone(), PathPattern::read_list(tree)?))).collect()
}

/// `{kind: business, fields: [business_uid], names: [nickname], time_zone: time_zone, subjects: {…}}`.
fn read_ownership(tree: &YamlNode) -> Result<Ownership, Diagnostic> {
    let mut entries = tree.entries("`ownership`")?;
    let kind = CompactString::from(entries.require("kind")?.text()?);
    let fields = owned(entries.require("fields")?.texts()?);
    let names = texts_of(&mut entries, "names")?;
    let time_zone = text_of(&mut entries, "time_zone")?;
    let features = text_of(&mut entries, "features")?;
    let inherited = pairs_of(&mut entries, "inherited")?;
    let shown = pairs_of(&mut entries, "shown")?;
    let mut subjects = Vec::new();
    if let Some(tree) = entries.take("subjects") {
        for (key, tree) in tree.entries("`subjects`")?.rest() {
            let mut entries = tree.entries("a subject")?;
            let fields = owned(entries.require("fields")?.texts()?);
            let private = boolean_of(&mut entries, "private")?;
            let through = match entries.take("through") {
                Some(tree) => {
                    tree.entries("`through`")?.rest().into_iter().map(read_through).collect::<Result<_, _>>()?
                }
                None => Vec::new(),
            };
            entries.finish()?;
            let kind = CompactString::from(&key.name);
            subjects.push(Subject { token_field: token_field(&kind), kind, fields, private, through });
        }
    }
    entries.finish()?;
    Ok(Ownership {
        token_field: token_field(&kind),
        kind,
        fields,
        names,
        time_zone,
        features,
        inherited,
        shown,
        subjects,
    })
}

fn read_through((key, tree): &(Key, YamlNode)) -> Result<Through, Diagnostic> {
    Ok(Through { kind: CompactString::from(&key.name), fields: owned(tree.texts()?) })
}

/// `{schemes: [Bearer], kinds: {staff: {subject: staff}}, on_behalf_of: {header: X-On-Behalf-Of}}`.
fn read_tokens(tree: &YamlNode, ownership: &Ownership) -> Result<Tokens, Diagnostic> {
    let mut entries = tree.entries("`tokens`")?;
    let schemes = entries.require("schemes")?.list()?.iter().map(read_scheme).collect::<Result<_, _>>()?;
    let kinds = entries.require("kinds")?.entries("the kinds of tokens")?.rest().into_iter();
    let kinds = kinds.map(|(key, tree)| read_token_kind(&key.name, tree, ownership)).collect::<Result<_, _>>()?;
    let on_behalf_of = entries.take("on_behalf_of").map(read_on_behalf_of).transpose()?;
    entries.finish()?;
    Ok(Tokens { schemes, kinds, on_behalf_of })
}

/// `Bearer`, or `{name: Token, parameters: true}`.
fn read_scheme(tree: &YamlNode) -> Result<Scheme, Diagnostic> {
    if let Ok(name) = tree.text() {
        return Ok(Scheme { name: name.to_owned(), has_parameters: false });
    }
    let mut entries = tree.entries("a scheme")?;
    let name = entries.require("name")?.text()?.to_owned();
    let has_parameters = boolean_of(&mut entries, "parameters")?;
    entries.finish()?;
    Ok(Scheme { name, has_parameters })
}

fn read_token_kind(name: &str, tree: &YamlNode, ownership: &Ownership) -> Result<TokenKind, Diagnostic> {
    let mut entries = tree.entries("a kind of token")?;
    let subject = entries.take("subject");
    let known: Vec<&str> = ownership.subjects.iter().map(|subject| subject.kind.as_str()).collect();
    let is_known = |kind: &str| kind == ownership.kind || known.contains(&kind);
    let subject = match subject {
        Some(tree) if !is_known(tree.text()?) => {
            return Err(Diagnostic::unknown(tree.span, "subject", tree.text()?, &known)
                .help("declare it under `ownership: subjects`"));
        }
        Some(tree) => Some(CompactString::from(tree.text()?)),
        None => None,
    };
    let acts_for = match entries.take("acts_for") {
        Some(tree) => read_acts_for(tree)?,
        None => ActsFor::Own,
    };
    let scheme = text_of(&mut entries, "scheme")?;
    let sees_all = boolean_of(&mut entries, "sees_all")?;
    let value = text_of(&mut entries, "value")?;
    entries.finish()?;
    Ok(TokenKind { name: name.into(), subject, acts_for, scheme, sees_all, value })
}

/// `own`, `any`, or `{owned_by: FIELD}`.
fn read_acts_for(tree: &YamlNode) -> Result<ActsFor, Diagnostic> {
    match tree.text() {
        Ok("own") => Ok(ActsFor::Own),
        Ok("any") => Ok(ActsFor::Any),
        Ok(_) => Err(tree.expected("`own`, `any`, or `{owned_by: FIELD}`")),
        Err(_) => {
            let mut entries = tree.entries("`acts_for`")?;
            let field = entries.require("owned_by")?.text()?.to_owned();
            entries.finish()?;
            Ok(ActsFor::OwnedBy(field))
        }
    }
}

fn read_on_behalf_of(tree: &YamlNode) -> Result<OnBehalfOf, Diagnostic> {
    let mut entries = tree.entries("`on_behalf_of`")?;
    let header = entries.require("header")?;
    let name = HeaderName::from_bytes(header.text()?.as_bytes());
    let name = name.map_err(|_| header.expected("a header name, such as `X-Tenant`"))?;
    let query = text_of(&mut entries, "query")?;
    entries.finish()?;
    Ok(OnBehalfOf { header: name, query })
}

/// `- {token: staff, names: [business_id], field: business_uid, first: {service: business_uid}}`.
fn read_params(tree: &YamlNode, tokens: &Tokens) -> Result<Vec<TokenParam>, Diagnostic> {
    let read = |tree: &YamlNode| -> Result<TokenParam, Diagnostic> {
        let mut entries = tree.entries("a param")?;
        let token = entries.require("token")?;
        if tokens.kind(token.text()?).is_none() {
            return Err(Diagnostic::unknown(token.span, "kind of token", token.text()?, &tokens.kind_names()));
        }
        let names = owned(entries.require("names")?.texts()?);
        let field = entries.require("field")?.text()?.to_owned();
        let first = match entries.take("first") {
            Some(tree) => match tree.entries("`first`")?.rest().as_slice() {
                [(kind, field)] => Some((kind.name.clone(), field.text()?.to_owned())),
                _ => {
                    return Err(tree.expected("one kind with the field that names the value: `{order: shop_id}`"));
                }
            },
            None => None,
        };
        entries.finish()?;
        Ok(TokenParam { token: token.text()?.to_owned(), names, field, first })
    };
    tree.list()?.iter().map(read).collect()
}
