use http::Method;
use serde_json::Value;
use smallvec::SmallVec;

use super::{Allow, Coerce, DefaultQuery, Duplicate, Expose, Override, Page, Reference, Require, Respond};
use crate::api::Api;
use crate::diagnostics::{Diagnostic, Diagnostics, SourceFile, YamlNode, YamlValue};
use crate::openapi::PathPattern;
use compact_str::CompactString;

/// One place where the real API departs from its contract.
#[derive(Clone, Debug)]
pub struct Quirk {
    /// Its name; never renamed, never used again.
    pub id: String,
    /// What it is about.
    pub area: Area,
    /// Whether it is one side of a contradiction that has to be asked for.
    pub is_off_by_default: bool,
    /// What the API does when the quirk is on.
    pub on: String,
    /// What the API does when it is off.
    pub off: String,
    /// Where it was seen.
    pub evidence: Vec<Evidence>,
    /// When a rule applies.
    pub when: When,
    /// What a rule does; none when a behaviour asks for the quirk.
    pub effect: Option<Effect>,
    /// The steps that come out one way with the quirk on and another with it off.
    pub proof: YamlNode,
    /// The file that it is written in, and the line.
    pub file: String,
    /// The line in the file.
    pub line: usize,
}

/// What a quirk is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Area {
    /// Which gateway, token, permission or feature lets a call through.
    Access,
    /// What is taken, bent or refused of a request.
    Validation,
    /// What happens besides, and which states follow which.
    #[default]
    Behaviour,
    /// How an answer is written.
    Representation,
    /// What crashes.
    ServerBug,
}

impl Area {
    /// All areas and their names.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::Access, "access"),
        (Self::Validation, "validation"),
        (Self::Behaviour, "behaviour"),
        (Self::Representation, "form"),
        (Self::ServerBug, "server-bug"),
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(area, _)| *area == self).map_or("", |(_, name)| name)
    }
}

/// Where a quirk was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The document.
    pub source: String,
    /// The place in it.
    pub at: String,
    /// The day on which it was seen at the real API.
    pub verified: Option<String>,
}

/// When a rule applies; what is not named does not matter.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct When {
    /// The paths, without the door's prefix.
    pub paths: Vec<PathPattern>,
    /// Paths among them that are exceptions.
    pub except: Vec<PathPattern>,
    /// Whether it is about paths that no operation has.
    pub is_unrouted: bool,
    /// The methods.
    pub methods: Vec<Method>,
    /// The door.
    pub gateway: Option<CompactString>,
    /// The kinds of token.
    pub tokens: Vec<CompactString>,
    /// A feature that the caller's business does not have.
    pub without_feature: Option<String>,
    /// What the headers, the query and the body say.
    pub sent: Vec<RequestCondition>,
    /// How the record is that the path names.
    pub record: Option<RecordCondition>,
    /// What kind of record it is, where the path's words do not say so.
    pub kind: Option<String>,
}

/// How the record has to be that a path names for a rule to apply.
#[derive(Clone, Debug, PartialEq)]
pub enum RecordCondition {
    /// `absent`: there is none, or it is another business's.
    Absent,
    /// There is one, and these fields of it are so.
    With(Vec<(String, Matcher)>),
}

/// Where something is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestPart {
    /// In a header.
    Headers,
    /// In the query.
    Query,
    /// In the body.
    Body,
}

/// What a call has to say for a rule to apply.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestCondition {
    /// Where.
    pub part: RequestPart,
    /// The way to the value.
    pub field_path: Vec<String>,
    /// What stands there.
    pub is: Matcher,
}

/// What stands at a place of a request or of a record.
#[derive(Clone, Debug, PartialEq)]
pub enum Matcher {
    /// `absent`: nothing, or nothing in it.
    Absent,
    /// `present`: something.
    Present,
    /// One of these values.
    OneOf(Vec<Value>),
    /// `not: …`: something other than these values.
    NoneOf(Vec<Value>),
}

/// What a rule does.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Answers before anything else looks at the call.
    Respond(Respond),
    /// Bends a value of the body.
    Coerce(Coerce),
    /// Refuses a call that lacks a value, in the API's own words.
    Require(Require),
    /// Takes what the contract refuses.
    Allow(Allow),
    /// Refuses a call that names what is not there.
    Reference(Reference),
    /// Takes the pages of a list in another way.
    Page(Page),
    /// Asks for something besides.
    DefaultQuery(DefaultQuery),
    /// Shows a value of an answer in a second place.
    Duplicate(Duplicate),
    /// Gives a success another status or a value of its own.
    Override(Override),
    /// Shows fields of a record that the contract does not have.
    Expose(Expose),
}

