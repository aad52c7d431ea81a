//! Expressions in resources files: whatever their text is, they are rejected with a position inside of it, or evaluated to a
//! value or an error.

#![no_main]

use std::sync::{Arc, LazyLock};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use libfuzzer_sys::fuzz_target;
use serde_json::{Value as Json, json};
use standin::expressions::{Kinds, Scope, Type, Value, World, compile};
use standin::model::{FieldValue, Fields, Record, Store};

static STORE: LazyLock<Store> = LazyLock::new(|| {
    let mut store = Store::default();
    for (number, name) in ["Tea", "Cup", "Pot"].iter().enumerate() {
        store.put(record("product", &format!("p{number}"), &json!({"stock": number, "name": name})));
    }
    store
});

static ORDER: LazyLock<Arc<Record>> = LazyLock::new(|| {
    let lines = json!([{"price": 1.1, "quantity": 3}, {"price": 2.2, "quantity": 2}]);
    record("order", "o1", &json!({"state": "open", "total": 19.9, "due_on": "2026-03-10", "lines": lines})).into()
});

struct Shop;

impl World for Shop {
    fn find(&self, kind: &str, id: &str) -> Option<Arc<Record>> {
        STORE.get(kind, id).cloned()
    }
    fn next(&self, kind: &str, after: u64) -> Option<(u64, Arc<Record>)> {
        STORE.after(kind, after).next().map(|(index, record)| (index, Arc::clone(record)))
    }
    fn find_by(&self, kind: &str, field: &str, text: &str) -> Vec<Arc<Record>> {
        STORE.find_by(kind, field, text).map(|(_, record)| Arc::clone(record)).collect()
    }
    fn is_own(&self, record: &Record) -> bool {
        record.id != "p1"
    }
    fn zone(&self) -> TimeZone {
        TimeZone::UTC
    }
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }
    fn today(&self) -> Date {
        Date::constant(1970, 1, 1)
    }
    fn quirk(&self, id: &str) -> bool {
        id == "on"
    }
    fn uid(&mut self) -> compact_str::CompactString {
        "abc".into()
    }
    fn secret(&mut self) -> compact_str::CompactString {
        "def".into()
    }
    fn next_number(&self, kind: &str) -> u64 {
        STORE.next_number(kind)
    }
    fn request(&self) -> Value {
        FieldValue::from(&json!({"method": "POST", "path": {"id": "7"}, "body": {"amount": "12.50"}})).into()
    }
    fn caller(&self) -> Value {
        FieldValue::from(&json!({"kind": "clerk"})).into()
    }
}

fn record(kind: &str, id: &str, fields: &Json) -> Record {
    let fields = fields.as_object().expect("an object").iter();
    Record::new(kind, id, fields.map(|(name, value)| (name.into(), value.into())).collect::<Fields>())
}

static KINDS: LazyLock<Kinds> = LazyLock::new(|| {
    let line = Type::Object([("price".into(), Type::Decimal), ("quantity".into(), Type::Integer)].into());
    let (lines, due_on) = (("lines".into(), Type::list(line)), ("due_on".into(), Type::Date));
    let order = vec![("state".into(), Type::Text), ("total".into(), Type::Decimal), due_on, lines];
    let mut kinds = Kinds::default();
    kinds.add("order", Some(order));
    kinds.add("product", Some(vec![("stock".into(), Type::Integer), ("name".into(), Type::Text)]));
    kinds
});

fuzz_target!(|text: &str| {
    let variables = vec![("record".into(), Type::Record("order".into()))];
    let scope = Scope { kinds: &KINDS, variables, has_request: true };
    match compile(text, &scope, &Type::Any) {
        Ok(expression) => {
            let value = expression.evaluate(&[Value::Record(Arc::clone(&ORDER))], &mut Shop);
            let _ = value.and_then(Value::into_field);
        }
        Err(mistake) => assert!(mistake.at <= text.len(), "{} of {}", mistake.at, text.len()),
    }
});
