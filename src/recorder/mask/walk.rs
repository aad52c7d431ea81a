//! Visits every text of a request and of a response with what its place says about it.

use form_urlencoded::Serializer;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::openapi::template::parameter_name;
use crate::request::{Place, Sensitive, flat_name, is_media_type, is_opaque, is_person, kind_of, visit_value};
use crate::scenarios::{PlainRequest, PlainResponse, percent_encoded};

/// A text in a message.
pub(super) struct Spot<'s> {
    /// What its name says that it is.
    pub(super) kind: Option<Sensitive>,
    /// Whether it stands in a field that is kept as it is.
    pub(super) is_kept: bool,
    /// The text, or a number as text.
    pub(super) text: &'s mut String,
}

/// Visits messages.
pub(in crate::recorder) struct Walk<'a> {
    /// Names of fields that are kept, as [`flat_name`] writes them.
    pub(in crate::recorder) keep: &'a [String],
    /// Whether a name is that of an id of a record.
    pub(in crate::recorder) is_reference: &'a dyn Fn(&str) -> bool,
}

type Visit<'v> = dyn FnMut(Spot<'_>) + 'v;

impl Walk<'_> {
    /// Visits a request. `operation` is the key of its operation: the fixed parts of its path are no values.
    pub(super) fn request(&self, request: &mut PlainRequest, operation: Option<&str>, visit: &mut Visit<'_>) {
        self.path(request, operation, visit);
        for (name, value) in &mut request.query {
            self.text(Place { name, ..Place::default() }, value, visit);
        }
        // The credentials have their replacements already.
        let is_authorization = |(name, _): &(String, String)| name == AUTHORIZATION.as_str();
        let headers = request.headers.iter_mut().filter(|pair| !is_authorization(pair));
        self.headers(headers, visit);
        let is_form = request
            .header(CONTENT_TYPE.as_str())
            .is_some_and(|kind| is_media_type(kind, "application/x-www-form-urlencoded"));
        let owner = last_name(&request.path);
        match &mut request.body {
            Some(Value::String(form)) if is_form => self.form(form, visit),
            Some(body) => {
                self.value(Place { parent: &owner, in_person: is_person(&owner), ..Place::default() }, body, visit);
            }
            None => {}
        }
    }

    /// Visits the response to a request with a path.
    pub(super) fn response(&self, response: &mut PlainResponse, path: &str, visit: &mut Visit<'_>) {
        self.headers(response.headers.iter_mut(), visit);
        let owner = last_name(path);
        let place = Place { parent: &owner, in_person: is_person(&owner), ..Place::default() };
        self.value(place, &mut response.body, visit);
    }

    fn path(&self, request: &mut PlainRequest, operation: Option<&str>, visit: &mut Visit<'_>) {
        let template: Option<Vec<&str>> =
            operation.and_then(|key| key.split_once(' ')).map(|(_, path)| path.split('/').skip(1).collect());
        let mut before = String::new();
        let mut segments: Vec<String> = Vec::new();
        for (place, segment) in request.path.split('/').skip(1).enumerate() {
            let is_fixed = template
                .as_ref()
                .is_some_and(|parts| parts.get(place).is_some_and(|part| parameter_name(part).is_none()));
            let decoded = percent_decode_str(segment).decode_utf8_lossy().into_owned();
            let mut text = decoded.clone();
            if !is_fixed {
                // A path names records: only a secret is more than an id.
                let kind = kind_of(Place { name: &before, ..Place::default() }, &text);
                let kind = kind.filter(|kind| *kind == Sensitive::Credential && is_opaque(&text));
                visit(Spot { kind, is_kept: self.is_kept(&before), text: &mut text });
            }
            segments.push(if text == decoded { segment.to_owned() } else { percent_encoded(&text) });
            before = decoded;
        }
        request.path = format!("/{}", segments.join("/"));
    }

    fn headers<'h>(&self, headers: impl Iterator<Item = &'h mut (String, String)>, visit: &mut Visit<'_>) {
        for (name, value) in headers {
            // A cookie has a name and attributes, which say nothing about anyone.
            if name == "cookie" || name == "set-cookie" {
                let is_kept = self.is_kept(name);
                let pairs = value.split(';').enumerate().map(|(place, pair)| match pair.split_once('=') {
                    Some((own, value)) if place == 0 || name == "cookie" => {
                        let mut text = value.to_owned();
                        visit(Spot { kind: Some(Sensitive::Credential), is_kept, text: &mut text });
                        format!("{own}={text}")
                    }
                    _ => pair.to_owned(),
                });
                *value = pairs.collect::<Vec<_>>().join(";");
            } else {
                self.text(Place { name, ..Place::default() }, value, visit);
            }
        }
    }

    /// Visits the fields of a form. A form without changes keeps its bytes.
    fn form(&self, form: &mut String, visit: &mut Visit<'_>) {
        let fields: Vec<(String, String)> = form_urlencoded::parse(form.as_bytes()).into_owned().collect();
        let mut changed = fields.clone();
        for (name, value) in &mut changed {
            let (parent, own) = nested_name(name);
            self.text(Place { name: own, parent, in_person: is_person(parent) }, value, visit);
        }
        if changed != fields {
            *form = Serializer::new(String::new()).extend_pairs(changed).finish();
        }
    }

    fn text(&self, place: Place<'_>, text: &mut String, visit: &mut Visit<'_>) {
        self.spot(place.name, kind_of(place, text), text, visit);
    }

    fn is_kept(&self, name: &str) -> bool {
        !self.keep.is_empty() && self.keep.contains(&flat_name(name))
    }

    fn value(&self, place: Place<'_>, value: &mut Value, visit: &mut Visit<'_>) {
        visit_value(place, value, &mut |name, kind, text| self.spot(name, kind, text, visit));
    }

    fn spot(&self, name: &str, kind: Option<Sensitive>, text: &mut String, visit: &mut Visit<'_>) {
        let kind = kind.filter(|kind| *kind == Sensitive::Credential || !(self.is_reference)(name));
        visit(Spot { kind, is_kept: self.is_kept(name), text });
    }
}

/// The holder and the name of a field of a form: `user` and `password` of `user[password]`.
fn nested_name(name: &str) -> (&str, &str) {
    let bare = name.trim_end_matches("[]").trim_end_matches(']');
    let (before, own) = bare.rsplit_once(['[', '.']).unwrap_or(("", bare));
    (before.trim_end_matches(']').rsplit(['[', '.']).next().unwrap_or_default(), own)
}

/// The last part of a path that is a word, not an id.
fn last_name(path: &str) -> String {
    let is_word = |part: &&str| part.chars().all(|letter| letter.is_ascii_alphabetic() || matches!(letter, '_' | '-'));
    path.rsplit('/').filter(|part| !part.is_empty()).find(is_word).unwrap_or_default().to_owned()
}
