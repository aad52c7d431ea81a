//! Time slots of a weekly availability: `/business/scheduling/v1/time_slots`. Every change returns the whole week; day
//! 0 is Sunday.
//!
//! Source: catalogue-platform, rows sm-timeslot-aggregate, val-timeslot-range, dt-hhmm and env-timeslot-put.

use std::sync::Arc;

use compact_str::CompactString;

use crate::model::{FieldValue, Fields, Record};
use crate::request::{ApiError, Context, ErrorKind, RecordView, Reply};

const DAYS: usize = 7;

/// A slot: id, start time and end time.
type Slot = (CompactString, CompactString, CompactString);

/// `GET /api/v2/weekly_availabilities/{uid}`: callers send `general_availability=true`. The names of the slots differ from
/// those after a change.
pub fn read_week(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    check_caller(ctx)?;
    let not_found = || ApiError::new(ErrorKind::Absent, "Weekly availability not found");
    let week = ctx.owned_record("weekly_availability", &ctx.path[0]).ok_or_else(not_found)?;
    let view = RecordView::of(&week).with("id", week.get("number").clone()).with("uid", &week.id);
    let slot = |(id, start, end): Slot| {
        FieldValue::from(Fields::new().with("uid", id).with("start_time", start).with("end_time", end))
    };
    let day = |(day, slots): (usize, Vec<Slot>)| {
        let fields = Fields::new().with("day", day as i64).with("enabled", !slots.is_empty());
        FieldValue::from(fields.with("time_slots", slots.into_iter().map(slot).collect::<Vec<_>>()))
    };
    let days: Vec<FieldValue> = read_days(&week).into_iter().enumerate().map(day).collect();
    Ok(Reply::one("general_availability", view.with("time_slots_by_day", days)))
}

/// `POST …/time_slots`.
pub fn create(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    check_caller(ctx)?;
    let week = find_week(ctx)?;
    let day = ctx.body_field(&["day"]).as_u64().and_then(|day| usize::try_from(day).ok()).filter(|day| *day < DAYS);
    let day = day.ok_or_else(|| ApiError::invalid("day", "Day must be between 0 and 6"))?;
    let (start, end) = read_span(ctx)?;
    let mut days = read_days(&week);
    days[day].push((ctx.state.ids.uid(), start, end));
    days[day].sort_by(|a, b| a.1.cmp(&b.1));
    Ok(store(ctx, &week, days))
}

/// `PUT …/time_slots/{time_slot_uid}`.
pub fn update(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    check_caller(ctx)?;
    let (week, mut days, day, index) = find_slot(ctx)?;
    let (start, end) = read_span(ctx)?;
    let id = days[day][index].0.clone();
    days[day][index] = (id, start, end);
    days[day].sort_by(|a, b| a.1.cmp(&b.1));
    Ok(store(ctx, &week, days))
}

/// `DELETE …/time_slots/{time_slot_uid}`.
pub fn delete(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    check_caller(ctx)?;
    let (week, mut days, day, index) = find_slot(ctx)?;
    days[day].remove(index);
    Ok(store(ctx, &week, days))
}

/// Checks that the caller may change a week: administrators may change those of every business.
fn check_caller(ctx: &Context<'_>) -> Result<(), ApiError> {
    match ctx.caller.kind.as_str() {
        "admin" | "internal" => Ok(()),
        _ => ctx.owner().map(|_| ()),
    }
}

fn find_week(ctx: &Context<'_>) -> Result<Arc<Record>, ApiError> {
    let week = ctx.owned_record("weekly_availability", ctx.body_text("weekly_availability_uid").unwrap_or_default());
    week.ok_or_else(|| ApiError::new(ErrorKind::Absent, "Weekly availability not found").unknown())
}

/// Start and end time of the slot in the request, `HH:MM`.
fn read_span(ctx: &Context<'_>) -> Result<(CompactString, CompactString), ApiError> {
    let required = |name: &str| ctx.body_text(name).map(CompactString::from).ok_or_else(|| ApiError::missing(name));
    let (start, end) = (required("start_time")?, required("end_time")?);
    match start < end {
        true => Ok((start, end)),
        false => Err(ApiError::invalid("end_time", "End time must be after start time")),
    }
}

/// The week with the slot of the path, its days, and the day and index of the slot.
#[allow(clippy::type_complexity, reason = "a place in a week, used twice")]
fn find_slot(ctx: &Context<'_>) -> Result<(Arc<Record>, Vec<Vec<Slot>>, usize, usize), ApiError> {
    let weeks = ctx.state.store.all("weekly_availability").filter(|week| ctx.is_own(week));
    for week in weeks {
        let days = read_days(week);
        for day in 0..days.len() {
            if let Some(index) = days[day].iter().position(|slot| slot.0 == ctx.path[0]) {
                return Ok((Arc::clone(week), days, day, index));
            }
        }
    }
    Err(ApiError::new(ErrorKind::Absent, "Time slot not found").unknown())
}

fn read_days(week: &Record) -> Vec<Vec<Slot>> {
    let mut days = vec![Vec::new(); DAYS];
    for day in week.get("time_slots_by_day").as_list() {
        let Some(index) = day.get("day").as_integer().and_then(|day| usize::try_from(day).ok()) else { continue };
        if let Some(slots) = days.get_mut(index) {
            let text =
                |slot: &FieldValue, name: &str| CompactString::from(slot.get(name).as_text().unwrap_or_default());
            let of = |slot: &FieldValue| (text(slot, "id"), text(slot, "start_time"), text(slot, "end_time"));
            slots.extend(day.get("slots").as_list().iter().map(of));
        }
    }
    days
}

fn store(ctx: &mut Context<'_>, week: &Record, days: Vec<Vec<Slot>>) -> Reply {
    let slot = |(id, start, end): Slot| {
        FieldValue::from(Fields::new().with("id", id).with("start_time", start).with("end_time", end))
    };
    let day = |(day, slots): (usize, Vec<Slot>)| {
        let fields = Fields::new().with("day", day as i64).with("enabled", !slots.is_empty());
        FieldValue::from(fields.with("slots", slots.into_iter().map(slot).collect::<Vec<_>>()))
    };
    let mut changed = week.clone();
    changed.fields.set("time_slots_by_day", days.into_iter().enumerate().map(day).collect::<Vec<_>>());
    let week = ctx.state.store.put(changed);
    let number = week.get("number").clone();
    Reply::one("general_availability", RecordView::of(&week).with("id", number).with("uid", &week.id))
}
