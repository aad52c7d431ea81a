//! Replaces tokens and personal data: each value by the same replacement everywhere.

use form_urlencoded::Serializer;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use serde_json::{Map, Value};

use crate::fixtures::{Interaction, TextFormat};
use crate::request::is_media_type;
use crate::scenarios::{Credentials, PlainRequest, Received, collect_leaves};

/// Minimum length of a value that is replaced inside longer texts.
const MIN_LENGTH: usize = 6;

/// Field names of personal data with the pattern of their replacements; `#` is a number.
const PERSONAL: [(&[&str], &str); 8] = [
    (&["first_name"], "First#"),
    (&["last_name"], "Last#"),
    (&["full_name", "client_name", "contact_name"], "Person #"),
    (&["phone", "mobile_phone", "mobile_number", "normalized_phone", "phone_number"], "+1202555#"),
    (&["address", "address_line1", "address_line2", "street"], "# Example Street"),
    (&["birthday", "date_of_birth", "birth_date"], "1990-01-#"),
    (&["ip", "ip_address"], "192.0.2.#"),
    (
        &[
            "password",
            "secret",
            "client_secret",
            "token",
            "access_token",
            "refresh_token",
            "id_token",
            "api_key",
            "jwt",
            "card_number",
            "cvv",
            "iban",
            "ssn",
            "otp",
        ],
        "hidden-#",
    ),
];

/// Names the tokens of requests. Unknown tokens become `recorded_1` and so on, and are added to the credentials.
pub(super) fn name_tokens(recorded: &mut [(PlainRequest, Received)], credentials: &mut Credentials) {
    for (request, _) in recorded {
        let header = request.headers.iter().position(|(name, _)| name == AUTHORIZATION.as_str());
        let Some(header) = header else { continue };
        let value = request.headers[header].1.clone();
        let (scheme, token) = value.split_once(' ').unwrap_or(("", &value));
        let known = credentials.tokens.iter().find(|(_, known)| known == token).map(|(name, _)| name.clone());
        let name = known.unwrap_or_else(|| {
            let count = credentials.tokens.iter().filter(|(name, _)| name.starts_with("recorded_")).count();
            let name = format!("recorded_{}", count + 1);
            credentials.tokens.push((name.clone(), token.to_owned()));
            let mut kinds = credentials.api.tokens.kinds.iter();
            if let Some(kind) = kinds.find(|kind| kind.scheme.as_deref() == Some(scheme)) {
                credentials.kinds.push((name.clone(), kind.name.to_string()));
            }
            name
        });
        if credentials.authorization(&name).as_ref() == Some(&value) {
            request.headers.remove(header);
            request.token = Some(name);
        } else {
            // The scheme is not that of the token: the header stays, without the token.
            request.headers[header].1 = format!("{scheme} token-{name}").trim_start().to_owned();
        }
    }
}

/// The replacement of each value, the longest values first.
pub(super) struct Anonymizer(Vec<(String, String)>);

impl Anonymizer {
    /// Finds the tokens and the personal data of a recording.
    pub(super) fn new(recorded: &[Interaction], credentials: &Credentials) -> Self {
        let mut pairs: Vec<(String, String)> =
            credentials.tokens.iter().map(|(name, token)| (token.clone(), format!("token-{name}"))).collect();
        for interaction in recorded {
            let mut places = interaction.request.places();
            let fields = form_fields(&interaction.request).unwrap_or_default().into_iter();
            places.extend(fields.map(|(name, value)| (format!("/body/{}", innermost(&name)), value.into())));
            collect_leaves(&interaction.response.body, "", &mut places);
            for (at, value) in places {
                let Value::String(text) = value else { continue };
                if text.is_empty() || pairs.iter().any(|(known, _)| *known == text) {
                    continue;
                }
                if let Some(pattern) = replacement_pattern(&at, &text) {
                    let replacement = numbered(pattern, &pairs);
                    pairs.push((text, replacement));
                }
            }
        }
        // Longer values first: a shorter one may be part of them.
        pairs.sort_by_key(|(text, _)| std::cmp::Reverse(text.len()));
        Self(pairs)
    }

