use std::sync::Arc;

use compact_str::CompactString;
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::json;

use super::{FUNCTIONS, Kinds, Scope, Type, Value, World, compile};
use crate::model::{FieldValue, Fields, Record, Store};

struct Shop(Store);

impl World for Shop {
    fn find(&self, kind: &str, id: &str) -> Option<Arc<Record>> {
        self.0.get(kind, id).cloned()
    }
    fn next(&self, kind: &str, after: u64) -> Option<(u64, Arc<Record>)> {
        self.0.after(kind, after).next().map(|(index, record)| (index, Arc::clone(record)))
    }
    fn find_by(&self, kind: &str, field: &str, text: &str) -> Vec<Arc<Record>> {
        self.0.find_by(kind, field, text).map(|(_, record)| Arc::clone(record)).collect()
    }
    fn is_own(&self, record: &Record) -> bool {
        record.text("owner") != "other"
    }
    fn zone(&self) -> jiff::tz::TimeZone {
        jiff::tz::TimeZone::UTC
    }
    fn now(&self) -> Timestamp {
        "2026-03-01T10:00:00Z".parse().expect("a time")
    }
    fn today(&self) -> Date {
        "2026-03-01".parse().expect("a date")
    }
    fn quirk(&self, id: &str) -> bool {
        id == "on"
    }
    fn secret(&mut self) -> CompactString {
        "5ec3e7".into()
    }
    fn next_number(&self, kind: &str) -> u64 {
        self.0.next_number(kind)
    }
    fn uid(&mut self) -> CompactString {
        "abc".into()
    }
    fn request(&self) -> Value {
        FieldValue::from(&json!({"method": "POST", "path": {"id": "7"}, "body": {"amount": "12.50"}})).into()
    }
    fn caller(&self) -> Value {
        FieldValue::from(&json!({"kind": "clerk"})).into()
    }
}

fn record(kind: &str, id: &str, fields: &serde_json::Value) -> Record {
    let fields = fields.as_object().expect("an object").iter();
    Record::new(kind, id, fields.map(|(name, value)| (name.into(), value.into())).collect::<Fields>())
}

fn kinds() -> Kinds {
    let line = Type::Object([("price".into(), Type::Decimal), ("quantity".into(), Type::Integer)].into());
    let mut kinds = Kinds::default();
    kinds.add(
        "order",
        Some(vec![
            ("state".into(), Type::Text),
            ("total".into(), Type::Decimal),
            ("due_on".into(), Type::Date),
            ("lines".into(), Type::list(line)),
        ]),
    );
    kinds.add("product", Some(vec![("stock".into(), Type::Integer), ("name".into(), Type::Text)]));
    kinds
}

pub(super) fn evaluate(text: &str) -> Result<serde_json::Value, String> {
    let kinds = kinds();
    let variables = vec![("record".into(), Type::Record("order".into()))];
    let scope = Scope { kinds: &kinds, variables, has_request: true };
    let expression = compile(text, &scope, &Type::Any).map_err(|mistake| {
        format!(
            "{}: {}{}",
            mistake.at,
            mistake.message,
            mistake.help.map(|help| format!(" ({help})")).unwrap_or_default()
        )
    })?;
    let mut store = Store::default();
    for (id, stock) in [("p1", 3), ("p2", 0)] {
        store.put(record("product", id, &json!({"stock": stock, "name": format!("Product {id}")})));
    }
    let order = record(
        "order",
        "o1",
        &json!({
            "state": "open", "total": 19.9, "due_on": "2026-03-10",
            "lines": [{"price": 1.1, "quantity": 3}, {"price": 2.2, "quantity": 2}],
        }),
    );
    let value = expression.evaluate(&[Value::Record(Arc::new(order))], &mut Shop(store));
    let field = value.and_then(Value::into_field).map_err(|error| error.message)?;
    Ok(serde_json::to_value(field).expect("JSON"))
}

