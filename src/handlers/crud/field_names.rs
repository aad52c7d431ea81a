//! Names of fields that an API writes in several ways, and of kinds in messages.

use compact_str::{CompactString, ToCompactString};

use crate::model::{FieldValue, Record};
use crate::openapi::{is_id, snake};

/// The field with the name of the field that paths address a record by, if the id of the record is another. Its name ends
/// like those of parents: responses do not show it.
pub(super) const KEY_FIELD: &str = "own_key_of_path";

/// Name of the field with the name by which paths may address a record that has no field for it; responses do not show it.
pub(super) const PATH_NAME_FIELD: &str = "name_of_path";

/// The other name of a reference: `client_uid` for `client_id` and the other way round.
pub(super) fn id_alias(name: &str) -> Option<String> {
    let ends = [("_uid", "_id"), ("_id", "_uid"), ("Uid", "Id"), ("Id", "Uid")];
    ends.iter().find_map(|(end, other)| name.strip_suffix(end).map(|stem| format!("{stem}{other}")))
}

/// The name of a record's field that matches a name in another style: `To` is `to`, `AccountSid` is `account_sid`,
/// `client_uid` is `client_id`.
pub(super) fn find_field(record: &Record, name: &str) -> Option<String> {
    if record.fields.get(name).is_some() {
        return Some(name.to_owned());
    }
    let snake_name = snake(name);
    let other = id_alias(&snake_name);
    let mut names = record.fields.iter().map(|(known, _)| known);
    names.find(|known| snake(known) == snake_name || Some(snake(known)) == other).map(str::to_owned)
}

/// The id that a record has under the name of a path parameter, in any style.
pub(super) fn reference<'r>(record: &'r Record, parameter: &str) -> Option<&'r str> {
    record.get(&find_field(record, parameter)?).as_text()
}

/// The scalar that a record has under a name, in any style, as text.
pub(super) fn key(record: &Record, name: &str) -> Option<CompactString> {
    match record.get(&find_field(record, name)?) {
        FieldValue::Text(text) => Some(text.as_str().into()),
        FieldValue::Integer(number) => Some(number.to_compact_string()),
        _ => None,
    }
}

/// Whether a name that could be the id holds something else: an app has a `name`, but its id is its code name.
pub(super) fn is_display_name(record: &Record, name: &str) -> bool {
    let may_be_both = || !is_id(&snake(name)) || record.text(KEY_FIELD) == name;
    key(record, name).is_some_and(|known| record.id != known) && may_be_both()
}

/// A kind at the beginning of a message: `Payment request` for `payment_request`.
pub(super) fn title(kind: &str) -> String {
    let mut letters = kind.replace('_', " ").chars().collect::<Vec<_>>();
    letters.iter_mut().take(1).for_each(char::make_ascii_uppercase);
    letters.into_iter().collect()
}
