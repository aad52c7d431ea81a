//! What resources files describe beyond storing records, over contracts that are not ours.

use std::path::Path;

use serde_json::{Value, json};
use standin::diagnostics::SourceFile;
use standin::model::{FieldValue, Fields, Record};
use standin::openapi::ApiFolder;
use standin::pipeline::{Engine, Session};
use standin::request::{ApiError, Clock, Context, Reply};
use standin::scenarios::{Scenario, Start};

use crate::cli::standin;
use crate::served::records;
use crate::vocabulary::{noon, request};

const SHOP: &str = include_str!("../../examples/shop/shop.yaml");

fn folder(name: &str) -> ApiFolder {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name);
    ApiFolder::from_paths(&[path]).expect("an API folder")
}

/// An engine of the example shop with other resources.
fn engine(resources: &str) -> Result<Engine, String> {
    let folder = ApiFolder {
        contracts: vec![SourceFile::new("shop.yaml", SHOP)],
        resources: vec![SourceFile::new("shop.resources.yaml", resources)],
        ..ApiFolder::default()
    };
    Engine::new(&folder).map_err(|diagnostics| diagnostics.to_string())
}

fn mistake(resources: &str) -> String {
    engine(resources).err().expect("a mistake")
}

struct Shop {
    engine: Engine,
    session: Session,
}

impl Shop {
    fn with(resources: &str) -> Self {
        Self::of(engine(resources).expect("valid resources"))
    }

    fn of(engine: Engine) -> Self {
        let scenario =
            Scenario::read(engine.scenarios().find(Scenario::EMPTY).expect("every API has it")).expect("valid");
        let flags = engine.quirks().flags(&Default::default()).expect("no quirks");
        let start = Start { clock: Clock::Frozen(noon()), now: noon(), flags, seed: None };
        let session = Session::new(scenario.seed(&engine, start).expect("valid"));
        Self { engine, session }
    }

    fn send(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
        let headers = [("content-type", "application/json")];
        let response = self.engine.answer(&self.session, &request(noon(), method, path, &headers, body));
        let body = serde_json::from_slice(&response.body).unwrap_or_default();
        (response.status.as_u16(), body)
    }

    fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.send("POST", path, &body.to_string())
    }

    fn get(&self, path: &str) -> (u16, Value) {
        self.send("GET", path, "")
    }
}

/// Products with a stock, and orders of one product.
const STOCK: &str = "
product:
  plural: products
  fields: {name: text, price: decimal, stock: {type: integer, default: 0}}
  rules: [{reject: record.stock < 0, error: conflict, message: Out of stock}]
order:
  plural: orders
  fields:
    customer_id: text
    lines: {list: {object: {product_id: text, quantity: integer}}}
    total: {type: decimal, computed: 'record.lines.map(l, l.quantity * find(\"product\", l.product_id).price).sum()'}
    state: {type: text, default: open}
  effects:
    - on: create
      create: {kind: invoice, set: {order_id: record.id, amount: record.total}}
    - on: create
      for_each: record.lines
      update: {kind: product, id: item.product_id, missing: Unknown product, set: {stock: target.stock - item.quantity}}
invoice:
  plural: invoices
  fields: {order_id: text, amount: decimal, state: {type: text, default: due}, due_on: date}
";

#[test]
fn effects_write_other_records_and_appear_in_the_journal() {
    let shop = Shop::with(STOCK);
    let (_, tea) = shop.post("/v1/products", json!({"name": "Tea", "price": 4.1, "stock": 5}));
    let lines = json!([{"product_id": tea["id"], "quantity": 3}]);
    let (status, order) = shop.post("/v1/orders", json!({"customer_id": "c", "lines": lines}));
    assert_eq!((status, &order["total"]), (201, &json!(12.3)));
    let product = shop.get(&format!("/v1/products/{}", tea["id"].as_str().expect("an id"))).1;
    assert_eq!(product["stock"], json!(2));
    let invoices = shop.get(&format!("/v1/invoices?order_id={}", order["id"].as_str().expect("an id"))).1;
    assert_eq!(invoices[0]["amount"], json!(12.3));
    let entries = shop.session.entries(0);
    let changes = &entries[1].changes;
    let mut kinds: Vec<&str> = changes.iter().map(|change| change.record().kind.as_str()).collect();
    kinds.dedup();
    assert_eq!(kinds, ["order", "invoice", "product"]);
}

#[test]
fn rejected_request_changes_nothing_and_uses_no_ids() {
    let shop = Shop::with(STOCK);
    let (_, tea) = shop.post("/v1/products", json!({"name": "Tea", "price": 1, "stock": 5}));
    let (_, cup) = shop.post("/v1/products", json!({"name": "Cup", "price": 1, "stock": 0}));
    let before = (records(&shop.session.state()), shop.session.state().revision());
    let order = |lines: Value| shop.post("/v1/orders", json!({"customer_id": "c", "lines": lines}));
    let both = json!([{"product_id": tea["id"], "quantity": 1}, {"product_id": cup["id"], "quantity": 1}]);
    let (status, error) = order(both);
    assert_eq!((status, &error["message"]), (409, &json!("Out of stock")));
    let (status, error) =
        order(json!([{"product_id": tea["id"], "quantity": 1}, {"product_id": "milk", "quantity": 1}]));
    assert_eq!((status, &error["message"]), (422, &json!("Unknown product")));
    assert_eq!((records(&shop.session.state()), shop.session.state().revision()), before);
}

