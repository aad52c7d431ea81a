use compact_str::CompactString;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::{Part, Payload, View, plain_length};
use crate::contract::{Member, Shape};
use crate::store::{Datum, decimal_text};

/// An answer seen through the shape of the documented one: its names, its order, its JSON types.
///
/// What the behaviour knows beyond the shape is left out; what the shape has beyond the behaviour is `null`.
pub struct Projection<'a> {
    out: &'a mut Vec<u8>,
    zone: &'a TimeZone,
}

impl<'a> Projection<'a> {
    /// Writes a payload through a shape; time stamps with an offset are written in that zone.
    pub fn write(out: &'a mut Vec<u8>, shape: &Shape, payload: &Payload, zone: &'a TimeZone) {
        let mut projection = Projection { out, zone };
        match shape {
            Shape::Object(members) => projection.object(members, |projection, member| {
                match payload.parts.iter().find(|(name, _)| *name == member.name) {
                    Some((_, part)) => projection.part(&member.shape, part),
                    None => projection.null(),
                }
            }),
            _ => projection.all(payload.parts.iter(), |projection, part| projection.part(&Shape::Any, part)),
        }
    }

    fn part(&mut self, shape: &Shape, part: &Part) {
        match (shape, part) {
            (_, Part::View(view)) => self.view(shape, view),
            (_, Part::Datum(datum)) => self.datum(shape, datum),
            (Shape::List(element), Part::Views(views)) => {
                self.list(views, |projection, view| projection.view(element, view));
            }
            (_, Part::Views(views)) => self.list(views, |projection, view| projection.view(&Shape::Any, view)),
        }
    }

    fn view(&mut self, shape: &Shape, view: &View) {
        let Shape::Object(members) = shape else {
            let id = (CompactString::const_new("id"), Datum::from(view.id()));
            let fields = view.iter().map(|(name, datum)| (CompactString::from(name), datum.clone()));
            let fields: Vec<_> = std::iter::once(id).chain(fields).collect();
            return self.all(fields.iter(), |projection, datum| projection.datum(&Shape::Any, datum));
        };
        let shown = members.iter().filter(|member| !view.leaves_out(&member.name));
        self.object(shown, |projection, member| match view.member(member) {
            Some(datum) => projection.datum(&member.shape, datum),
            // One value, called `id` in one family and `uid` in another.
            None if member.name == "id" || member.name == "uid" => projection.text(view.id()),
            None => projection.null(),
        });
    }

    fn datum(&mut self, shape: &Shape, datum: &Datum) {
        match (shape, datum) {
            (Shape::Object(members), Datum::Object(fields)) => {
                self.object(members, |projection, member| match fields.get_hinted(&member.name, &member.hint) {
                    Some(datum) => projection.datum(&member.shape, datum),
                    None => projection.null(),
                });
            }
            (Shape::List(element), Datum::List(list)) => {
                self.list(&**list, |projection, datum| projection.datum(element, datum));
            }
            (Shape::List(_), Datum::Null) => self.out.extend_from_slice(b"[]"),
            (Shape::Text, Datum::Decimal(number)) => self.text(&decimal_text(*number)),
            (Shape::Text, Datum::Integer(number)) => {
                self.out.push(b'"');
                self.json(number);
                self.out.push(b'"');
            }
            (Shape::Text, Datum::Bool(truth)) => self.text(if *truth { "true" } else { "false" }),
            (Shape::Number, Datum::Text(text)) => match text.parse() {
                Ok(number) => self.json(&Datum::Decimal(number)),
                Err(_) => self.text(text),
            },
            (Shape::Bool, Datum::Text(_)) => self.json(&Datum::Bool(datum.is_true())),
            (Shape::Time { millis, offset }, Datum::Text(text)) => {
                match respell_time(text, *millis, *offset, self.zone) {
                    Some(text) => self.text(&text),
                    None => self.text(text),
                }
            }
            (_, Datum::Text(text)) => self.text(text),
            (_, Datum::Null) => self.null(),
            (_, datum) => self.json(datum),
        }
    }

    fn object<'m>(
        &mut self,
        members: impl IntoIterator<Item = &'m Member>,
        mut value: impl FnMut(&mut Self, &'m Member),
    ) {
        self.out.push(b'{');
        for (place, member) in members.into_iter().enumerate() {
            // Written with the comma before it, which the first one lacks.
            self.out.extend_from_slice(&member.written.as_bytes()[usize::from(place == 0)..]);
            value(self, member);
        }
        self.out.push(b'}');
    }

    /// An object whose names no shape knows.
    fn all<'p, T: 'p>(
        &mut self,
        parts: impl Iterator<Item = &'p (CompactString, T)>,
        mut value: impl FnMut(&mut Self, &'p T),
    ) {
        self.out.push(b'{');
        for (place, (name, part)) in parts.enumerate() {
            if place > 0 {
                self.out.push(b',');
            }
            self.text(name);
            self.out.push(b':');
            value(self, part);
        }
        self.out.push(b'}');
    }

    fn list<'e, T: 'e>(&mut self, elements: impl IntoIterator<Item = &'e T>, mut value: impl FnMut(&mut Self, &'e T)) {
        self.out.push(b'[');
        for (place, element) in elements.into_iter().enumerate() {
            if place > 0 {
                self.out.push(b',');
            }
            value(self, element);
        }
        self.out.push(b']');
    }

    fn null(&mut self) {
        self.out.extend_from_slice(b"null");
    }

    /// Text; nearly all of it needs no escaping.
    fn text(&mut self, text: &str) {
        if plain_length(text.as_bytes()) == text.len() {
            self.out.reserve(text.len() + 2);
            self.out.push(b'"');
            self.out.extend_from_slice(text.as_bytes());
            self.out.push(b'"');
        } else {
            self.json(text);
        }
    }

    fn json<T: Serialize + ?Sized>(&mut self, value: &T) {
        serde_json::to_writer(&mut *self.out, value).expect("the value is JSON and memory takes it");
    }
}

/// A stored time stamp or date in the form of a documented one; `None` when it already is, or when nothing is
/// documented.
pub fn respelled(text: &str, shape: &Shape, zone: &TimeZone) -> Option<String> {
    match shape {
        Shape::Time { millis, offset } => respell_time(text, *millis, *offset, zone),
        _ => None,
    }
}

/// A stored time stamp (`2026-02-08T10:00:00.000Z`) or date in the form of the family; `None` when it already is.
fn respell_time(text: &str, millis: bool, offset: bool, zone: &TimeZone) -> Option<String> {
    if !offset && text.ends_with('Z') {
        let seconds = if millis { None } else { text.split_once('.') };
        return seconds.map(|(seconds, _)| format!("{seconds}Z"));
    }
    if offset && *zone == TimeZone::UTC && text.len() == 24 && text.ends_with('Z') {
        // As records keep it, but for the name of the offset.
        let end = if millis { 23 } else { 19 };
        return Some(format!("{}+00:00", text.get(..end)?));
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
