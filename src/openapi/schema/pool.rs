use std::collections::HashMap;
use std::hash::{BuildHasher as _, Hash as _, Hasher};
use std::sync::Arc;

use foldhash::fast::FixedState;
use parking_lot::Mutex;
use serde_json::Value;

use super::Schema;
use crate::model::clone_compact;

/// The number of parts that are locked separately.
const PARTS: usize = 16;

/// The schemas of a document, each once: most operations repeat schemas of others.
pub(in crate::openapi) struct SchemaPool {
    components: Arc<Value>,
    /// By hash. Of two schemas with the same hash, the first one is shared.
    parts: [Mutex<HashMap<u64, Schema, FixedState>>; PARTS],
}

impl SchemaPool {
    /// The schemas of the document with these components.
    pub(in crate::openapi) fn new(components: Arc<Value>) -> Self {
        Self { components, parts: Default::default() }
    }

    /// A schema of the document.
    pub(in crate::openapi) fn schema(&self, raw: &Value) -> Schema {
        let mut hasher = FixedState::default().build_hasher();
        hash(raw, &mut hasher);
        let hash = hasher.finish();
        let make = || Schema::new(clone_compact(raw), Arc::clone(&self.components));
        let mut part = self.parts[hash as usize % PARTS].lock();
        let known = part.entry(hash).or_insert_with(make);
        if is_same(known.raw(), raw) { known.clone() } else { make() }
    }
}

/// Hashes a value. The order of members counts: generated values have it.
fn hash(value: &Value, hasher: &mut impl Hasher) {
    match value {
        Value::Object(map) => {
            hasher.write_usize(map.len());
            for (name, value) in map {
                name.hash(hasher);
                hash(value, hasher);
            }
        }
        Value::Array(list) => {
            hasher.write_usize(!list.len());
            list.iter().for_each(|value| hash(value, hasher));
        }
        other => other.hash(hasher),
    }
}

/// Whether two values are equal and have the same order of members.
fn is_same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            let mut pairs = a.iter().zip(b);
            a.len() == b.len() && pairs.all(|((name, a), (other, b))| name == other && is_same(a, b))
        }
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same(a, b)),
        _ => a == b,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::{Value, json};

    use super::{Schema, SchemaPool};

    #[test]
    fn equal_schemas_are_shared_and_those_with_another_order_are_not() {
        let pool = SchemaPool::new(Arc::default());
        let schema = |text: &str| pool.schema(&serde_json::from_str::<Value>(text).expect("JSON"));
        let is_shared = |a: &Schema, b: &Schema| Arc::ptr_eq(&a.0, &b.0);
        let text = r#"{"properties": {"a": {"type": "string"}, "b": {"enum": [1, "1"]}}}"#;
        let other = r#"{"properties": {"b": {"enum": [1, "1"]}, "a": {"type": "string"}}}"#;
        assert!(is_shared(&schema(text), &schema(text)));
        assert!(!is_shared(&schema(text), &schema(other)));
        assert_eq!(schema(other).property_names(), ["b", "a"]);
        assert_eq!(schema(text).raw(), &serde_json::from_str::<Value>(text).expect("JSON"));
        assert!(!is_shared(&pool.schema(&json!([])), &pool.schema(&json!({}))));
    }
}