impl Effect {
    /// Where it looks in an answer, if it is about one.
    pub fn field_paths(&self) -> SmallVec<[&[String]; 4]> {
        match self {
            Self::Duplicate(copy) => copy.field_paths().collect(),
            Self::Override(set) => set.field_paths().collect(),
            Self::Expose(show) => show.field_paths().collect(),
            Self::Respond(_) | Self::Coerce(_) | Self::Require(_) | Self::Allow(_) | Self::Reference(_) => {
                SmallVec::new()
            }
            Self::Page(_) | Self::DefaultQuery(_) => SmallVec::new(),
        }
    }
}

pub(super) fn read(files: &[SourceFile], api: &Api) -> Result<Vec<Quirk>, Diagnostics> {
    let mut quirks: Vec<Quirk> = Vec::new();
    for file in files {
        let tree = YamlNode::read(file)?;
        let complain = |list| Diagnostics::new(&file.name, &file.text, list);
        let list = || -> Result<&[YamlNode], Diagnostic> {
            let mut entries = tree.entries("a quirks file")?;
            let list = entries.require("quirks")?.list()?;
            entries.finish()?;
            Ok(list)
        };
        let mut diagnostics = Vec::new();
        for tree in list().map_err(|diagnostic| complain(vec![diagnostic]))? {
            match read_quirk(&file.name, tree, api) {
                Ok(quirk) => match quirks.iter().find(|known| known.id == quirk.id) {
                    Some(known) => diagnostics.push(Diagnostic::new(
                        tree.span,
                        format!("the id `{}` is already used in {}:{}", quirk.id, known.file, known.line),
                    )),
                    None => quirks.push(quirk),
                },
                Err(diagnostic) => diagnostics.push(diagnostic),
            }
        }
        if !diagnostics.is_empty() {
            return Err(complain(diagnostics));
        }
    }
    Ok(quirks)
}

/// How an effect is read.
type ReadEffect = fn(&YamlNode) -> Result<Effect, Diagnostic>;

/// Every effect under its name.
static EFFECTS: &[(&str, ReadEffect)] = &[
    ("answer", |tree| Respond::read(tree).map(Effect::Respond)),
    ("coerce", |tree| Coerce::read(tree).map(Effect::Coerce)),
    ("require", |tree| Require::read(tree).map(Effect::Require)),
    ("accept", |tree| Allow::read(tree).map(Effect::Allow)),
    ("refer", |tree| Reference::read(tree).map(Effect::Reference)),
    ("page", |tree| Page::read(tree).map(Effect::Page)),
    ("ask", |tree| DefaultQuery::read(tree).map(Effect::DefaultQuery)),
    ("copy", |tree| Duplicate::read(tree).map(Effect::Duplicate)),
    ("show", |tree| Expose::read(tree).map(Effect::Expose)),
    ("set", |tree| Override::read(tree).map(Effect::Override)),
];

fn read_quirk(file: &str, tree: &YamlNode, api: &Api) -> Result<Quirk, Diagnostic> {
    let mut entries = tree.entries("a quirk")?;
    let id = entries.require("id")?;
    if !id.text()?.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-') {
        return Err(Diagnostic::new(id.span, "an id is lowercase letters, digits and hyphens"));
    }
    let area = match entries.take("area") {
        None => Area::default(),
        Some(tree) => {
            let name = tree.text()?;
            let known = Area::ALL.map(|(_, name)| name);
            let found = Area::ALL.into_iter().find(|(_, known)| *known == name);
            found.ok_or_else(|| Diagnostic::unknown(tree.span, "area", name, &known))?.0
        }
    };
    let is_off_by_default = match entries.take("default") {
        None => false,
        Some(tree) => match tree.text()? {
            "on" => false,
            "off" => true,
            other => return Err(Diagnostic::unknown(tree.span, "default", other, &["on", "off"])),
        },
    };
    let on = entries.require("on")?.text()?.to_owned();
    let off = entries.require("off")?.text()?.to_owned();
    let evidence = entries.require("evidence")?.list()?.iter().map(read_evidence).collect::<Result<Vec<_>, _>>()?;
    let when = entries.take("when").map(|tree| read_when(tree, api)).transpose()?.unwrap_or_default();
    let mut effects = Vec::new();
    for (name, read) in EFFECTS {
        effects.extend(entries.take(name).map(read).transpose()?);
    }
    if effects.len() > 1 {
        return Err(Diagnostic::new(tree.span, "a quirk has one effect").help("write two quirks"));
    }
    if !effects.is_empty() && when.paths.is_empty() {
        return Err(Diagnostic::new(tree.span, "a rule says where it applies").help("add `when: {path: …}`"));
    }
    let proof = entries.require("proof")?.clone();
    entries.finish()?;
    let id = id.text()?.to_owned();
    let line = tree.span.line;
    Ok(Quirk {
        id,
        area,
        is_off_by_default,
        on,
        off,
        evidence,
        when,
        effect: effects.pop(),
        proof,
        file: file.to_owned(),
        line,
    })
}

