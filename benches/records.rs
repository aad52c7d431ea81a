//! How the cost of a request grows with the number of records: records are found by indexes, lists visit only their page, and
//! requests that read everything do not keep others waiting.
//!
//! The environment variable `STANDIN_BENCH_JSON` names a file for the figures, `STANDIN_BENCH_SVG` one for a chart.

#![allow(missing_docs, reason = "a bench is a program")]
#![allow(clippy::print_stderr, clippy::panic, reason = "a bench prints its figures, and ends with an error")]

mod plot;

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method};
use jiff::Timestamp;
use plot::Panel;
use serde_json::{Value, json};
use standin::diagnostics::SourceFile;
use standin::model::{Fields, Record};
use standin::openapi::ApiFolder;
use standin::pipeline::{Engine, Session};
use standin::request::{Clock, Request, State};
use standin::scenarios::{Scenario, Start, credentials};

/// That of the program: where memory comes from decides much of the cost of a write.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The numbers of records of each kind.
const SIZES: [usize; 5] = [1_000, 10_000, 100_000, 300_000, 1_000_000];

/// How many requests of each kind are measured.
const CALLS: usize = 1001;

/// How many threads list, and for how long another one reads meanwhile.
const LISTERS: usize = 4;
const READING: Duration = Duration::from_secs(10);

/// At least as many records as a scenario has of a kind.
const OF_SCENARIO: usize = 50;

/// How many orders each customer has.
const ORDERS_OF_CUSTOMER: usize = 8;

const ORDERS: &str = r##"
openapi: 3.0.0
info: {title: orders, version: "1"}
paths:
  /orders:
    get:
      parameters:
        - {name: limit, in: query, schema: {type: integer}}
        - {name: offset, in: query, schema: {type: integer}}
        - {name: sort, in: query, schema: {type: string}}
      responses: {"200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/List"}}}}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}
      responses: {"201": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}}
  /orders/{orderId}:
    get: {responses: {"200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}, "404": {description: unknown}}}
    put:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}
      responses: {"200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}}
  /customers/{customerId}/orders:
    get:
      parameters: [{name: sort, in: query, schema: {type: string}}]
      responses: {"200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/List"}}}}}
components:
  schemas:
    Order: {type: object, properties: {id: {type: string}, customerId: {type: string}, name: {type: string}, number: {type: integer}, count: {type: integer}}}
    List: {type: object, properties: {total: {type: integer}, orders: {type: array, items: {$ref: "#/components/schemas/Order"}}}}
"##;

/// An API, and what its requests have in common.
struct Api {
    engine: Engine,
    headers: HeaderMap,
}