    /// An interaction with its tokens and personal data replaced.
    pub(super) fn anonymize(&self, interaction: &Interaction) -> Interaction {
        let mut covered = interaction.clone();
        covered.response.body = self.value(&interaction.response.body);
        covered.response.headers.iter_mut().for_each(|(_, value)| *value = self.text(value));
        let request = &mut covered.request;
        request.body = match form_fields(request) {
            Some(fields) => {
                Some(self.form(&fields).map_or_else(|| request.body.take().unwrap_or_default(), Value::from))
            }
            None => request.body.as_ref().map(|body| self.value(body)),
        };
        for (at, value) in interaction.request.places().into_iter().filter(|(at, _)| !at.starts_with("/body")) {
            let text = value.as_str().unwrap_or_default();
            let new = self.text(text);
            if new != text {
                request.set(&at, &new.into());
            }
        }
        covered
    }

    /// A form with its values replaced; `None` if all stay.
    fn form(&self, fields: &[(String, String)]) -> Option<String> {
        let replaced = fields.iter().map(|(name, value)| (name.as_str(), self.text(value)));
        let is_changed = replaced.clone().zip(fields).any(|((_, new), (_, value))| new != *value);
        is_changed.then(|| Serializer::new(String::new()).extend_pairs(replaced).finish())
    }

    fn value(&self, value: &Value) -> Value {
        match value {
            Value::Object(map) => {
                map.iter().map(|(name, value)| (name.clone(), self.value(value))).collect::<Map<_, _>>().into()
            }
            Value::Array(list) => list.iter().map(|value| self.value(value)).collect(),
            Value::String(text) => self.text(text).into(),
            other => other.clone(),
        }
    }

    fn text(&self, text: &str) -> String {
        if let Some((_, new)) = self.0.iter().find(|(old, _)| old == text) {
            return new.clone();
        }
        let long = self.0.iter().filter(|(old, _)| old.len() >= MIN_LENGTH);
        long.fold(text.to_owned(), |text, (old, new)| text.replace(old.as_str(), new))
    }
}

/// The fields of a body that is a form.
fn form_fields(request: &PlainRequest) -> Option<Vec<(String, String)>> {
    let is_form = |kind| is_media_type(kind, "application/x-www-form-urlencoded");
    let text =
        request.header(CONTENT_TYPE.as_str()).filter(|kind| is_form(kind)).and(request.body.as_ref())?.as_str()?;
    Some(form_urlencoded::parse(text.as_bytes()).into_owned().collect())
}

/// The innermost name of a field: `password` of `user[password]`.
fn innermost(name: &str) -> &str {
    name.trim_end_matches("[]").trim_end_matches(']').rsplit(['[', '.']).next().unwrap_or(name)
}

/// The pattern of the replacement of a text, if it is personal by its field name or its format.
fn replacement_pattern(at: &str, text: &str) -> Option<&'static str> {
    if TextFormat::detect(text) == Some(TextFormat::Email) {
        return Some("person#@example.com");
    }
    let name = at.rsplit('/').find(|step| step.parse::<usize>().is_err()).unwrap_or_default().to_ascii_lowercase();
    PERSONAL.iter().find(|(names, _)| names.contains(&name.as_str())).map(|(_, pattern)| *pattern)
}

/// The next replacement of a pattern.
fn numbered(pattern: &str, pairs: &[(String, String)]) -> String {
    let (before, after) = pattern.split_once('#').unwrap_or((pattern, ""));
    let count = pairs.iter().filter(|(_, new)| new.starts_with(before) && new.ends_with(after)).count() + 1;
    let number = if pattern.starts_with('+') {
        format!("{count:04}")
    } else if pattern.starts_with("1990") {
        format!("{:02}", count % 28 + 1)
    } else {
        count.to_string()
    };
    pattern.replace('#', &number)
}