fn read_evidence(tree: &YamlNode) -> Result<Evidence, Diagnostic> {
    let mut entries = tree.entries("a piece of evidence")?;
    let evidence = Evidence {
        source: entries.require("source")?.text()?.to_owned(),
        at: entries.require("at")?.text()?.to_owned(),
        verified: entries.take("verified").map(YamlNode::text).transpose()?.map(str::to_owned),
    };
    entries.finish()?;
    Ok(evidence)
}

fn read_when(tree: &YamlNode, api: &Api) -> Result<When, Diagnostic> {
    let mut entries = tree.entries("`when`")?;
    let mut when = When::default();
    for (name, patterns) in [("path", &mut when.paths), ("except", &mut when.except)] {
        let Some(tree) = entries.take(name) else { continue };
        for text in tree.texts()? {
            let pattern = PathPattern::parse(text);
            let complain =
                || Diagnostic::new(tree.span, format!("`{text}` is no path pattern")).help("write `/a/*/b` or `/a/**`");
            patterns.push(pattern.ok_or_else(complain)?);
        }
    }
    if let Some(tree) = entries.take("method") {
        for text in tree.texts()? {
            let known = ["GET", "POST", "PUT", "PATCH", "DELETE"];
            match Method::from_bytes(text.as_bytes()) {
                Ok(method) if known.contains(&text) => when.methods.push(method),
                _ => return Err(Diagnostic::unknown(tree.span, "method", text, &known)),
            }
        }
    }
    if let Some(tree) = entries.take("gateway") {
        let known: Vec<&str> = api.gateways.list.iter().map(|gateway| gateway.name.as_str()).collect();
        let name = tree.text()?;
        if !known.contains(&name) {
            return Err(Diagnostic::unknown(tree.span, "gateway", name, &known));
        }
        when.gateway = Some(name.into());
    }
    if let Some(tree) = entries.take("token") {
        for name in tree.texts()? {
            if api.tokens.kind(name).is_none() {
                return Err(Diagnostic::unknown(tree.span, "kind of token", name, &api.tokens.kind_names()));
            }
            when.tokens.push(name.into());
        }
    }
    for (name, part) in [("headers", RequestPart::Headers), ("query", RequestPart::Query), ("body", RequestPart::Body)]
    {
        if let Some(tree) = entries.take(name) {
            for (key, tree) in tree.entries("what is sent")?.rest() {
                let field_path = key.name.split('/').map(str::to_owned).collect();
                when.sent.push(RequestCondition { part, field_path, is: read_is(tree)? });
            }
        }
    }
    if let Some(tree) = entries.take("route") {
        when.is_unrouted = match tree.text()? {
            "none" => true,
            other => return Err(Diagnostic::unknown(tree.span, "route", other, &["none"])),
        };
    }
    when.record = entries.take("record").map(read_kept).transpose()?;
    when.kind = entries.take("kind").map(YamlNode::text).transpose()?.map(str::to_owned);
    when.without_feature = entries.take("without_feature").map(YamlNode::text).transpose()?.map(str::to_owned);
    entries.finish()?;
    Ok(when)
}

/// `absent`, or how its fields are.
fn read_kept(tree: &YamlNode) -> Result<RecordCondition, Diagnostic> {
    if matches!(&tree.node, YamlValue::Text(text) if text == "absent") {
        return Ok(RecordCondition::Absent);
    }
    let fields = tree.entries("how the record is")?.rest().into_iter();
    let fields = fields.map(|(key, tree)| Ok((key.name.clone(), read_is(tree)?)));
    Ok(RecordCondition::With(fields.collect::<Result<_, Diagnostic>>()?))
}

/// `absent`, `present`, a value, a list of values, or `{not: …}`.
fn read_is(tree: &YamlNode) -> Result<Matcher, Diagnostic> {
    let values = |tree: &YamlNode| match &tree.node {
        YamlValue::List(list) => list.iter().map(YamlNode::to_json).collect(),
        _ => vec![tree.to_json()],
    };
    Ok(match &tree.node {
        YamlValue::Text(text) if text == "absent" => Matcher::Absent,
        YamlValue::Text(text) if text == "present" => Matcher::Present,
        YamlValue::Map(_) => {
            let mut entries = tree.entries("what stands there")?;
            let not = entries.require("not")?;
            entries.finish()?;
            Matcher::NoneOf(values(not))
        }
        _ => Matcher::OneOf(values(tree)),
    })
}

/// A status from 100 to 599 and a body.
pub(super) fn read_status_and_body(tree: &YamlNode) -> Result<(u16, Value), Diagnostic> {
    let mut entries = tree.entries("an answer")?;
    let status = entries.require("status")?;
    let code = u16::try_from(status.count()?).ok().filter(|code| (100..600).contains(code));
    let code = code.ok_or_else(|| status.expected("a status from 100 to 599"))?;
    let body = entries.require("body")?.to_json();
    entries.finish()?;
    Ok((code, body))
}