/// A kind of request: its name, its status, and the request of a number in a session with so many records of each kind.
type Row = (&'static str, u16, fn(usize, usize) -> (Method, String, String));

const CLIENTS: [Row; 7] = [
    ("GET client", 200, |number, size| read(format!("/api2/platform/v1/clients/client{:010}", any(number, size)))),
    ("unknown client", 404, |number, _| read(format!("/api2/platform/v1/clients/unknown{number}"))),
    ("POST client", 201, |number, size| {
        let body = format!(r#"{{"first_name": "Ann", "email": "new{number}.{size}@example.com"}}"#);
        (Method::POST, "/api2/platform/v1/clients".into(), body)
    }),
    ("PUT client", 200, |number, size| {
        let body = format!(r#"{{"first_name": "Ann{number}"}}"#);
        (Method::PUT, format!("/api2/platform/v1/clients/client{:010}", any(number, size)), body)
    }),
    ("first page", 200, |number, _| read(format!("/api2/platform/v1/clients?n={number}"))),
    ("page in the middle", 200, |number, size| {
        read(format!("/api2/platform/v1/clients?n={number}&page={}", size / 50))
    }),
    ("search", 200, |number, size| read(format!("/api2/v2/search?query=byron{}@example", any(number, size)))),
];

const CRUD: [Row; 11] = [
    ("GET order", 200, |number, size| read(format!("/orders/o{}", any(number, size)))),
    ("unknown order", 404, |number, _| read(format!("/orders/unknown{number}"))),
    ("POST order", 201, |number, size| {
        let body = format!(r#"{{"name": "new {number}", "customerId": "u{}"}}"#, customer(number, size));
        (Method::POST, "/orders".into(), body)
    }),
    ("PUT order", 200, |number, size| {
        (Method::PUT, format!("/orders/o{}", any(number, size)), format!(r#"{{"name": "changed {number}"}}"#))
    }),
    ("first page", 200, |number, _| read(format!("/orders?limit=25&n={number}"))),
    ("page in the middle", 200, |number, size| read(format!("/orders?limit=25&offset={}", size / 2 + number))),
    ("last page", 200, |number, size| read(format!("/orders?limit=25&offset={}", size - number))),
    ("sorted page", 200, |number, _| read(format!("/orders?limit=25&sort=-number&n={number}"))),
    ("sorted page in the middle", 200, |number, size| {
        read(format!("/orders?limit=25&sort=name&offset={}", size / 2 + number))
    }),
    ("orders of a customer", 200, |number, size| read(format!("/customers/u{}/orders", customer(number, size)))),
    ("sorted orders of a customer", 200, |number, size| {
        read(format!("/customers/u{}/orders?sort=-number", customer(number, size)))
    }),
];

/// A record for each request, anywhere among them: those that lie beside each other would be in the processor's cache. The
/// first numbers belong to records of the scenario.
fn any(number: usize, size: usize) -> usize {
    OF_SCENARIO + number * 7919 % (size - OF_SCENARIO)
}

fn customer(number: usize, size: usize) -> usize {
    any(number, size) / ORDERS_OF_CUSTOMER
}

fn read(target: String) -> (Method, String, String) {
    (Method::GET, target, String::new())
}

impl Api {
    fn request(&self, (method, target, body): (Method, String, String)) -> Request {
        let (path, query) =
            target.split_once('?').map_or((&*target, None), |(path, query)| (path, Some(query.to_owned())));
        let (path, headers) = (path.into(), self.headers.clone());
        Request { method, path, query, headers, body: body.into(), at: Timestamp::UNIX_EPOCH }
    }

    /// The median time of some requests.
    fn median(&self, session: &Session, size: usize, (_, status, make): Row) -> Duration {
        let mut times: Vec<Duration> = (0..CALLS)
            .map(|number| {
                let request = self.request(make(number, size));
                let since = Instant::now();
                let response = black_box(self.engine.answer(session, &request));
                let time = since.elapsed();
                assert_eq!(response.status, status, "{:?}", response.body);
                time
            })
            .collect();
        times.sort_unstable();
        times[times.len() / 2]
    }

    /// Measures all kinds of requests with more and more records. Returns the last session, and the times.
    fn measure(&self, state: &mut State, title: &str, rows: &[Row], fill: fn(&mut State, usize)) -> (Session, Panel) {
        let mut session = Session::new(state.clone());
        let mut panel = Panel {
            title: title.to_owned(),
            lines: rows.iter().map(|(name, ..)| ((*name).to_owned(), Vec::new())).collect(),
        };
        eprintln!("{title}: {}", rows.iter().map(|(name, ..)| *name).collect::<Vec<_>>().join(", "));
        for size in SIZES {
            fill(state, size);
            session = Session::new(state.clone());
            for (row, (_, points)) in rows.iter().zip(&mut panel.lines) {
                points.push((size, self.median(&session, size, *row).as_secs_f64() * 1e6));
            }
            let micros = panel.lines.iter().filter_map(|(_, points)| Some(format!("{:.1}", points.last()?.1)));
            eprintln!("{size}: {} µs", micros.collect::<Vec<_>>().join(", "));
        }
        (session, panel)
    }

    /// Small reads while other threads list the whole kind in another order, in the same session.
    fn read_beside_lists(&self, session: &Session, small: fn(usize) -> String, list: fn(usize) -> String) {
        let (is_over, mut times) = (AtomicBool::new(false), Vec::new());
        std::thread::scope(|scope| {
            for lister in 0..LISTERS {
                let is_over = &is_over;
                scope.spawn(move || {
                    let mut number = lister;
                    while !is_over.load(Ordering::Relaxed) {
                        number += LISTERS;
                        black_box(self.engine.answer(session, &self.request(read(list(number)))));
                    }
                });
            }
            let end = Instant::now() + READING;
            while Instant::now() < end {
                let request = self.request(read(small(times.len())));
                let since = Instant::now();
                black_box(self.engine.answer(session, &request));
                times.push(since.elapsed());
                std::thread::sleep(Duration::from_millis(1));
            }
            is_over.store(true, Ordering::Relaxed);
        });
        times.sort_unstable();
        let at = |share: f64| times[(times.len() as f64 * share) as usize];
        let (count, last) = (times.len(), times[times.len() - 1]);
        let (median, p99) = (at(0.5), at(0.99));
        eprintln!("{LISTERS} threads list; {count} small reads: median {median:?}, p99 {p99:?}, maximum {last:?}");
    }
}

fn api(folder: &ApiFolder, scenario: &str, token: Option<&str>) -> (Api, State) {
    let engine = Engine::new(folder).expect("valid files");
    let file = engine.scenarios().find(scenario).expect("a scenario");
    let scenario = Scenario::read_in(file, engine.scenarios()).expect("a valid scenario");
    let now: Timestamp = "2026-02-08T10:00:00Z".parse().expect("a time");
    let flags = engine.quirks().flags(&Default::default()).expect("known quirks");
    let state = scenario.seed(&engine, Start { clock: Clock::Frozen(now), now, flags, seed: None }).expect("valid");
    let mut headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
    if let Some(name) = token {
        let token = format!("Bearer {}", credentials(&engine, &state, &scenario).token(name).expect("a token"));
        headers.insert(AUTHORIZATION, HeaderValue::from_str(&token).expect("a header"));
    }
    (Api { engine, headers }, state)
}

/// Adds clients until there are so many, each with a matter.
fn fill_clients(state: &mut State, count: usize) {
    let business = state.store.all("business").next().expect("a business").id.clone();
    for number in state.store.count("client")..count {
        let client = Fields::new()
            .with("business_uid", &business)
            .with("first_name", format!("Ada{number:x}"))
            .with("last_name", format!("Byron{}", number * 7919))
            .with("email", format!("ada.byron{number}@example.com"))
            .with("created_at", "2026-01-01T00:00:00.000Z");
        let id = format!("client{number:010}");
        let matter = Fields::new()
            .with("business_uid", &business)
            .with("client_uid", id.as_str())
            .with("display_name", format!("Matter {number}"));
        state.store.put(Record::new("client", id, client));
        state.store.put(Record::new("matter", format!("matter{number:010}"), matter));
    }
}

fn fill_orders(state: &mut State, count: usize) {
    for number in state.store.count("order")..count {
        let id = format!("o{number}");
        let fields = Fields::new()
            .with("id", id.as_str())
            .with("customerId", format!("u{}", number / ORDERS_OF_CUSTOMER))
            .with("name", format!("Order {number}"))
            .with("number", number as i64)
            .with("count", 2);
        state.store.put(Record::new("order", id, fields));
    }
}

fn main() {
    let (clients, mut state) = api(&ApiFolder::embedded(), "music-school", Some("staff"));
    let (session, of_clients) =
        clients.measure(&mut state, "Embedded API, clients and matters", &CLIENTS, fill_clients);
    clients.read_beside_lists(
        &session,
        |number| format!("/api2/platform/v1/clients/client{:010}", 300 + number),
        |number| format!("/api2/platform/v1/clients?sort=-first_name&n={number}"),
    );
    drop((clients, state, session));
    let contracts = vec![SourceFile::new("orders.yaml", ORDERS)];
    let (orders, mut state) = api(&ApiFolder { contracts, ..ApiFolder::default() }, Scenario::EMPTY, None);
    let (session, of_orders) = orders.measure(&mut state, "Contract of another API, orders", &CRUD, fill_orders);
    orders.read_beside_lists(
        &session,
        |number| format!("/orders/o{}", 300 + number),
        |number| format!("/orders?limit=25&sort=-number&n={number}"),
    );
    let panels = [of_clients, of_orders];
    write("STANDIN_BENCH_JSON", || format!("{:#}\n", figures(&panels)));
    write("STANDIN_BENCH_SVG", || plot::chart(&panels));
}

/// Writes the file that an environment variable names, if there is one.
fn write(variable: &str, text: impl FnOnce() -> String) {
    if let Some(file) = std::env::var_os(variable) {
        std::fs::write(&file, text()).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    }
}

/// The times of each kind of request by the number of records, µs.
fn figures(panels: &[Panel]) -> Value {
    let rows = panels.iter().flat_map(|panel| {
        panel.lines.iter().map(|(name, points)| {
            let times: serde_json::Map<String, Value> =
                points.iter().map(|(size, micros)| (size.to_string(), json!(micros))).collect();
            json!({"api": panel.title, "request": name, "us": times})
        })
    });
    rows.collect()
}
