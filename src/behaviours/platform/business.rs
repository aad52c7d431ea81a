//! Businesses: `POST /platform/v1/businesses`.
//!
//! Facts: row `se-business-create-cascade` of the catalogue of other domains.

use compact_str::CompactString;
use serde_json::{Map, Value};

use crate::exchange::{Exchange, Payload, Refusal};
use crate::store::{Datum, Fields, Record};

/// A new business of the caller's directory, and with it the member of staff who administers it, and their user. What
/// is not said of it is answered as documented.
pub fn create(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    let (business, staff) = (exchange.world.ids.uid(), exchange.world.ids.uid());
    let user = exchange.world.store.next_number("user");
    let directory = exchange.caller.directory.clone();
    let now = exchange.world.now_text();

    let said = part(exchange.body, "business").clone();
    let external = exchange.sent(&["meta", "external_id"]);
    let fields = Fields::new()
        .with("name", said.get("name").unwrap_or(&Value::Null))
        .with("directory_uid", directory.clone())
        .with("external_id", external)
        .with("time_zone", said.get("time_zone").unwrap_or(&Value::Null));
    let mut record = Record::clone(&exchange.keep("business", business.clone(), fields));
    for (name, value) in &said {
        if record.fields.get(name).is_none() {
            record.fields.set(name, value);
        }
    }
    exchange.world.store.put(record);

    let admin = part(exchange.body, "admin_account").clone();
    let name = |name: &str| admin.get(name).or_else(|| admin.get("display_name")).unwrap_or(&Value::Null);
    let fields = Fields::new()
        .with("business_uid", &business)
        .with("first_name", name("first_name"))
        .with("last_name", admin.get("last_name").unwrap_or(&Value::Null))
        .with("display_name", name("display_name"))
        .with("email", name("email"))
        .with("role", "owner");
    exchange.keep("staff", staff.clone(), fields);
    exchange.keep("user", compact_str::format_compact!("{user}"), Fields::new().with("email", name("email")));

    let mut shown = documented(exchange);
    let ids = |pairs: &[(&str, Value)]| -> Map<String, Value> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
    };
    let text = |text: &CompactString| Value::from(text.as_str());
    let owner = directory.as_ref().map(|directory| ("directory_id", text(directory)));
    let made = [("id", text(&business)), ("created_at", text(&now)), ("updated_at", text(&now))];
    let made: Vec<_> = made.into_iter().chain(owner).collect();
    overlay(&mut shown, "business", [said, ids(&made)]);
    overlay(&mut shown, "admin_account", [admin, ids(&[("staff_uid", text(&staff)), ("user_id", user.into())])]);
    overlay(&mut shown, "meta", [part(exchange.body, "meta").clone()]);
    Ok(Payload::empty().and("business", Datum::from(&Value::Object(shown))))
}

/// The documented answer, without what is around it.
fn documented(exchange: &Exchange<'_>) -> Map<String, Value> {
    let sample = exchange.operation.success_response().and_then(|response| response.sample());
    sample.map(|sample| part(value_of(sample, "data"), "business").clone()).unwrap_or_default()
}

fn overlay<const N: usize>(shown: &mut Map<String, Value>, name: &str, said: [Map<String, Value>; N]) {
    if let Some(Value::Object(known)) = shown.get_mut(name) {
        for (name, value) in said.into_iter().flatten() {
            if let Some(known) = known.get_mut(&name) {
                *known = value;
            }
        }
    }
}

fn value_of<'v>(value: &'v Value, name: &str) -> &'v Value {
    value.get(name).unwrap_or(&Value::Null)
}

fn part<'v>(value: &'v Value, name: &str) -> &'v Map<String, Value> {
    static NOTHING: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
    value_of(value, name).as_object().unwrap_or(&NOTHING)
}