#[test]
fn decimals_are_exact_and_mix_with_integers() {
    assert_eq!(evaluate("0.1 + 0.2 == 0.3"), Ok(json!(true)));
    assert_eq!(evaluate("record.lines.map(l, l.price * l.quantity).sum()"), Ok(json!(7.7)));
    assert_eq!(evaluate("7 / 2"), Ok(json!(3)));
    assert_eq!(evaluate("7 / 2.0"), Ok(json!(3.5)));
    assert_eq!(evaluate("round(2.345, 2)"), Ok(json!(2.35)));
    assert_eq!(evaluate("decimal(request.body.amount) * 2"), Ok(json!(25)));
    assert_eq!(evaluate("9223372036854775807 + 1 > 9223372036854775807"), Ok(json!(true)));
    assert_eq!(evaluate("int(9223372036854775807 * 10.0)"), Ok(json!(i64::MAX)));
}

#[test]
fn dates_are_compared_and_moved() {
    assert_eq!(evaluate("record.due_on > today"), Ok(json!(true)));
    assert_eq!(evaluate("record.due_on + days(30)"), Ok(json!("2026-04-09")));
    assert_eq!(evaluate("record.due_on - months(1)"), Ok(json!("2026-02-10")));
    // Beyond the calendar are its first and its last day.
    assert_eq!(evaluate("date('9999-12-01') + months(5)"), Ok(json!("9999-12-31")));
    assert_eq!(evaluate("timestamp('9999-12-31') > timestamp('9999-12-30')"), Ok(json!(true)));
    assert_eq!(evaluate("date('9999-12-31') < time('2026-12-01T10:00:00Z')"), Ok(json!(false)));
    assert_eq!(evaluate("time('9999-12-01T10:00:00Z') + hours(9000)"), Ok(json!("9999-12-30T22:00:00.999Z")));
    assert_eq!(evaluate("date('0001-01-01') - months(200000)"), Ok(json!("-009999-01-01")));
    assert_eq!(evaluate("now + hours(2)"), Ok(json!("2026-03-01T12:00:00.000Z")));
    assert_eq!(evaluate("days_between(today, record.due_on)"), Ok(json!(9)));
    assert_eq!(evaluate("now < timestamp('2026-03-01T10:00:01Z')"), Ok(json!(true)));
    assert_eq!(evaluate("today + duration('2w')"), Ok(json!("2026-03-15")));
    assert_eq!(evaluate("'2026-02-01T10:00:00Z' < today"), Ok(json!(true)));
    assert_eq!(evaluate("today <= '2026-03-01T00:00:00Z'"), Ok(json!(true)));
    // Text that is no date is not read as one.
    assert_eq!(evaluate("request.body.amount == today"), Ok(json!(false)));
    let error = evaluate("now > request.body.amount").expect_err("text is no date");
    assert_eq!(error, "`now > request.body.amount`: cannot compare a time with text");
}

#[test]
fn lists_are_mapped_filtered_and_searched() {
    assert_eq!(evaluate("record.lines.filter(l, l.quantity > 2).size()"), Ok(json!(1)));
    assert_eq!(evaluate("record.lines.map(l, l.quantity > 2, l.price)"), Ok(json!([1.1])));
    assert_eq!(evaluate("record.lines.all(l, l.quantity > 1)"), Ok(json!(true)));
    assert_eq!(evaluate("record.lines.exists_one(l, l.quantity == 2)"), Ok(json!(true)));
    assert_eq!(evaluate("'open' in ['open', 'paid']"), Ok(json!(true)));
    assert_eq!(evaluate("record.lines[1].quantity"), Ok(json!(2)));
    assert_eq!(evaluate("[3, 1, 2].sort().reverse().first()"), Ok(json!(3)));
    assert_eq!(evaluate("{'a': 1, 'b': [record.state]}"), Ok(json!({"a": 1, "b": ["open"]})));
}

#[test]
fn records_of_the_store_are_found_by_id_and_by_condition() {
    assert_eq!(evaluate("find('product', 'p1').stock"), Ok(json!(3)));
    assert_eq!(evaluate("find('product', 'missing') == null"), Ok(json!(true)));
    assert_eq!(evaluate("all('product', item.stock > 0).map(p, p.id)"), Ok(json!(["p1"])));
    assert_eq!(evaluate("all('product').map(p, p.stock).sum()"), Ok(json!(3)));
}

