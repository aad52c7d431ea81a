//! In Rust: a search over indexes, with hits of many forms.
//!
//! `/v2/search`: finds clients and their records by a part of a name, an address or a title.
//!
//! Of the filters and orders in the contract only the text, the kinds and the page are implemented. Source:
//! catalogue-sales, row search-v2, and the contract.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use compact_str::CompactString;
use jiff::Timestamp;
use memchr::memmem::Finder;
use smallvec::SmallVec;

use super::matter;
use crate::apis::intandem::money;
use crate::handlers::paging::{MAX_SIZE, Paging, Window};
use crate::model::{FieldValue, Fields, Record, Texts};
use crate::request::{ApiError, Context, ErrorKind, Reply};

/// The kinds of hits in the order of the contract, with the kind of their records.
const KINDS: [(&str, &str); 6] = [
    ("client", "client"),
    ("conversation", "matter"),
    ("booking", "booking"),
    ("appointment", "booking"),
    ("estimate", "estimate"),
    ("payment", "payment"),
];

/// The fields in which a record names its client.
const CLIENT_FIELDS: [&str; 2] = ["client_uid", "client_id"];

/// The fields in which a search looks, besides the name.
const TEXT_FIELDS: [&str; 4] = ["email", "mobile_phone", "display_name", "title"];

/// If a search finds more clients than one of so many records, looking at all records is faster than finding those of each.
const MANY_CLIENTS: usize = 16;

/// `GET /v2/search`: hits and counts by kind. Searches for appointments, for event dates and, with `new_decoration`,
/// for clients only have responses of other forms.
pub fn search(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    ctx.owner()?;
    let parameter = |name: &str| ctx.query.get(name).filter(|value| !value.is_empty());
    let term = ctx.query.get("query").unwrap_or_default().trim().to_lowercase();
    let clients = find(ctx, "client", &term, &[]);
    let find = |kind: &str| if kind == "client" { clients.clone() } else { find(ctx, kind, &term, &clients) };
    let window = Window::new(ctx.query, Paging { max_size: MAX_SIZE, ..Paging::default() });
    let page = |found: &[Arc<Record>], render: &dyn Fn(&Record) -> Fields| -> Vec<FieldValue> {
        window.clone().cut(found.iter()).map(|record| without_nulls(&render(record))).collect()
    };
    let respond = |name: &str, kind: &str, render: &dyn Fn(&Record) -> Fields| {
        let hits = find(kind);
        if hits.is_empty() {
            return Err(ApiError::new(ErrorKind::Absent, format!("Cant find match {name}")));
        }
        let reply = Reply::bare().and("success", true).and(name, page(&hits, render));
        Ok(reply.and("count", hits.len() as i64).and("next_page", FieldValue::Null))
    };
    match parameter("entity") {
        Some("appointment") => return respond("appointments", "booking", &|record| appointment(ctx, record)),
        Some("event_instance") => return respond("events", "event_instance", &event),
        Some("client") | None if parameter("new_decoration") == Some("true") => {
            let hits = find("matter");
            let matters = page(&hits, &|record| matter_row(ctx, record));
            return Ok(Reply::bare().and("counts", hits.len() as i64).and("matters", matters));
        }
        _ => {}
    }
    let requested = parameter("entity").or_else(|| parameter("entities"));
    let is_requested =
        |name: &str| requested.is_none_or(|requested| requested.split(',').any(|one| one.trim() == name));
    let (mut hits, mut counts) = (Fields::new(), Fields::new());
    for (name, kind) in KINDS.into_iter().filter(|(name, _)| is_requested(name)) {
        let all = find(kind);
        counts.set(name, all.len() as i64);
        hits.set(name, page(&all, &|record| hit(ctx, name, record)));
    }
    Ok(Reply::bare().and("top_hits", hits).and("counts", counts))
}

