//! From the text of contracts to an engine: what a start costs, by the size of what is read.

#![allow(missing_docs, reason = "the macros of the harness make public functions")]
#![allow(clippy::print_stderr, reason = "a bench says what it left out")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::path::{Path, PathBuf};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue, Method};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use standin::diagnostics::SourceFile;
use standin::openapi::ApiFolder;
use standin::pipeline::{Engine, Session};
use standin::request::{Clock, Request};
use standin::scenarios::{Scenario, Start, credentials};

/// A resource with five operations, its schema and examples: about 6 kB of JSON without blanks.
fn resource(number: usize, paths: &mut Map<String, Value>, schemas: &mut Map<String, Value>) {
    let name = format!("Thing{number}");
    let refer = json!({"$ref": format!("#/components/schemas/{name}")});
    let mut properties = json!({
        "uid": {"type": "string", "description": "Names the thing among all things of the business."},
        "state": {"type": "string", "enum": ["draft", "active", "archived"]},
        "created_at": {"type": "string", "format": "date-time"},
        "price": {"type": "number", "minimum": 0, "nullable": true},
        "parent": {"$ref": format!("#/components/schemas/Thing{}", number / 2)},
        "tags": {"type": "array", "items": {"type": "string", "maxLength": 40}},
    });
    let mut example = json!({"uid": format!("{number:016}"), "state": "active", "created_at": "2026-02-08T10:00:00Z"});
    for field in 0..20 {
        let field_name = format!("field_{field}");
        properties[&field_name] = json!({"type": "string", "description": format!("Field {field} of thing {number}.")});
        example[&field_name] = json!(format!("value {field}"));
    }
    schemas.insert(name, json!({"type": "object", "required": ["uid", "state"], "properties": properties}));
    let answer = |schema: &Value, example: Value| json!({"description": "ok", "content": {"application/json": {"schema": schema, "example": example}}});
    let refused = json!({"description": "no", "content": {"application/json": {"schema": {"type": "object"}}}});
    let body = json!({"required": true, "content": {"application/json": {"schema": refer}}});
    let page = json!({"name": "page", "in": "query", "schema": {"type": "integer", "minimum": 1}});
    let uid = json!({"name": "uid", "in": "path", "required": true, "schema": {"type": "string"}});
    let one = answer(&refer, example.clone());
    let all = answer(&json!({"type": "array", "items": refer}), json!([example]));
    let collection = json!({
        "get": {"summary": "All of them", "parameters": [page], "responses": {"200": all, "401": refused}},
        "post": {"summary": "A new one", "requestBody": body, "responses": {"201": one, "422": refused}},
    });
    let item = json!({
        "parameters": [uid],
        "get": {"summary": "One of them", "responses": {"200": one, "404": refused}},
        "put": {"summary": "Changes one", "requestBody": body, "responses": {"200": one, "422": refused}},
        "delete": {"summary": "Removes one", "responses": {"204": {"description": "gone"}, "404": refused}},
    });
    paths.insert(format!("/area{}/things{number}", number % 10), collection);
    paths.insert(format!("/area{}/things{number}/{{uid}}", number % 10), item);
}

/// A contract of about that many bytes of JSON.
fn made(bytes: usize) -> Value {
    let (mut paths, mut schemas) = (Map::new(), Map::new());
    resource(0, &mut paths, &mut schemas);
    let each = Value::Object(paths.clone()).to_string().len() + Value::Object(schemas.clone()).to_string().len();
    for number in 1..bytes / each {
        resource(number, &mut paths, &mut schemas);
    }
    json!({
        "openapi": "3.0.3", "info": {"title": "made", "version": "1"}, "servers": [{"url": "https://api.example.com/v1"}],
        "paths": paths, "components": {"schemas": schemas},
    })
}

