//! Names of fields that an API writes in several ways, and of kinds in messages.

use crate::model::{FieldValue, Record};
use crate::openapi::snake;

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

/// Whether a name that could be the id holds something else: an app has a `name`, but its id is its code name.
pub(super) fn is_display_name(record: &Record, name: &str) -> bool {
    let may_be_both = matches!(name, "name" | "key" | "code" | "slug" | "number");
    may_be_both && record.fields.get(name).and_then(FieldValue::as_text).is_some_and(|known| record.id != known)
}

/// A kind at the beginning of a message: `Payment request` for `payment_request`.
pub(super) fn title(kind: &str) -> String {
    let mut letters = kind.replace('_', " ").chars().collect::<Vec<_>>();
    letters.iter_mut().take(1).for_each(char::make_ascii_uppercase);
    letters.into_iter().collect()
}