/// The records of a kind that contain the searched text, or whose client is one of these.
fn find(ctx: &Context<'_>, kind: &str, term: &str, clients: &[Arc<Record>]) -> Vec<Arc<Record>> {
    let store = &ctx.state.store;
    let finder = Finder::new(term);
    let contains = |record: &Record| {
        term.is_empty()
            || TEXT_FIELDS.iter().any(|name| has_part(record.text(name), &finder))
            || has_part(&matter::full_name(record), &finder)
    };
    let with_text = store.with_part(kind, term).filter(|(_, record)| contains(record));
    let ids: HashSet<&str> = clients.iter().map(|client| client.id.as_str()).collect();
    let is_of_clients = |(_, record): &(u64, &Arc<Record>)| client_of(record).is_some_and(|id| ids.contains(id));
    let mut found: BTreeMap<u64, &Arc<Record>> = with_text.collect();
    if ids.len() > store.count(kind) / MANY_CLIENTS {
        found.extend(store.with_part(kind, "").filter(is_of_clients));
    } else {
        for (id, field) in ids.iter().flat_map(|id| CLIENT_FIELDS.map(|field| (id, field))) {
            found.extend(store.find_by(kind, field, id).filter(is_of_clients));
        }
    }
    found.into_values().filter(|record| ctx.is_own(record)).cloned().collect()
}

/// Whether a text has a part, which is in lower case.
fn has_part(text: &str, part: &Finder<'_>) -> bool {
    if !text.is_ascii() {
        return part.find(text.to_lowercase().as_bytes()).is_some();
    }
    // Without memory of its own for the usual text: a search looks at many records that do not have the part.
    let mut lower = SmallVec::<[u8; 64]>::from_slice(text.as_bytes());
    lower.make_ascii_lowercase();
    part.find(&lower).is_some()
}

/// The texts of a record in which a search looks.
pub(super) fn texts(record: &Record) -> Texts {
    let fields = TEXT_FIELDS.map(|name| record.text(name));
    let name = matter::full_name(record);
    let texts = fields.into_iter().chain([name.as_str()]).filter(|text| !text.is_empty());
    texts.map(CompactString::from_str_to_lowercase).collect()
}

/// The client that a record refers to.
fn client(ctx: &Context<'_>, record: &Record) -> Option<Arc<Record>> {
    ctx.owned_record("client", client_of(record)?)
}

fn default_matter(ctx: &Context<'_>, client: &str) -> Option<Arc<Record>> {
    matter::of_client(ctx.state, client).next().cloned()
}

/// A hit of that kind.
fn hit(ctx: &Context<'_>, kind: &str, record: &Record) -> Fields {
    let get = |name: &str| record.get(name).clone();
    match kind {
        "client" => {
            let matter = default_matter(ctx, &record.id);
            let of_matter = |name: &str| matter.as_ref().map(|matter| matter.get(name).clone()).unwrap_or_default();
            Fields::new()
                .with("uid", &record.id)
                .with("first_name", get("first_name"))
                .with("last_name", get("last_name"))
                .with("full_name", matter::full_name(record))
                .with("email", get("email"))
                .with("phone", get("mobile_phone"))
                .with("matter_uid", matter.as_ref().map(|matter| &matter.id))
                .with("matter_name", of_matter("display_name"))
                .with("created_at", get("created_at"))
                .with("created_at_h", day(record.text("created_at")))
                .with("primary_staff_uid", get("staff_id"))
                .with("tag_list", get("tags"))
        }
        "conversation" => Fields::new()
            .with("uid", &record.id)
            .with("updated_at", get("updated_at"))
            .with("updated_at_h", day(record.text("updated_at"))),
        "booking" => Fields::new()
            .with("uid", &record.id)
            .with("start_time", get("start_time"))
            .with("start_date_h", day(record.text("start_time"))),
        "appointment" => appointment(ctx, record),
        "payment" => Fields::new()
            .with("uid", &record.id)
            .with("amount", get("amount"))
            .with("currency", get("currency"))
            .with(
                "amount_h",
                money::format_amount(get("amount").as_decimal().unwrap_or_default(), record.text("currency")),
            )
            .with("title", get("title"))
            .with("created_at", get("created_at"))
            .with("created_at_h", day(record.text("created_at"))),
        _ => Fields::new()
            .with("uid", &record.id)
            .with("created_at", get("created_at"))
            .with("created_at_h", day(record.text("created_at"))),
    }
}

