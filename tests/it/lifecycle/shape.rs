//! Contracts of many shapes, each with one kind of record, and a client that lives its whole life against an engine. The
//! fuzz target `lifecycle` includes this file.

use http::header::{CONTENT_TYPE, HOST};
use http::{HeaderMap, HeaderValue, Method};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use standin::diagnostics::SourceFile;
use standin::openapi::ApiFolder;
use standin::pipeline::{Engine, Session};
use standin::request::{Clock, Request};
use standin::scenarios::{Scenario, Start};

/// Numbers that select the parts of a shape.
pub(crate) struct Choices<'b>(pub(crate) &'b [u8]);

impl Choices<'_> {
    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        let (first, rest) = self.0.split_first().unwrap_or((&0, &[]));
        self.0 = rest;
        all[usize::from(*first) % all.len()]
    }
}

/// How a list is divided into pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Paging {
    None,
    Number,
    Offset,
    /// The cursor is the key of the last record.
    AfterKey,
    /// The cursor is a field of the response.
    Token,
}

/// The body of a list, with the list at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ListForm {
    Bare,
    Data,
    Nested,
    Plural,
}

/// One contract.
#[derive(Debug)]
pub(crate) struct Shape {
    key: &'static str,
    /// Whether the client gives the key.
    is_given: bool,
    is_number: bool,
    plural: &'static str,
    singular: &'static str,
    parent: bool,
    /// Whether bodies of one record are below the singular.
    is_wrapped: bool,
    list: ListForm,
    paging: Paging,
    update: &'static str,
    delete: u16,
    is_form: bool,
}

impl Shape {
    pub(crate) fn of(choices: &mut Choices<'_>) -> Self {
        let (plural, singular) = choices.one_of(&[
            ("orders", "order"),
            ("pets", "pet"),
            ("companies", "company"),
            ("user-groups", "user_group"),
            ("Boxes", "Box"),
        ]);
        let key = choices.one_of(&["id", "uid", "uuid", "sid", "key", "slug", "code", "username", "name", "Id"]);
        let can_be_given = matches!(key, "key" | "slug" | "code" | "username" | "name");
        let is_form = choices.one_of(&[false, false, true]);
        Self {
            key,
            is_given: can_be_given,
            is_number: !can_be_given && choices.one_of(&[false, true]),
            plural,
            singular,
            parent: choices.one_of(&[false, false, true]),
            is_wrapped: choices.one_of(&[false, true]) && !is_form,
            list: choices.one_of(&[ListForm::Bare, ListForm::Data, ListForm::Nested, ListForm::Plural]),
            paging: choices.one_of(&[Paging::None, Paging::Number, Paging::Offset, Paging::AfterKey, Paging::Token]),
            update: choices.one_of(&["put", "patch", "post"]),
            delete: choices.one_of(&[204, 200]),
            is_form,
        }
        .consistent()
    }

    /// A bare list has no place for a token.
    fn consistent(mut self) -> Self {
        if self.list == ListForm::Bare && self.paging == Paging::Token {
            self.list = ListForm::Data;
        }
        self
    }

    fn record(&self) -> Value {
        let key = match (self.is_number, self.is_given) {
            (true, _) => json!({"type": "integer", "readOnly": true}),
            (false, false) => json!({"type": "string", "readOnly": true}),
            (false, true) => json!({"type": "string"}),
        };
        let mut properties = Map::new();
        properties.insert(self.key.to_owned(), key);
        properties.insert("colour".to_owned(), json!({"type": "string"}));
        properties.insert("size".to_owned(), json!({"type": "integer"}));
        let required = if self.is_given { json!([self.key, "colour"]) } else { json!(["colour"]) };
        json!({"type": "object", "required": required, "properties": properties})
    }

    fn base(&self) -> String {
        if self.parent { format!("/owners/{{owner_id}}/{}", self.plural) } else { format!("/{}", self.plural) }
    }

