//! Time slots of a weekly availability: `/business/scheduling/v1/time_slots`.
//!
//! Source: catalogue-platform, rows `sm-timeslot-aggregate`, `val-timeslot-range`, `dt-hhmm` and `env-timeslot-put`.
//! Every change returns the whole week; day 0 is Sunday.

use std::sync::Arc;

use compact_str::CompactString;

use crate::exchange::{Exchange, Payload, Refusal, RefusalKind, TokenKind, View};
use crate::store::{Datum, Fields, Record};

const DAYS: usize = 7;

/// A slot: its id, from when, until when.
type Slot = (CompactString, CompactString, CompactString);

/// `POST …/time_slots`.
pub fn create(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    allowed(exchange)?;
    let week = week(exchange)?;
    let day = exchange.sent(&["day"]).as_u64().and_then(|day| usize::try_from(day).ok()).filter(|day| *day < DAYS);
    let day = day.ok_or_else(|| Refusal::invalid("day", "Day must be between 0 and 6"))?;
    let (start, end) = span(exchange)?;
    let mut days = days(&week);
    days[day].push((exchange.world.ids.uid(), start, end));
    days[day].sort_by(|a, b| a.1.cmp(&b.1));
    Ok(put(exchange, &week, days))
}

/// `PUT …/time_slots/{time_slot_uid}`.
pub fn update(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    allowed(exchange)?;
    let (week, mut days, day, place) = found(exchange)?;
    let (start, end) = span(exchange)?;
    let id = days[day][place].0.clone();
    days[day][place] = (id, start, end);
    days[day].sort_by(|a, b| a.1.cmp(&b.1));
    Ok(put(exchange, &week, days))
}

/// `DELETE …/time_slots/{time_slot_uid}`.
pub fn delete(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    allowed(exchange)?;
    let (week, mut days, day, place) = found(exchange)?;
    days[day].remove(place);
    Ok(put(exchange, &week, days))
}

/// Administrators change the weeks of every business.
fn allowed(exchange: &Exchange<'_>) -> Result<(), Refusal> {
    match exchange.caller.kind {
        TokenKind::Admin | TokenKind::Internal => Ok(()),
        _ => exchange.business().map(|_| ()),
    }
}

fn week(exchange: &Exchange<'_>) -> Result<Arc<Record>, Refusal> {
    let week = exchange.own("weekly_availability", exchange.sent_text("weekly_availability_uid").unwrap_or_default());
    week.ok_or_else(|| Refusal::new(RefusalKind::Absent, "Weekly availability not found").unknown())
}

/// From when until when, `HH:MM`.
fn span(exchange: &Exchange<'_>) -> Result<(CompactString, CompactString), Refusal> {
    let of = |name: &str| exchange.sent_text(name).map(CompactString::from).ok_or_else(|| Refusal::missing(name));
    let (start, end) = (of("start_time")?, of("end_time")?);
    match start < end {
        true => Ok((start, end)),
        false => Err(Refusal::invalid("end_time", "End time must be after start time")),
    }
}

/// The week that has the slot which the path names, its days, and the slot's place.
#[allow(clippy::type_complexity, reason = "a place in a week, used twice")]
fn found(exchange: &Exchange<'_>) -> Result<(Arc<Record>, Vec<Vec<Slot>>, usize, usize), Refusal> {
    let weeks = exchange.world.store.all("weekly_availability").filter(|week| exchange.is_own(week));
    for week in weeks {
        let days = days(week);
        for day in 0..days.len() {
            if let Some(place) = days[day].iter().position(|slot| slot.0 == exchange.path[0]) {
                return Ok((Arc::clone(week), days, day, place));
            }
        }
    }
    Err(Refusal::new(RefusalKind::Absent, "Time slot not found").unknown())
}

fn days(week: &Record) -> Vec<Vec<Slot>> {
    let mut days = vec![Vec::new(); DAYS];
    for day in week.get("time_slots_by_day").as_list() {
        let Some(place) = day.get("day").as_integer().and_then(|day| usize::try_from(day).ok()) else { continue };
        if let Some(slots) = days.get_mut(place) {
            let text = |slot: &Datum, name: &str| CompactString::from(slot.get(name).as_text().unwrap_or_default());
            let of = |slot: &Datum| (text(slot, "id"), text(slot, "start_time"), text(slot, "end_time"));
            slots.extend(day.get("slots").as_list().iter().map(of));
        }
    }
    days
}

fn put(exchange: &mut Exchange<'_>, week: &Record, days: Vec<Vec<Slot>>) -> Payload {
    let slot = |(id, start, end): Slot| {
        Datum::from(Fields::new().with("id", id).with("start_time", start).with("end_time", end))
    };
    let day = |(day, slots): (usize, Vec<Slot>)| {
        let fields = Fields::new().with("day", day as i64).with("enabled", !slots.is_empty());
        Datum::from(fields.with("slots", slots.into_iter().map(slot).collect::<Vec<_>>()))
    };
    let mut changed = week.clone();
    changed.fields.set("time_slots_by_day", days.into_iter().enumerate().map(day).collect::<Vec<_>>());
    let week = exchange.world.store.put(changed);
    let number = week.get("number").clone();
    Payload::one("general_availability", View::of(&week).with("id", number).with("uid", &week.id))
}
