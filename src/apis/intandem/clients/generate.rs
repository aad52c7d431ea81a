//! Realistic people to fill a world up with. In Rust: random people.

use compact_str::{CompactString, format_compact};
use fake::Fake;
use fake::faker::address::en::{CityName, StreetName};
use fake::faker::name::en::{FirstName, LastName};
use jiff::{SignedDuration, Timestamp};
use rand::RngExt;

use super::matter;
use crate::model::Fields;
use crate::openapi::{Resource, Resources};
use crate::request::{State, time_text};

/// Adds records of a kind until there are so many. People can be generated: clients, each with a conversation.
///
/// # Errors
/// A sentence, when records of that kind cannot be generated, or there is no business for them.
pub(in crate::apis) fn fill_up(
    state: &mut State,
    resources: &Resources,
    resource: &Resource,
    count: usize,
    now: Timestamp,
) -> Result<(), String> {
    let matters = match (resource.kind.as_str(), resources.get("matter")) {
        ("client", Some(matters)) => matters,
        _ => return Err(format!("{} cannot be generated; clients can", resource.plural)),
    };
    let business = state.store.all("business").next().map(|business| business.id.clone());
    let business = business.ok_or("there is no business for generated clients; add one under `records: businesses`")?;
    let staff =
        state.store.all("staff").find(|staff| staff.text("business_uid") == business).map(|staff| staff.id.clone());
    let known = state.store.all("client").count();
    for number in known..count {
        let (id, person) = (state.ids.uid(), person(state, &business, staff.clone(), number, now));
        let client = state.store.put(resource.record(id, person));
        let matter = matter::first_of(&client, client.text("created_at"));
        let matter = matters.record(state.ids.uid(), matter);
        state.store.put(matter);
    }
    Ok(())
}

fn person(
    state: &mut State,
    business: &CompactString,
    staff: Option<CompactString>,
    number: usize,
    now: Timestamp,
) -> Fields {
    let random = state.ids.random();
    let first: String = FirstName().fake_with_rng(random);
    let last: String = LastName().fake_with_rng(random);
    let (street, city): (String, String) = (StreetName().fake_with_rng(random), CityName().fake_with_rng(random));
    let phone = format_compact!("+1555{:07}", random.random_range(0..10_000_000));
    let status = ["lead", "customer", "customer", "loyal"][random.random_range(0..4)];
    let age = SignedDuration::from_mins(random.random_range(0..400 * 24 * 60));
    let created = now.checked_sub(age).unwrap_or(now);
    // The number keeps addresses apart where two people have one name.
    let email = format_compact!("{}.{}{number}@example.com", plain(&first), plain(&last));
    Fields::new()
        .with("business_uid", business)
        .with("staff_id", staff)
        .with("first_name", first)
        .with("last_name", last)
        .with("email", email)
        .with("mobile_phone", &phone)
        .with("normalized_phone", &phone)
        .with("address", format!("{} {street}, {city}", random.random_range(1..200)))
        .with("customer_status", status)
        .with("created_at", time_text(created))
        .with("updated_at", time_text(created))
}

fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphabetic).collect::<String>().to_lowercase()
}
