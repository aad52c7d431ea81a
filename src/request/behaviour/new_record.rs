use std::sync::Arc;

use compact_str::CompactString;

use super::BehaviourRunner;
use crate::model::{FieldValue, Fields, Record};
use crate::openapi::FieldType;
use crate::request::generate_id;

/// Names of the times that a new record gets.
const CREATED: [&str; 2] = ["created_at", "updated_at"];

impl BehaviourRunner<'_> {
    /// Stores a new record of a kind, with an id in the form of the contract if none is given, the owner of the record that
    /// has caused it, and its times.
    pub fn new_record(
        &mut self,
        kind: &str,
        id: Option<CompactString>,
        mut given: Vec<(CompactString, FieldValue)>,
        owner: Option<CompactString>,
    ) -> Arc<Record> {
        let id = id.unwrap_or_else(|| {
            let form = self.resources.id_form(kind);
            generate_id(self.state, kind, form.example.as_ref(), form.schema.as_deref())
        });
        let resource = self.resources.get(kind);
        let is_given = |name: &str, given: &[(CompactString, FieldValue)]| given.iter().any(|(known, _)| known == name);
        if let (Some(field), Some(owner)) = (resource.and_then(|resource| resource.owner()), owner)
            && !is_given(field, &given)
        {
            given.push((field.into(), owner.into()));
        }
        for field in resource.into_iter().flat_map(|resource| &resource.fields) {
            let is_time = field.kind == FieldType::Time && CREATED.contains(&field.name.as_str());
            if is_time && field.default.is_null() && !is_given(&field.name, &given) {
                given.push((CompactString::from(&field.name), self.state.now_text().into()));
            }
        }
        let record = match resource {
            Some(resource) => resource.record(id, given),
            None => Record::new(kind, id, given.into_iter().collect::<Fields>()),
        };
        self.state.store.put(record)
    }
}