    fn parameters(&self) -> Value {
        let number = |name: &str| json!({"name": name, "in": "query", "schema": {"type": "integer"}});
        let text = |name: &str| json!({"name": name, "in": "query", "schema": {"type": "string"}});
        match self.paging {
            Paging::None => json!([]),
            Paging::Number => json!([number("page"), number("per_page")]),
            Paging::Offset => json!([number("offset"), number("limit")]),
            Paging::AfterKey => json!([text("starting_after"), number("limit")]),
            Paging::Token => json!([text("page_token"), number("page_size")]),
        }
    }

    /// The contract.
    pub(crate) fn contract(&self) -> Value {
        let reference = json!({"$ref": "#/components/schemas/Record"});
        let one = match self.is_wrapped {
            true => {
                let mut properties = Map::new();
                properties.insert(self.singular.to_owned(), reference.clone());
                json!({"type": "object", "required": [self.singular], "properties": properties})
            }
            false => reference.clone(),
        };
        let list = json!({"type": "array", "items": reference});
        let mut page = Map::new();
        match self.list {
            ListForm::Bare => {}
            ListForm::Data => drop(page.insert("data".to_owned(), list.clone())),
            ListForm::Nested => {
                page.insert("result".to_owned(), json!({"type": "object", "properties": {"items": list}}));
            }
            ListForm::Plural => drop(page.insert(self.plural.to_owned(), list.clone())),
        }
        match self.paging {
            Paging::AfterKey => drop(page.insert("has_more".to_owned(), json!({"type": "boolean"}))),
            Paging::Token => {
                drop(page.insert("next_page_token".to_owned(), json!({"type": "string", "nullable": true})));
            }
            _ => {}
        }
        let all = if self.list == ListForm::Bare { list } else { json!({"type": "object", "properties": page}) };
        let media = if self.is_form { "application/x-www-form-urlencoded" } else { "application/json" };
        let body = |schema: &Value| json!({"required": true, "content": {media: {"schema": schema}}});
        let ok = |schema: &Value| json!({"description": "ok", "content": {"application/json": {"schema": schema}}});
        let key = json!({"type": if self.is_number { "integer" } else { "string" }});
        let item = format!("{}/{{{}}}", self.base(), self.key);
        let owner = json!({"name": "owner_id", "in": "path", "required": true, "schema": {"type": "string"}});
        let own = json!({"name": self.key, "in": "path", "required": true, "schema": key});
        let (mut outer, mut inner) = (Vec::new(), vec![own]);
        if self.parent {
            outer.push(owner.clone());
            inner.push(owner);
        }
        let mut changed =
            json!({"type": "object", "properties": {"colour": {"type": "string"}, "size": {"type": "integer"}}});
        if self.is_wrapped {
            changed = json!({"type": "object", "properties": {self.singular: changed}});
        }
        let deleted = json!({self.delete.to_string(): {"description": "gone"}});
        json!({
            "openapi": "3.0.3",
            "info": {"title": "shape", "version": "1"},
            "paths": {
                self.base(): {
                    "parameters": outer,
                    "get": {"parameters": self.parameters(), "responses": {"200": ok(&all)}},
                    "post": {"requestBody": body(&one), "responses": {"201": ok(&one), "422": {"description": "invalid"}}},
                },
                item: {
                    "parameters": inner,
                    "get": {"responses": {"200": ok(&one), "404": {"description": "unknown"}}},
                    self.update: {"requestBody": body(&changed), "responses": {"200": ok(&one)}},
                    "delete": {"responses": deleted},
                },
            },
            "components": {"schemas": {"Record": self.record()}},
        })
    }
}

/// A client of a shape's API.
struct Client<'s> {
    shape: &'s Shape,
    engine: Engine,
    session: Session,
}

/// How many records there are, and how many are on a page.
const COUNT: usize = 7;
const PAGE: usize = 3;