/// An appointment. It is `not_paid` until its payment request is paid.
fn appointment(ctx: &Context<'_>, booking: &Record) -> Fields {
    let get = |name: &str| booking.get(name).clone();
    let client = client(ctx, booking);
    let of_client = |name: &str| client.as_ref().map(|client| client.get(name).clone()).unwrap_or_default();
    let matter = ctx.owned_record("matter", booking.text("conversation_id"));
    let request = booking.get("payment_status").get("uid").as_text();
    let request = request.and_then(|uid| ctx.owned_record("payment_request", uid));
    let payment = request.map(|request| if request.text("state") == "paid" { "paid" } else { "not_paid" });
    Fields::new()
        .with("id", &booking.id)
        .with("title", get("title"))
        .with("staff_id", get("staff_id"))
        .with("staff_display_name", get("staff_display_name"))
        .with("state", get("state"))
        .with("start_time", get("start_time"))
        .with("start_time_utc", get("start_time"))
        .with("duration", get("duration"))
        .with("client_id", get("client_id"))
        .with("client_first_name", of_client("first_name"))
        .with("client_last_name", of_client("last_name"))
        .with("client_full_name", client.as_ref().map(|client| matter::full_name(client)))
        .with("client_email", of_client("email"))
        .with("payment_status", payment)
        .with("no_show", get("no_show"))
        .with("matter_id", get("conversation_id"))
        .with("matter_name", matter.map(|matter| matter.get("display_name").clone()).unwrap_or_default())
        .with("rsvp_state", get("rsvp_state"))
}

fn event(instance: &Record) -> Fields {
    let get = |name: &str| instance.get(name).clone();
    Fields::new().with("uid", &instance.id).with("title", get("title")).with("start_time", get("start_time"))
}

/// A client as a row of matters.
fn matter_row(ctx: &Context<'_>, record: &Record) -> Fields {
    let client = client(ctx, record);
    let of_client = |name: &str| client.as_ref().map(|client| client.get(name).clone()).unwrap_or_default();
    let tags: Vec<&str> = record.get("tags").as_list().iter().filter_map(FieldValue::as_text).collect();
    Fields::new()
        .with("matter_uid", &record.id)
        .with("matter_name", record.get("display_name").clone())
        .with("contact_uid", record.get("client_uid").clone())
        .with("contact_full_name", client.as_ref().map(|client| matter::full_name(client)))
        .with("contact_email", of_client("email"))
        .with("phone_to_display", of_client("mobile_phone"))
        .with("contact_status", of_client("customer_status"))
        .with("tags", tags.join(" "))
        .with("contact_address", of_client("address"))
        .with("created_at", record.get("created_at").clone())
}

/// A hit without its null members, which the contract does not allow.
fn without_nulls(fields: &Fields) -> FieldValue {
    let members = fields.iter().filter(|(_, value)| !value.is_null());
    members.map(|(name, value)| (name.into(), value.clone())).collect::<Fields>().into()
}

/// A day as `Jan 15`.
fn day(time: &str) -> Option<String> {
    let day = time.parse::<Timestamp>().ok()?.to_zoned(jiff::tz::TimeZone::UTC).date();
    Some(day.strftime("%b %-d").to_string())
}

/// The client that a record names.
fn client_of(record: &Record) -> Option<&str> {
    CLIENT_FIELDS.iter().find_map(|name| record.get(name).as_text())
}