#[test]
fn bulk_of_effects_is_bounded() {
    let shop = Shop::with(STOCK);
    let (_, tea) = shop.post("/v1/products", json!({"name": "Tea", "price": 1, "stock": 1_000_000}));
    let line = json!({"product_id": tea["id"], "quantity": 1});
    let (status, error) = shop.post("/v1/orders", json!({"customer_id": "c", "lines": vec![line; 10_001]}));
    assert_eq!(status, 500);
    assert!(error["message"].as_str().is_some_and(|text| text.contains("more than 10000 records")), "{error}");
}

#[test]
fn steps_of_all_expressions_of_a_request_are_bounded() {
    let effect = "
    - on: create
      for_each: record.lines
      update: {kind: product, where: target.stock == item.quantity, set: {stock: 0}}
";
    let resources = STOCK.replace("\ninvoice:", &format!("{}\ninvoice:", effect.trim_end()));
    let shop = Shop::with(&resources.replace("find(\"product\", l.product_id).price", "1"));
    shop.session.change(|state| {
        for number in 0..2_000 {
            let fields = Fields::new().with("stock", 5).with("name", "Tea");
            state.store.put(Record::new("product", format!("p{number}"), fields));
        }
    });
    let line = json!({"product_id": "p1", "quantity": 0});
    let order = |count: usize| shop.post("/v1/orders", json!({"customer_id": "c", "lines": vec![line.clone(); count]}));
    assert_eq!(order(10).0, 201);
    // Each line looks at each product.
    let (status, error) = order(5_000);
    assert_eq!(status, 500);
    let message = error["message"].as_str().unwrap_or_default();
    assert!(message.contains("too many steps in total"), "{message}");
    assert_eq!(order(10).0, 201, "the next request has its own steps");
}

#[test]
fn derived_fields_can_be_filtered_and_hidden_fields_are_not_shown() {
    let shop = Shop::with(
        "order:\n  plural: orders\n  fields:\n    customer_id: {type: text, hidden: true}\n    lines: any\n    total: decimal\n  derive:\n    state: \"record.total > 5 ? 'paid' : 'open'\"\n",
    );
    for total in [3, 7] {
        let body = json!({"customer_id": "c", "lines": [], "total": total});
        assert_eq!(shop.post("/v1/orders", body).0, 201);
    }
    let (_, paid) = shop.get("/v1/orders?state=paid");
    let totals: Vec<&Value> = paid.as_array().expect("a list").iter().map(|order| &order["total"]).collect();
    assert_eq!(totals, [&json!(7)]);
    let stored = shop.session.state();
    let last = stored.store.all("order").next_back().expect("an order");
    assert_eq!((last.get("total"), last.fields.get("state")), (&7.into(), None));
}

#[test]
fn transition_has_several_targets_and_an_error_for_each_state() {
    let shop = Shop::with(
        "order:\n  plural: orders\n  fields: {customer_id: text, lines: any, total: decimal, state: {type: text, default: open}}\n  lifecycle:\n    field: state\n    transitions:\n      - {on: 'POST /v1/orders/{id}/pay', from: [open], when: record.total > 5, to: paid}\n      - {on: 'POST /v1/orders/{id}/pay', from: [open], to: cancelled, error: {paid: Paid already, other: Not open}}\n",
    );
    let order = |total: i64| {
        let order = shop.post("/v1/orders", json!({"customer_id": "c", "lines": [], "total": total})).1;
        order["id"].as_str().expect("an id").to_owned()
    };
    let pay = |id: &str| shop.post(&format!("/v1/orders/{id}/pay"), json!({}));
    let (small, large) = (order(1), order(9));
    assert_eq!(pay(&small).1["state"], "cancelled");
    assert_eq!(pay(&large).1["state"], "paid");
    assert_eq!(pay(&small).1["message"], "Not open");
}

