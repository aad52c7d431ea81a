//! The members of a list's envelope that lead to other pages: tokens and links.

use serde_json::{Map, Value};

use super::object_schemas::{ObjectSchemas, allows_null};
use crate::handlers::paging::page_parameters;
use crate::handlers::query::Page;
use crate::openapi::{MediaSpec, PageParameter, snake};
use crate::request::Context;

/// Names of members with the token of the next page, in snake case.
const TOKENS: [&str; 17] = [
    "next_page_token",
    "nextpagetoken",
    "next_token",
    "nexttoken",
    "next_cursor",
    "nextcursor",
    "next_marker",
    "nextmarker",
    "continuation_token",
    "page_token",
    "cursor",
    "after",
    "continue",
    "marker",
    "position",
    "next_position",
    "next_page_cursor",
];

/// Names of members with the token of the previous page, in snake case.
const PREVIOUS_TOKENS: [&str; 5] =
    ["before", "previous_cursor", "prev_cursor", "previous_page_token", "previous_token"];

/// Names of objects that hold tokens, links and totals.
const HOLDERS: [&str; 12] = [
    "meta",
    "metadata",
    "links",
    "_links",
    "pagination",
    "paging",
    "page",
    "page_info",
    "response_metadata",
    "cursors",
    "next_page",
    "pages",
];

/// A page to which a link leads.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Target {
    This,
    /// The list, to which clients add a cursor.
    List,
    First,
    Previous,
    Next,
    Last,
}

/// The links and tokens of one page.
pub(super) struct PageLinks<'a> {
    ctx: &'a Context<'a>,
    page: &'a Page,
    /// The parameter by which other pages are addressed.
    style: Option<(PageParameter, &'a str)>,
    /// Whether the sample of the response comes from its schema.
    is_generated: bool,
    /// Whether that parameter is a number: a cursor is then the number of records before the page.
    is_numeric: bool,
}

impl<'a> PageLinks<'a> {
    pub(super) fn new(ctx: &'a Context<'_>, page: &'a Page) -> Self {
        let parameters = || page_parameters(ctx.operation);
        let sent = parameters().find(|(meaning, parameter)| {
            *meaning != PageParameter::Size && ctx.query.get(&parameter.name).is_some_and(|value| !value.is_empty())
        });
        let declared = |wanted| parameters().find(|(meaning, _)| *meaning == wanted);
        let style = sent
            .filter(|(meaning, _)| *meaning != PageParameter::Before)
            .or_else(|| declared(PageParameter::After))
            .or_else(|| declared(PageParameter::Number))
            .or_else(|| declared(PageParameter::Offset));
        let kind = style.map(|(_, parameter)| parameter.schema.follow(parameter.schema.raw()));
        let is_numeric = kind.is_some_and(|schema| matches!(schema["type"].as_str(), Some("integer" | "number")));
        let media = ctx.operation.success_response().and_then(|response| response.first());
        let is_generated = media.is_some_and(MediaSpec::is_generated);
        Self {
            ctx,
            page,
            is_generated,
            style: style.map(|(meaning, parameter)| (meaning, parameter.name.as_str())),
            is_numeric,
        }
    }

    /// Sets the tokens and links of the response. `around` is the path to the list.
    pub(super) fn set(&self, media: &MediaSpec, around: &[String], response: &mut Value) {
        let schemas = media.schema.as_ref().map(|schema| ObjectSchemas::at(schema, []));
        self.set_in(schemas.as_ref(), around, response);
    }

    fn set_in(&self, schemas: Option<&ObjectSchemas<'_>>, around: &[String], value: &mut Value) {
        let Value::Object(map) = value else { return };
        self.set_members(schemas, map);
        let (next, rest) = around.split_first().map_or((None, around), |(next, rest)| (Some(next), rest));
        for (name, below) in map.iter_mut().filter(|(_, below)| below.is_object()) {
            let schemas = schemas.map(|schemas| schemas.below(name));
            if Some(name) == next {
                self.set_in(schemas.as_ref(), rest, below);
            } else if HOLDERS.contains(&snake(name).as_str()) {
                self.set_in(schemas.as_ref(), &[], below);
            }
        }
    }

