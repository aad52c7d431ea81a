//! The steps of a story, in the vocabulary of the workflow documents.

use serde_json::{Map, Value};

use super::extract::Extract;
use crate::source::{Complaint, Entries, Node, Tree};

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
    /// The name of the token; that of the story when it says nothing.
    pub token: Option<String>,
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
    /// JSONPaths into the body and what stands there; `null` when nothing does.
    pub body: Vec<(String, Value)>,
}

/// What happens to a story when a step fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnFail {
    /// It fails.
    #[default]
    Abort,
    /// It goes on.
    GoOn,
}

impl Default for Expect {
    fn default() -> Self {
        Self { statuses: vec![200], body: Vec::new() }
    }
}

/// Reads a list of steps strictly: an unknown entry is a mistake.
pub(super) fn read_steps(tree: &Tree) -> Result<Vec<Step>, Complaint> {
    tree.list()?.iter().enumerate().map(|(place, tree)| read_step(place, tree, true)).collect()
}

/// Reads a list of steps as workflow documents have them: what is unknown is passed over.
pub(super) fn read_steps_leniently(tree: &Tree) -> Result<Vec<Step>, Complaint> {
    tree.list()?.iter().enumerate().map(|(place, tree)| read_step(place, tree, false)).collect()
}

fn read_step(place: usize, tree: &Tree, strict: bool) -> Result<Step, Complaint> {
    let mut entries = tree.entries("a step")?;
    let text = |tree: &Tree| tree.text().map(str::to_owned);
    let method = entries.need("method")?.text()?.to_uppercase();
    let path = text(entries.need("path")?)?;
    let id = entries.take("id").map(text).transpose()?.unwrap_or_else(|| format!("step_{}", place + 1));
    let description = entries.take("description").map(text).transpose()?.unwrap_or_default();
    let token = entries.take("token").map(text).transpose()?;
    let fallback = [entries.take("useFallback"), entries.take("useFallbackApi")];
    let fallback = fallback.into_iter().flatten().any(is_true);
    let on_behalf_of = entries.take("x_on_behalf_of").is_none_or(is_true);
    let params = pairs(&mut entries, "params")?;
    let headers = pairs(&mut entries, "headers")?;
    let body = entries.take("body").map(Tree::to_json).filter(|body| *body != Value::Object(Map::new()));
    let extract = match entries.take("extract") {
        None => Vec::new(),
        Some(tree) => {
            let extracts = tree.entries("`extract`")?.rest();
            let extracts = extracts.into_iter().map(|(key, tree)| {
                let extract = Extract::parse(tree.text()?);
                Ok((key.name.clone(), extract.map_err(|message| Complaint::new(tree.place, message))?))
            });
            extracts.collect::<Result<_, Complaint>>()?
        }
    };
    let expect = entries.take("expect").map(|tree| read_expect(tree, strict)).transpose()?;
    let (on, off) = (entries.take("on"), entries.take("off"));
    let on_and_off = match (on, off) {
        (Some(on), Some(off)) => Some((read_expect(on, strict)?, read_expect(off, strict)?)),
        (None, None) => None,
        _ => return Err(Complaint::new(tree.place, "a step of a proof says both `on` and `off`, or `expect`")),
    };
    let on_fail = match entries.take("onFail").map(|tree| (tree, tree.text())) {
        None | Some((_, Ok("abort"))) => OnFail::Abort,
        Some((_, Ok("skip" | "warn" | "continue"))) => OnFail::GoOn,
        Some((tree, _)) if strict => return Err(tree.wrong("abort, skip, warn or continue")),
        Some(_) => OnFail::GoOn,
    };
    // Known to the documents and without an effect here.
    for name in ["sleep", "content_type", "form_fields", "file_fields", "skipReason", "cleanup"] {
        if !strict {
            entries.take(name);
        }
    }
    if strict {
        entries.finish()?;
    }
    let line = tree.place.line;
    Ok(Step {
        id,
        description,
        line,
        method,
        path,
        token,
        fallback,
        on_behalf_of,
        params,
        headers,
        body,
        extract,
        expect: expect.unwrap_or_default(),
        on_and_off,
        on_fail,
    })
}

fn read_expect(tree: &Tree, strict: bool) -> Result<Expect, Complaint> {
    let mut entries = tree.entries("what is expected")?;
    let statuses = match entries.take("status") {
        None => vec![200],
        Some(tree) => {
            let list = match &tree.node {
                Node::List(list) => list.as_slice(),
                _ => std::slice::from_ref(tree),
            };
            // Documents write `"201"` as well, and mean the number.
            let status = |tree: &Tree| match &tree.node {
                Node::Text(text) => text.trim().parse().map_err(|_| tree.wrong("a status")),
                _ => u16::try_from(tree.count()?).map_err(|_| tree.wrong("a status")),
            };
            list.iter().map(status).collect::<Result<_, _>>()?
        }
    };
    let body = match entries.take("body") {
        None => Vec::new(),
        Some(tree) => tree
            .entries("the expected body")?
            .rest()
            .into_iter()
            .map(|(key, tree)| (key.name.clone(), tree.to_json()))
            .collect(),
    };
    if strict {
        entries.finish()?;
    }
    Ok(Expect { statuses, body })
}

fn pairs<'t>(entries: &mut Entries<'t>, name: &'t str) -> Result<Vec<(String, Value)>, Complaint> {
    let Some(tree) = entries.take(name) else { return Ok(Vec::new()) };
    let pairs = tree.entries(name)?.rest();
    Ok(pairs.into_iter().map(|(key, tree)| (key.name.clone(), tree.to_json())).collect())
}

fn is_true(tree: &Tree) -> bool {
    match &tree.node {
        Node::Bool(truth) => *truth,
        Node::Text(text) => text.eq_ignore_ascii_case("true"),
        _ => false,
    }
}
