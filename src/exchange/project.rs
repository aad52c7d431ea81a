use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use super::{Part, Payload, View};
use crate::contract::Shape;
use crate::store::{Datum, decimal_text};

/// An answer seen through the shape of the documented one: its names, its order, its JSON types.
///
/// What the behaviour knows beyond the shape is left out; what the shape has beyond the behaviour is `null`.
pub struct Projected<'a> {
    shape: &'a Shape,
    source: Source<'a>,
    zone: &'a TimeZone,
}

#[derive(Clone, Copy)]
enum Source<'a> {
    Payload(&'a Payload),
    View(&'a View),
    Views(&'a [View]),
    Datum(&'a Datum),
}

impl<'a> Projected<'a> {
    /// A payload through a shape; time stamps with an offset are written in that zone.
    pub fn new(shape: &'a Shape, payload: &'a Payload, zone: &'a TimeZone) -> Self {
        Self { shape, source: Source::Payload(payload), zone }
    }

    fn with(&self, shape: &'a Shape, source: Source<'a>) -> Self {
        Self { shape, source, zone: self.zone }
    }

    /// The part of that name, if the source knows it.
    fn part(&self, name: &str, shape: &'a Shape) -> Option<Self> {
        let source = match self.source {
            Source::Payload(payload) => {
                payload.parts.iter().find(|(known, _)| known == name).map(|(_, part)| Source::of(part))?
            }
            Source::View(view) => Source::Datum(view.get(name)?),
            Source::Datum(datum) => Source::Datum(datum.as_object()?.get(name)?),
            Source::Views(_) => return None,
        };
        Some(self.with(shape, source))
    }

    /// The id, which every view has under both of its names.
    fn id(&self, name: &str) -> Option<&'a str> {
        match self.source {
            Source::View(view) if name == "id" || name == "uid" => Some(view.id()),
            _ => None,
        }
    }
}

impl<'a> Source<'a> {
    fn of(part: &'a Part) -> Self {
        match part {
            Part::View(view) => Self::View(view),
            Part::Views(views) => Self::Views(views),
            Part::Datum(datum) => Self::Datum(datum),
        }
    }
}

impl Serialize for Projected<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (self.shape, self.source) {
            (_, Source::Datum(Datum::Null)) => match self.shape {
                Shape::List(_) => serializer.serialize_seq(Some(0))?.end(),
                _ => serializer.serialize_unit(),
            },
            (Shape::Object(parts), Source::Payload(_) | Source::View(_) | Source::Datum(Datum::Object(_))) => {
                let mut map = serializer.serialize_map(None)?;
                for (name, shape) in parts {
                    if matches!(self.source, Source::View(view) if view.leaves_out(name)) {
                        continue;
                    }
                    match (self.part(name, shape), self.id(name)) {
                        (Some(part), _) => map.serialize_entry(name.as_str(), &part)?,
                        (None, Some(id)) => map.serialize_entry(name.as_str(), id)?,
                        (None, None) => map.serialize_entry(name.as_str(), &())?,
                    }
                }
                map.end()
            }
            (Shape::List(element), Source::Views(views)) => {
                serializer.collect_seq(views.iter().map(|view| self.with(element, Source::View(view))))
            }
            (Shape::List(element), Source::Datum(Datum::List(list))) => {
                serializer.collect_seq(list.iter().map(|datum| self.with(element, Source::Datum(datum))))
            }
            (shape, Source::Datum(datum)) => scalar(shape, datum, self.zone, serializer),
            (_, Source::View(view)) => {
                let mut map = serializer.serialize_map(None)?;
                map.serialize_entry("id", view.id())?;
                for (name, datum) in view.iter() {
                    map.serialize_entry(name, datum)?;
                }
                map.end()
            }
            (_, Source::Views(views)) => {
                let mut seq = serializer.serialize_seq(Some(views.len()))?;
                for view in views {
                    seq.serialize_element(&self.with(&Shape::Any, Source::View(view)))?;
                }
                seq.end()
            }
            (_, Source::Payload(payload)) => {
                let mut map = serializer.serialize_map(Some(payload.parts.len()))?;
                for (name, part) in &payload.parts {
                    map.serialize_entry(name.as_str(), &self.with(&Shape::Any, Source::of(part)))?;
                }
                map.end()
            }
        }
    }
}

fn scalar<S: Serializer>(shape: &Shape, datum: &Datum, zone: &TimeZone, serializer: S) -> Result<S::Ok, S::Error> {
    match (shape, datum) {
        (Shape::Text, Datum::Decimal(number)) => serializer.serialize_str(&decimal_text(*number)),
        (Shape::Text, Datum::Integer(number)) => serializer.collect_str(number),
        (Shape::Text, Datum::Bool(truth)) => serializer.serialize_str(if *truth { "true" } else { "false" }),
        (Shape::Number, Datum::Text(text)) => match text.parse::<Decimal>() {
            Ok(number) => Datum::Decimal(number).serialize(serializer),
            Err(_) => serializer.serialize_str(text),
        },
        (Shape::Bool, Datum::Text(_)) => serializer.serialize_bool(datum.is_true()),
        (Shape::Time { millis, offset }, Datum::Text(text)) => match respell_time(text, *millis, *offset, zone) {
            Some(text) => serializer.serialize_str(&text),
            None => serializer.serialize_str(text),
        },
        _ => datum.serialize(serializer),
    }
}

/// A stored time stamp (`2026-02-08T10:00:00.000Z`) or date in the form of the family; `None` when it already is.
fn respell_time(text: &str, millis: bool, offset: bool, zone: &TimeZone) -> Option<String> {
    if !offset && text.ends_with('Z') {
        return match (millis, text.split_once('.')) {
            (false, Some((seconds, _))) => Some(format!("{seconds}Z")),
            _ => None,
        };
    }
    let zone = if offset { zone.clone() } else { TimeZone::UTC };
    let zoned = match text.parse::<Timestamp>() {
        Ok(time) => time.to_zoned(zone),
        Err(_) => text.parse::<Date>().ok()?.to_zoned(zone).ok()?,
    };
    let form = match (millis, offset) {
        (true, true) => "%Y-%m-%dT%H:%M:%S%.3f%:z",
        (false, true) => "%Y-%m-%dT%H:%M:%S%:z",
        (true, false) => "%Y-%m-%dT%H:%M:%S%.3fZ",
        (false, false) => "%Y-%m-%dT%H:%M:%SZ",
    };
    Some(zoned.strftime(form).to_string())
}
