use compact_str::CompactString;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::{RecordView, Reply, ReplyPart, plain_length};
use crate::model::{FieldValue, decimal_text};
use crate::openapi::{Member, Shape};

/// An answer seen through the shape of the documented one: its names, its order, its JSON types.
///
/// What the behaviour knows beyond the shape is left out; what the shape has beyond the behaviour is `null`.
pub struct ShapedWriter<'a> {
    out: &'a mut Vec<u8>,
    zone: &'a TimeZone,
}

impl<'a> ShapedWriter<'a> {
    /// Writes a payload through a shape; time stamps with an offset are written in that zone.
    pub fn write(out: &'a mut Vec<u8>, shape: &Shape, reply: &Reply, zone: &'a TimeZone) {
        let mut writer = ShapedWriter { out, zone };
        match shape {
            Shape::Object(members) => writer.object(members, |writer, member| {
                match reply.parts.iter().find(|(name, _)| *name == member.name) {
                    Some((_, part)) => writer.part(&member.shape, part),
                    None => writer.null(),
                }
            }),
            _ => writer.all(reply.parts.iter(), |writer, part| writer.part(&Shape::Any, part)),
        }
    }

    fn part(&mut self, shape: &Shape, part: &ReplyPart) {
        match (shape, part) {
            (_, ReplyPart::RecordView(view)) => self.view(shape, view),
            (_, ReplyPart::FieldValue(datum)) => self.datum(shape, datum),
            (Shape::List(element), ReplyPart::Views(views)) => {
                self.list(views, |writer, view| writer.view(element, view));
            }
            (_, ReplyPart::Views(views)) => self.list(views, |writer, view| writer.view(&Shape::Any, view)),
        }
    }

    fn view(&mut self, shape: &Shape, view: &RecordView) {
        let Shape::Object(members) = shape else {
            let id = (CompactString::const_new("id"), FieldValue::from(view.id()));
            let fields = view.iter().map(|(name, datum)| (CompactString::from(name), datum.clone()));
            let fields: Vec<_> = std::iter::once(id).chain(fields).collect();
            return self.all(fields.iter(), |writer, datum| writer.datum(&Shape::Any, datum));
        };
        let shown = members.iter().filter(|member| !view.hides(&member.name));
        self.object(shown, |writer, member| match view.member(member) {
            Some(datum) => writer.datum(&member.shape, datum),
            // One value, called `id` in one family and `uid` in another.
            None if member.name == "id" || member.name == "uid" => writer.text(view.id()),
            None => writer.null(),
        });
    }

    fn datum(&mut self, shape: &Shape, datum: &FieldValue) {
        match (shape, datum) {
            (Shape::Object(members), FieldValue::Object(fields)) => {
                self.object(members, |writer, member| match fields.get_hinted(&member.name, &member.hint) {
                    Some(datum) => writer.datum(&member.shape, datum),
                    None => writer.null(),
                });
            }
            (Shape::List(element), FieldValue::List(list)) => {
                self.list(&**list, |writer, datum| writer.datum(element, datum));
            }
            (Shape::List(_), FieldValue::Null) => self.out.extend_from_slice(b"[]"),
            (Shape::Text, FieldValue::Decimal(number)) => self.text(&decimal_text(*number)),
            (Shape::Text, FieldValue::Integer(number)) => {
                self.out.push(b'"');
                self.json(number);
                self.out.push(b'"');
            }
            (Shape::Text, FieldValue::Bool(truth)) => self.text(if *truth { "true" } else { "false" }),
            (Shape::Number, FieldValue::Text(text)) => match text.parse() {
                Ok(number) => self.json(&FieldValue::Decimal(number)),
                Err(_) => self.text(text),
            },
            (Shape::Bool, FieldValue::Text(_)) => self.json(&FieldValue::Bool(datum.is_true())),
            (Shape::Time { millis, offset }, FieldValue::Text(text)) => {
                match reformat_time_text(text, *millis, *offset, self.zone) {
                    Some(text) => self.text(&text),
                    None => self.text(text),
                }
            }
            (_, FieldValue::Text(text)) => self.text(text),
            (_, FieldValue::Null) => self.null(),
            (_, datum) => self.json(datum),
        }
    }

    fn object<'m>(
        &mut self,
        members: impl IntoIterator<Item = &'m Member>,
        mut value: impl FnMut(&mut Self, &'m Member),
    ) {
        self.out.push(b'{');
        for (index, member) in members.into_iter().enumerate() {
            // Rendered with the comma before it, which the first one lacks.
            self.out.extend_from_slice(&member.written.as_bytes()[usize::from(index == 0)..]);
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
        for (index, (name, part)) in parts.enumerate() {
            if index > 0 {
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
        for (index, element) in elements.into_iter().enumerate() {
            if index > 0 {
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
pub fn reformat_time(text: &str, shape: &Shape, zone: &TimeZone) -> Option<String> {
    match shape {
        Shape::Time { millis, offset } => reformat_time_text(text, *millis, *offset, zone),
        _ => None,
    }
}

/// A stored time stamp (`2026-02-08T10:00:00.000Z`) or date in the form of the family; `None` when it already is.
fn reformat_time_text(text: &str, millis: bool, offset: bool, zone: &TimeZone) -> Option<String> {
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