    fn set_members(&self, schemas: Option<&ObjectSchemas<'_>>, map: &mut Map<String, Value>) {
        // A member that the example lacks is sent when there is a next page.
        if self.has_next() {
            let declared = schemas.into_iter().flat_map(ObjectSchemas::names);
            for name in declared.filter(|name| TOKENS.contains(&snake(name).as_str()) && self.has_cursor()) {
                map.entry(name).or_insert(Value::Null);
            }
        }
        let names: Vec<String> = map.keys().cloned().collect();
        for name in names {
            let part = schemas.and_then(|schemas| schemas.part(&name));
            // Without an example, the URL of a list is a path unless the schema says otherwise.
            let pattern = part.and_then(|part| part.get("pattern")?.as_str()).unwrap_or_default();
            let has_format = part.is_some_and(|part| part.get("format").is_some());
            let is_path = pattern.starts_with("^/") || name == "url" && self.is_generated && !has_format;
            let example = if is_path { &Value::from("/") } else { &map[&name] };
            let Some(value) = self.value(&name, example) else { continue };
            match value {
                Some(value) => drop(map.insert(name, value)),
                None if part.is_none_or(allows_null) && map[&name].is_null() => {}
                None if schemas.is_some_and(|schemas| schemas.requires(&name)) => {
                    let empty = if part.is_some_and(allows_null) { Value::Null } else { Value::from("") };
                    map.insert(name, empty);
                }
                None => drop(map.remove(&name)),
            }
        }
    }

    /// The value of a member: `None` if it has nothing to do with pages, `Some(None)` if there is no such page.
    fn value(&self, name: &str, example: &Value) -> Option<Option<Value>> {
        let name = snake(name.rsplit('.').next().unwrap_or(name));
        if TOKENS.contains(&name.as_str()) || name == "offset" && example.is_string() {
            let is_scalar = example.is_null() || example.is_string() || example.is_number();
            return (is_scalar && self.has_cursor()).then(|| self.token().map(|token| as_example(example, &token)));
        }
        if PREVIOUS_TOKENS.contains(&name.as_str()) && example.is_string() && self.is_inferred() {
            return self.has_cursor().then(|| self.previous_token().map(Value::from));
        }
        // The cursors of a page, not of its neighbours.
        let end = match name.as_str() {
            "end_cursor" => Some(self.page.views.last()),
            "start_cursor" => Some(self.page.views.first()),
            _ => None,
        };
        if let Some(end) = end.filter(|_| self.has_cursor() && self.is_inferred()) {
            return Some(end.map(|view| view.id().to_string().into()));
        }
        let target = match link_target(&name)? {
            Target::This if name == "url" && self.has_cursor() && self.is_inferred() => Target::List,
            target => target,
        };
        let exists = self.exists(target);
        match example {
            Value::Object(link) => {
                let key = ["href", "url", "uri"].into_iter().find(|key| link.contains_key(*key))?;
                let text = link[key].as_str().unwrap_or_default();
                let mut changed = link.clone();
                changed.insert(key.to_owned(), self.url(target, text).into());
                Some(exists.then_some(Value::Object(changed)))
            }
            Value::String(text) if is_url(text) || !self.has_cursor() => {
                Some(exists.then(|| self.url(target, text).into()))
            }
            Value::String(_) if target == Target::Next => Some(self.token().map(Value::from)),
            // The number of a page.
            Value::Number(_) if self.is_inferred() && matches!(target, Target::Next | Target::Previous) => {
                let (meaning, _) = self.style?;
                let number = self.position(target, meaning).and_then(|position| position.parse::<u64>().ok());
                Some(number.filter(|_| exists).map(Value::from))
            }
            Value::Null => Some(exists.then(|| match target {
                Target::Next if self.has_cursor() && name == "next" => self.token().unwrap_or_default().into(),
                _ => self.url(target, "").into(),
            })),
            _ => None,
        }
    }

    /// The `Link` header: the pages that exist, by RFC 8288.
    pub(super) fn header(&self) -> Option<String> {
        let relations = [(Target::Next, "next"), (Target::Previous, "prev"), (Target::First, "first")];
        let exist = relations.into_iter().filter(|(target, _)| self.exists(*target));
        let links: Vec<String> =
            exist.map(|(target, name)| format!("<{}>; rel=\"{name}\"", self.url(target, ""))).collect();
        (!links.is_empty()).then(|| links.join(", "))
    }