#[test]
fn wrong_files_are_reported_with_line_and_what_to_write() {
    let order = |rest: &str| {
        mistake(&format!(
            "order:\n  plural: orders\n  fields: {{total: decimal, lines: any, state: text, due_on: date}}\n{rest}\nproduct:\n  plural: products\n  fields: {{stock: integer}}\n"
        ))
    };
    insta::assert_snapshot!(order("  derive: {half: record.totl / 2}"), @"shop.resources.yaml:4:24: `order` has no field `totl` (did you mean `total`?)");
    insta::assert_snapshot!(order("  rules: [{reject: record.total + record.state, message: No}]"), @"shop.resources.yaml:4:33: cannot apply `+` to a number and text (convert one side with `string(…)` or `decimal(…)`)");
    insta::assert_snapshot!(order("  effects: [{on: create, create: {kind: invoce}}]"), @"shop.resources.yaml:4:41: unknown kind `invoce` (known here: order, product)");
    insta::assert_snapshot!(order("  effects: [{on: create, update: {kind: product, id: record.id, set: {stok: 1}}}]"), @"shop.resources.yaml:4:71: unknown field of `product` `stok` (did you mean `stock`?)");
    insta::assert_snapshot!(order("  effects: [{on: create, update: {kind: product, id: record.id, set: {stock: \"'many'\"}}}]"), @"shop.resources.yaml:4:79: the value is text, not a whole number");
    insta::assert_snapshot!(order("  effects: [{on: update, update: {kind: order, id: record.id, set: {total: 1}}}]"), @"shop.resources.yaml:4:13: this effect causes itself without end: `order` updates `order` (remove one of these effects, or let it happen on an operation or on entering a state)");
    insta::assert_snapshot!(order("  rules: [{reject: record.total >, message: No}]"), @"shop.resources.yaml:4:34: not a valid expression: it ends too early (the expression ends too early; in YAML, write it in quotes if it has a comma or ` #`)");
    insta::assert_snapshot!(order("  rules: [{reject: record.total, message: No}]"), @"shop.resources.yaml:4:20: the value is a number, not true or false");
    insta::assert_snapshot!(order("  lifecycle: {field: state, states: [open, paid], transitions: [{on: 'POST /v1/orders/{id}/pay', to: payed}]}"), @"shop.resources.yaml:4:102: unknown state `payed` (did you mean `paid`?)");
    insta::assert_snapshot!(order("  operations: {POST /v1/orders: create}\n  # twice\nbasket:\n  plural: baskets\n  operations: {POST /v1/orders: create}"), @"shop.resources.yaml:8:16: `POST /v1/orders` has two handlers or roles (the first one is in shop.resources.yaml:4; remove one)");
    insta::assert_snapshot!(order("  effects: [{on: 'POST /v1/orders/{id}/pey', delete: {kind: order, id: record.id}}]"), @"shop.resources.yaml:4:18: no contract has the operation `POST /v1/orders/{id}/pey` (did you mean `POST /v1/orders/{id}/pay`?)");
    insta::assert_snapshot!(order("  effects: [{on: POST /v1/products, delete: {kind: order, id: record.id}}]"), @"shop.resources.yaml:4:18: `POST /v1/products` is about records of the kind `product` (move the entry to `product`)");
    insta::assert_snapshot!(order("  effects: [{on: creates, delete: {kind: order, id: record.id}}]"), @"shop.resources.yaml:4:18: unknown cause `creates` (did you mean `create`?)");
    insta::assert_snapshot!(order("  effects: [{on: create}]"), @"shop.resources.yaml:4:13: an effect needs one of `set`, `create`, `update`, `delete` and `notify` (write `create: {kind: invoice, set: {order_id: record.id}}`)");
    insta::assert_snapshot!(mistake("order:\n  plural: orders\n  fields:\n    net: {type: decimal, computed: record.gross / 1.2}\n    gross: {type: decimal, computed: record.net * 1.2}\n"), @"shop.resources.yaml:4:36: computed fields need each other: net, gross (compute one of them from other fields)");
}

#[test]
fn examples_are_replayed_without_a_handler() {
    for name in ["shop", "booking"] {
        let engine = Engine::new(&folder(name)).expect("an engine");
        assert!((0..engine.contract().operations.len()).all(|operation| !engine.has_handler(operation)), "{name}");
        let path = format!("examples/{name}");
        let output = standin(&["replay", &path]);
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(text.ends_with("1 passed, 0 failed, 0 skipped\n"), "{text}");
    }
}

#[test]
fn documentation_lists_the_functions_of_expressions() {
    let page = include_str!("../../docs/behaviour.md");
    for function in standin::expressions::FUNCTIONS {
        let parameters: Vec<&str> = function.parameters.iter().map(|parameter| parameter.name()).collect();
        let row = format!("| `{}({})` | {} |", function.name, parameters.join(", "), function.summary);
        assert!(page.lines().any(|line| line == row), "{row}");
    }
}

#[test]
fn rust_handler_of_a_program_serves_an_operation() {
    fn greet(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
        let id = ctx.state.ids.uid();
        let order = ctx.insert("order", id, [("total", FieldValue::from(7))]);
        Ok(Reply::bare().status(202).and("accepted", &order.id))
    }
    let engine = engine("order:\n  plural: orders\n").expect("valid").with_handler("POST /v1/orders", greet);
    let shop = Shop::of(engine.expect("the operation exists"));
    let (status, body) = shop.post("/v1/orders", json!({"customer_id": "c", "lines": []}));
    assert_eq!(status, 202);
    let path = format!("/v1/orders/{}", body["accepted"].as_str().expect("an id"));
    assert_eq!(shop.get(&path).1["total"], json!(7));
    let unknown = self::engine("order:\n  plural: orders\n")
        .expect("valid")
        .with_handler("POST /v1/order", greet)
        .err()
        .expect("no such operation");
    assert_eq!(unknown.to_string(), "no contract has the operation `POST /v1/order`; did you mean `POST /v1/orders`?");
}