/// JSON as YAML in blocks, as contracts are written by hand. Texts stay quoted.
fn yaml(value: &Value, indent: usize, out: &mut String) {
    let blanks = " ".repeat(indent);
    let mut entry = |head: String, part: &Value| {
        let _ = match part {
            Value::Object(map) if !map.is_empty() => {
                writeln!(out, "{blanks}{head}").map(|()| yaml(part, indent + 2, out))
            }
            Value::Array(list) if !list.is_empty() => {
                writeln!(out, "{blanks}{head}").map(|()| yaml(part, indent + 2, out))
            }
            scalar => writeln!(out, "{blanks}{head} {scalar}"),
        };
    };
    match value {
        Value::Object(map) => {
            for (name, part) in map {
                entry(format!("{}:", Value::from(name.as_str())), part);
            }
        }
        Value::Array(list) => {
            for part in list {
                entry("-".to_owned(), part);
            }
        }
        _ => {}
    }
}

fn folder(name: &str, text: String) -> ApiFolder {
    ApiFolder { contracts: vec![SourceFile::new(name, text)], ..ApiFolder::embedded() }
}

fn bytes(folder: &ApiFolder) -> u64 {
    folder.contracts.iter().map(|file| file.text.len() as u64).sum()
}

fn texts(criterion: &mut Criterion) {
    let mut block = String::new();
    yaml(&made(907_000), 0, &mut block);
    let mut group = criterion.benchmark_group("from text to an engine");
    group.sample_size(10);
    for (name, folder) in [
        ("embedded", ApiFolder::embedded()),
        ("2 MB of JSON", folder("made.json", made(2_000_000).to_string())),
        ("1.5 MB of YAML", folder("made.yaml", block)),
        ("12 MB of JSON", folder("made.json", made(12_000_000).to_string())),
    ] {
        let operations = Engine::new(&folder).expect("right").contract().operations.len();
        group.throughput(Throughput::Bytes(bytes(&folder)));
        let name = format!("{name}, {operations} operations, {} bytes", bytes(&folder));
        group.bench_function(name, |bencher| bencher.iter(|| black_box(Engine::new(&folder).expect("right"))));
    }
    group.finish();
}

fn answer(folder: &Path) -> u16 {
    let folder = ApiFolder::from_paths(&[folder.to_owned()]).expect("contracts");
    let engine = Engine::new(&folder).expect("right");
    let text = Scenario::embedded("music-school").expect("embedded");
    let scenario = Scenario::read(&text).expect("right");
    let now = Timestamp::UNIX_EPOCH;
    let flags = engine.quirks().flags(&Default::default()).expect("known");
    let start = Start { clock: Clock::Frozen(now), now, flags, seed: None };
    let state = scenario.seed(&engine, start).expect("right");
    let token = format!("Bearer {}", credentials(&engine, &state, &scenario).token("staff").expect("a token"));
    let headers = HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_str(&token).expect("a header"))]);
    let path = "/api2/platform/v1/clients".into();
    let call = Request { method: Method::GET, path, query: None, headers, body: Default::default(), at: now };
    engine.answer(&Session::new(state), &call).status.as_u16()
}

fn disk(criterion: &mut Criterion) {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut group = criterion.benchmark_group("from disk");
    group.sample_size(10);
    let folder = crate_folder.join("swagger");
    assert_eq!(answer(&folder), 200);
    group.bench_function("to the first answer, embedded", |bencher| bencher.iter(|| black_box(answer(&folder))));
    // The API's own documentation, where it lies beside this crate.
    let folder: PathBuf = crate_folder.join("../shared/reference/developers-hub/swagger");
    if folder.is_dir() {
        group.bench_function("to an engine, the whole documentation", |bencher| {
            bencher.iter(|| {
                let folder = ApiFolder::from_paths(std::slice::from_ref(&folder)).expect("contracts");
                black_box(Engine::new(&folder).expect("right"))
            });
        });
    } else {
        eprintln!("skipped: there is no {}", folder.display());
    }
    group.finish();
}

criterion_group!(benches, texts, disk);
criterion_main!(benches);