    fn has_cursor(&self) -> bool {
        matches!(self.style, Some((PageParameter::After, _)))
    }

    fn has_next(&self) -> bool {
        self.page.skipped + self.page.views.len() < self.page.total && !self.page.views.is_empty()
    }

    fn exists(&self, target: Target) -> bool {
        match target {
            Target::This | Target::List | Target::First | Target::Last => true,
            Target::Previous => self.page.skipped > 0 && !self.has_cursor(),
            Target::Next => self.has_next(),
        }
    }

    /// Whether more than what the contract documents is inferred.
    fn is_inferred(&self) -> bool {
        !self.ctx.resources.documented_behaviour_only
    }

    /// The cursor of the previous page, where a parameter takes one.
    fn previous_token(&self) -> Option<String> {
        let mut parameters = page_parameters(self.ctx.operation);
        let takes_one = parameters.any(|(meaning, _)| meaning == PageParameter::Before) && !self.is_numeric;
        let first = self.page.views.first().filter(|_| takes_one && self.page.skipped > 0)?;
        Some(first.id().to_string())
    }

    /// The cursor of the next page.
    fn token(&self) -> Option<String> {
        let last = self.page.views.last().filter(|_| self.has_next())?;
        let next = self.page.skipped + self.page.views.len();
        Some(if self.is_numeric { next.to_string() } else { last.id().to_string() })
    }

    /// The URL of a page: relative if the example is, else with the host that the client has called.
    fn url(&self, target: Target, example: &str) -> String {
        let request = self.ctx.request;
        let mut query: Vec<(String, String)> =
            self.ctx.query.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        if target == Target::List {
            query.clear();
        }
        let (meaning, name) = self.style.unwrap_or((PageParameter::Number, "page"));
        if target != Target::This {
            query.retain(|(known, _)| known != name);
            query.extend(self.position(target, meaning).map(|position| (name.to_owned(), position)));
        }
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
        let mark = if query.is_empty() { "" } else { "?" };
        let origin = request.origin().filter(|_| !example.starts_with('/')).unwrap_or_default();
        format!("{origin}{}{}{mark}{query}", request.prefix(), request.path)
    }

    /// The value of the parameter that addresses a page; `None` for the first page.
    fn position(&self, target: Target, meaning: PageParameter) -> Option<String> {
        let Page { number, size, skipped, total, views, .. } = self.page;
        let size = (*size).max(1);
        let last = total.saturating_sub(1) / size;
        let first = number.saturating_sub(skipped / size);
        match (meaning, target) {
            (_, Target::First | Target::This | Target::List) => None,
            (PageParameter::After, Target::Next) => self.token(),
            (PageParameter::After | PageParameter::Before | PageParameter::Size, _) => None,
            (PageParameter::Number, Target::Next) => Some((number + 1).to_string()),
            (PageParameter::Number, Target::Previous) => Some(number.saturating_sub(1).to_string()),
            (PageParameter::Number, Target::Last) => Some((first + last).to_string()),
            (PageParameter::Offset, Target::Next) => Some((skipped + views.len()).to_string()),
            (PageParameter::Offset, Target::Previous) => Some(skipped.saturating_sub(size).to_string()),
            (PageParameter::Offset, Target::Last) => Some((last * size).to_string()),
        }
    }
}

fn link_target(name: &str) -> Option<Target> {
    Some(match name {
        "next" | "next_page_uri" | "next_page_url" | "next_url" | "next_uri" | "next_link" | "nextlink"
        | "odata_next_link" | "next_page" | "next_href" => Target::Next,
        "previous" | "prev" | "previous_page_uri" | "previous_page_url" | "prev_page_url" | "previous_url"
        | "prev_url" | "previous_link" | "previous_page" => Target::Previous,
        "first" | "first_page_uri" | "first_page_url" | "first_url" => Target::First,
        "last" | "last_page_uri" | "last_page_url" | "last_url" => Target::Last,
        "self" | "uri" | "url" => Target::This,
        _ => return None,
    })
}

fn is_url(text: &str) -> bool {
    text.starts_with("http") || text.starts_with('/') || text.starts_with('?')
}

/// A token in the JSON type of the example.
fn as_example(example: &Value, token: &str) -> Value {
    match (example, token.parse::<u64>()) {
        (Value::Number(_), Ok(number)) => number.into(),
        _ => token.into(),
    }
}