/// Creates, reads, lists, pages, updates and deletes records.
///
/// # Errors
/// What differs from what a client expects.
pub(crate) fn live(shape: &Shape) -> Result<(), String> {
    let folder = ApiFolder {
        contracts: vec![SourceFile::new("shape.json", shape.contract().to_string())],
        ..ApiFolder::default()
    };
    let engine = Engine::new(&folder).map_err(|error| error.to_string())?;
    let file = engine.scenarios().find(Scenario::EMPTY).ok_or("no empty scenario")?;
    let scenario = Scenario::read_in(file, engine.scenarios()).map_err(|error| error.to_string())?;
    let flags = engine.quirks().flags(&Default::default()).map_err(|error| error.to_string())?;
    let now = Timestamp::UNIX_EPOCH;
    let start = Start { clock: Clock::Frozen(now), now, flags, seed: None };
    let state = scenario.seed(&engine, start).map_err(|error| error.to_string())?;
    let client = Client { shape, engine, session: Session::new(state) };
    client.live()
}

impl Client<'_> {
    fn live(&self) -> Result<(), String> {
        let mut keys = Vec::new();
        for number in 0..COUNT {
            let created = self.create(number)?;
            let key = text(&created[self.shape.key]).ok_or_else(|| format!("no key in {created}"))?;
            if keys.contains(&key) {
                return Err(format!("the key {key} is used twice"));
            }
            expect(&created["colour"], &json!(format!("colour {number}")), "the colour of a new record")?;
            keys.push(key);
        }
        for (number, key) in keys.iter().enumerate() {
            let read = self.one(self.send("GET", &self.item(key), None, 200)?)?;
            expect(&read["colour"], &json!(format!("colour {number}")), "the colour of a record")?;
            expect(&read["size"], &json!(number), "the size of a record")?;
        }
        self.all_are_listed_once(&keys)?;
        let update = self.shape.update.to_ascii_uppercase();
        let changed = self.body(json!({"colour": "blue", "size": 99}));
        self.send(&update, &self.item(&keys[2]), Some(&changed), 200)?;
        let read = self.one(self.send("GET", &self.item(&keys[2]), None, 200)?)?;
        expect(&read["colour"], &json!("blue"), "the colour of a changed record")?;
        expect(&read["size"], &json!(99), "the size of a changed record")?;
        expect(&Value::from(text(&read[self.shape.key])), &json!(keys[2]), "the key of a changed record")?;
        self.all_are_listed_once(&keys)?;
        let gone = keys.remove(1);
        self.send("DELETE", &self.item(&gone), None, self.shape.delete)?;
        self.send("GET", &self.item(&gone), None, 404)?;
        self.all_are_listed_once(&keys)
    }

    fn create(&self, number: usize) -> Result<Value, String> {
        let mut record = json!({"colour": format!("colour {number}"), "size": number});
        if self.shape.is_given {
            record[self.shape.key] = json!(format!("given-{number}"));
        }
        let created = self.one(self.send("POST", &self.collection(), Some(&self.body(record)), 201)?)?;
        if self.shape.is_given {
            expect(&created[self.shape.key], &json!(format!("given-{number}")), "the key that was given")?;
        }
        Ok(created)
    }

    fn all_are_listed_once(&self, keys: &[String]) -> Result<(), String> {
        let mut found = Vec::new();
        let mut position = String::new();
        for _ in 0..=COUNT {
            let page =
                self.send("GET", &format!("{}{}", self.collection(), self.query(&found, &position)), None, 200)?;
            let list = self.list(&page)?;
            if self.shape.paging != Paging::None && list.len() > PAGE {
                return Err(format!("a page of {PAGE} has {} records", list.len()));
            }
            found.extend(list.iter().filter_map(|record| text(&record[self.shape.key])));
            let is_last = match self.shape.paging {
                Paging::None => true,
                Paging::Number | Paging::Offset => list.len() < PAGE,
                Paging::AfterKey if self.shape.list == ListForm::Bare => list.len() < PAGE,
                Paging::AfterKey => page["has_more"] == false,
                Paging::Token => {
                    position = page["next_page_token"].as_str().unwrap_or_default().to_owned();
                    position.is_empty()
                }
            };
            if is_last {
                break;
            }
        }
        let (mut wanted, mut found) = (keys.to_vec(), found);
        wanted.sort();
        found.sort();
        expect(&json!(found), &json!(wanted), "the keys in the list")
    }

    fn query(&self, found: &[String], position: &str) -> String {
        match self.shape.paging {
            Paging::None => String::new(),
            Paging::Number => format!("?page={}&per_page={PAGE}", found.len() / PAGE + 1),
            Paging::Offset => format!("?offset={}&limit={PAGE}", found.len()),
            Paging::AfterKey => match found.last() {
                None => format!("?limit={PAGE}"),
                Some(last) => format!("?limit={PAGE}&starting_after={last}"),
            },
            Paging::Token if position.is_empty() => format!("?page_size={PAGE}"),
            Paging::Token => format!("?page_size={PAGE}&page_token={position}"),
        }
    }

    fn collection(&self) -> String {
        self.shape.base().replace("{owner_id}", "owner-1")
    }

    fn item(&self, key: &str) -> String {
        format!("{}/{key}", self.collection())
    }

    fn body(&self, record: Value) -> Value {
        if self.shape.is_wrapped { json!({self.shape.singular: record}) } else { record }
    }

    fn one(&self, mut body: Value) -> Result<Value, String> {
        match self.shape.is_wrapped {
            false => Ok(body),
            true => {
                let inner = body.get_mut(self.shape.singular).map(Value::take);
                inner.ok_or_else(|| format!("no `{}` in {body}", self.shape.singular))
            }
        }
    }

    fn list<'v>(&self, body: &'v Value) -> Result<&'v Vec<Value>, String> {
        let list = match self.shape.list {
            ListForm::Bare => body,
            ListForm::Data => &body["data"],
            ListForm::Nested => &body["result"]["items"],
            ListForm::Plural => &body[self.shape.plural],
        };
        list.as_array().ok_or_else(|| format!("no list in {body}"))
    }

    fn send(&self, method: &str, target: &str, body: Option<&Value>, status: u16) -> Result<Value, String> {
        let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
        let mut headers = HeaderMap::from_iter([(HOST, HeaderValue::from_static("localhost"))]);
        let content = match body {
            None => String::new(),
            Some(body) if self.shape.is_form => {
                headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
                let fields = body.as_object().into_iter().flatten();
                let fields =
                    fields.map(|(name, value)| format!("{name}={}", text(value).unwrap_or_default().replace(' ', "+")));
                fields.collect::<Vec<_>>().join("&")
            }
            Some(body) => {
                headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
                body.to_string()
            }
        };
        let request = Request {
            method: Method::from_bytes(method.as_bytes()).map_err(|error| error.to_string())?,
            path: path.into(),
            query: query.map(str::to_owned),
            headers,
            body: content.into(),
            at: Timestamp::UNIX_EPOCH,
        };
        let response = self.engine.answer(&self.session, &request);
        let text = String::from_utf8_lossy(&response.body).into_owned();
        match response.status.as_u16() == status {
            true if text.is_empty() => Ok(Value::Null),
            true => serde_json::from_str(&text).map_err(|error| format!("{method} {target}: {error}: {text}")),
            false => Err(format!("{method} {target}: {} instead of {status}: {text}", response.status)),
        }
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned).or_else(|| value.is_number().then(|| value.to_string()))
}

fn expect(actual: &Value, wanted: &Value, what: &str) -> Result<(), String> {
    match actual == wanted {
        true => Ok(()),
        false => Err(format!("{what} is {actual} instead of {wanted}")),
    }
}