#[test]
fn the_request_the_caller_and_quirks_are_visible() {
    assert_eq!(evaluate("request.path.id + caller.kind"), Ok(json!("7clerk")));
    assert_eq!(evaluate("quirk('on') && !quirk('off')"), Ok(json!(true)));
    assert_eq!(evaluate("has(request.body.amount) && !has(request.body.note)"), Ok(json!(true)));
    assert_eq!(evaluate("default(request.body.note, 'none')"), Ok(json!("none")));
    assert_eq!(evaluate("decimal(request.body.note)"), Ok(json!(null)));
    assert_eq!(evaluate("request.body.note.lowerAscii() == null"), Ok(json!(true)));
}

#[test]
fn mistakes_are_found_before_evaluation_with_position_and_help() {
    let mistakes = [
        ("record.totl", "`order` has no field `totl` (did you mean `total`?)"),
        ("record.total + record.state", "cannot apply `+` to a number and text"),
        ("find('prodct', 'x')", "unknown kind `prodct` (did you mean `product`?)"),
        ("all('product', item.stok > 0)", "`product` has no field `stok` (did you mean `stock`?)"),
        ("paid", "unknown name `paid`"),
        ("size(record.total)", "`size` needs a list, object or text, found a number"),
        ("rund(1.5)", "unknown function `rund` (did you mean `round`?)"),
        ("record.lines.map(l, l.prize)", "the object has no member `prize` (did you mean `price`?)"),
        ("record.total &&", "not a valid expression"),
        ("record.state > 3", "cannot apply `>` to text and a whole number"),
        ("has(1)", "`has` needs a member"),
    ];
    for (text, wanted) in mistakes {
        let found = evaluate(text).expect_err(text);
        assert!(found.contains(wanted), "{text}: {found}");
    }
    assert!(
        evaluate("1 + record.totl").expect_err("a mistake").starts_with("10:"),
        "{:?}",
        evaluate("1 + record.totl")
    );
}

#[test]
fn deep_expressions_are_mistakes_and_overflow_no_stack() {
    let chain = |operator: &str, count: usize| format!("1{}", operator.repeat(count));
    assert_eq!(evaluate(&chain("+1", 190)), Ok(json!(191)));
    for text in [chain("+1", 2_000), chain(" - 1", 1_000), chain("*1.0", 1_000), format!("[1]{}", "[0]".repeat(1_300))]
    {
        let found = evaluate(&text).expect_err("too deep");
        assert!(found.contains("more than 200 operators and calls are inside of each other"), "{found}");
    }
}

#[test]
fn brackets_inside_of_each_other_are_a_mistake() {
    let nested = |open: &str, count: usize, close: &str| format!("{}1{}", open.repeat(count), close.repeat(count));
    let check = move || {
        assert_eq!(evaluate(&nested("abs(", 20, ")")), Ok(json!(1)));
        for text in [nested("abs(", 500, ")"), nested("(", 2_000, ")"), nested("[", 2_000, "]"), nested("(", 4_000, "")]
        {
            let found = evaluate(&text).expect_err("too deep");
            assert!(found.contains("brackets are nested more than 32 deep"), "{found}");
        }
    };
    // Without optimization the parser takes 160 KB of the stack for each of them.
    let thread = std::thread::Builder::new().stack_size(64 << 20).spawn(check).expect("a thread");
    thread.join().expect("no panic");
}

#[test]
fn evaluation_ends_after_a_number_of_steps() {
    let nested = "record.lines + record.lines";
    let long = format!("[{}]", vec!["1"; 150].join(","));
    let cubic = format!("{long}.map(a, {long}.map(b, {long}.map(c, a + b + c)))");
    assert!(evaluate(nested).is_ok());
    assert!(evaluate(&cubic).expect_err("too many steps").contains("takes more than 1000000 steps"));
}

#[test]
fn wrong_values_are_errors_that_name_the_expression() {
    let error = evaluate("request.body.amount * 2").expect_err("text is no number");
    assert_eq!(error, "`request.body.amount * 2`: cannot apply `*` to text and a number");
    assert!(evaluate("1 / 0").expect_err("division").contains("division by zero"));
}

#[test]
fn functions_are_sorted_and_have_a_summary() {
    let names: Vec<&str> = FUNCTIONS.iter().map(|function| function.name).collect();
    let mut sorted = names.clone();
    sorted.sort_unstable();
    assert_eq!(names, sorted);
    assert!(FUNCTIONS.iter().all(|function| function.summary.ends_with('.')));
}
