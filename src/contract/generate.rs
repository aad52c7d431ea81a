//! A value made from a schema, where a contract has neither example nor resource to answer with; and a value bent so
//! that a schema allows it.
//!
//! What the schema says by example wins; then its type, format, pattern and bounds, and what a property's name tells.

use compact_str::CompactString;
use rand::Rng;
use rand::RngExt as _;
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Number, Value};
use sha2::{Digest, Sha256};

use super::Schema;

/// Below this depth only what is required is made: schemas that contain themselves come to an end.
const FULL_DEPTH: usize = 4;
/// Below this depth nothing is made.
const MAX_DEPTH: usize = 12;
/// So many values are made at most for one body: a schema may branch at every level.
const MAX_VALUES: usize = 5_000;
/// So many values are mended at most: what refers to itself by several ways has endlessly many.
const MAX_MENDED: usize = 10_000;
/// Elements that are made for a list which wants many.
const MAX_ELEMENTS: u64 = 16;
/// The longest text that is made for a pattern, in bytes.
const MAX_MATCH: usize = 4096;

/// A value that the schema allows, as far as its keywords are understood: `not`, `if` and the like are not.
pub fn generate(schema: &Schema, random: &mut impl Rng) -> Value {
    Maker::new(schema, random).make(schema.raw(), "", 0)
}

/// A value as [`generate`] makes it, but new each time: what the schema says by example is left aside.
pub fn fresh(schema: &Schema, name: &str, random: &mut impl Rng) -> Value {
    Maker::new(schema, random).without_given(schema.follow(schema.raw()), name, 0)
}

/// The value, with what the schema does not allow replaced by what it does.
pub fn fit(schema: &Schema, value: Value, random: &mut impl Rng) -> Value {
    if !is_broken(schema, &value) {
        return value;
    }
    let mut maker = Maker::new(schema, random);
    let mended = maker.mend(schema.raw(), value, "", 0);
    if !is_broken(schema, &mended) {
        return mended;
    }
    // What mending has used up does not count.
    let mut maker = Maker::new(schema, random);
    let made = maker.make(schema.raw(), "", 0);
    if !is_broken(schema, &made) {
        return made;
    }
    // Where several choices allow one value, another choice may be allowed by itself alone.
    let others = choices(schema.follow(schema.raw())).into_iter().flatten();
    let mut others = others.map(|choice| maker.make(choice, "", 0));
    others.find(|made| !is_broken(schema, made)).unwrap_or(mended)
}

/// Whether a value breaks the schema. How text is written is left to examples, which show what the API writes.
fn is_broken(schema: &Schema, value: &Value) -> bool {
    schema.violations(value).iter().any(|violation| violation.rule != "format")
}

/// A source of randomness of its own for each name, which does not depend on what was drawn before.
pub fn stream(seed: u64, name: &str) -> ChaCha8Rng {
    let digest = Sha256::new().chain_update(seed.to_le_bytes()).chain_update(name).finalize();
    ChaCha8Rng::from_seed(digest.into())
}

/// A UID: 16 lowercase alphanumerics.
pub fn uid(random: &mut impl Rng) -> CompactString {
    const ALPHABET: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut uid = [0; 16];
    for half in uid.chunks_mut(8) {
        let mut drawn = random.next_u64();
        for place in half {
            *place = ALPHABET[(drawn % 36) as usize];
            drawn /= 36;
        }
    }
    uid.iter().map(|byte| char::from(*byte)).collect()
}

/// A UUID of version 4.
pub fn uuid(random: &mut impl Rng) -> String {
    let hex = format!("{:032x}", random.random::<u128>());
    format!("{}-{}-4{}-8{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
}

struct Maker<'a, R> {
    root: &'a Schema,
    random: &'a mut R,
    made: usize,
    mended: usize,
}

/// The first type that a schema names, `null` only where there is no other; what its keywords speak of where it names
/// none.
fn kind_of(schema: &Value) -> Option<&str> {
    match schema.get("type") {
        Some(Value::String(kind)) => Some(kind),
        Some(Value::Array(kinds)) => {
            Some(kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or("null"))
        }
        _ if schema.get("properties").is_some() || schema.get("additionalProperties").is_some() => Some("object"),
        _ if schema.get("items").is_some() => Some("array"),
        _ => None,
    }
}

fn allows_null(schema: &Value) -> bool {
    let listed =
        schema.get("type").and_then(Value::as_array).is_some_and(|kinds| kinds.iter().any(|kind| kind == "null"));
    listed || ["nullable", "x-nullable"].iter().any(|key| schema.get(*key) == Some(&Value::Bool(true)))
}

fn required(schema: &Value) -> impl Iterator<Item = &str> {
    schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

fn properties(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    schema.get("properties").and_then(Value::as_object).into_iter().flatten()
}

fn choices(schema: &Value) -> Option<&Vec<Value>> {
    ["oneOf", "anyOf"].iter().find_map(|key| schema.get(*key).and_then(Value::as_array)).filter(|list| !list.is_empty())
}

impl<'a, R: Rng> Maker<'a, R> {
    fn new(root: &'a Schema, random: &'a mut R) -> Self {
        Self { root, random, made: 0, mended: 0 }
    }

    fn make(&mut self, schema: &'a Value, name: &str, depth: usize) -> Value {
        let schema = self.root.follow(schema);
        let first = |key: &str| schema.get(key).and_then(Value::as_array).and_then(|values| values.first());
        self.made += 1;
        let is_enough = depth > MAX_DEPTH || self.made > MAX_VALUES;
        let given =
            ["example", "const", "default"].iter().find_map(|key| schema.get(*key).filter(|value| !value.is_null()));
        let allowed = || {
            let allowed = schema.get("enum").and_then(Value::as_array);
            allowed.and_then(|allowed| allowed.iter().find(|value| !value.is_null()).or_else(|| allowed.first()))
        };
        match given.or_else(|| first("examples")).or_else(allowed) {
            // An example may be shorter than its own schema allows, or break it: it is mended.
            Some(given) if !is_enough => return self.mend_given(schema, given.clone(), name, depth),
            Some(given) => return given.clone(),
            None => {}
        }
        if is_enough {
            return match kind_of(schema) {
                Some("array") => Value::Array(Vec::new()),
                Some("object") => Value::Object(Map::new()),
                _ => Value::Null,
            };
        }
        if let Some(parts) = schema.get("allOf").and_then(Value::as_array) {
            let mut whole = self.object(schema, depth);
            let mut other = None;
            for part in parts {
                match self.make(part, name, depth + 1) {
                    Value::Object(part) => whole.extend(part),
                    Value::Null => {}
                    value => other = Some(value),
                }
            }
            return match other {
                Some(value) if whole.is_empty() => value,
                _ => Value::Object(whole),
            };
        }
        if let Some(choice) = choices(schema).and_then(|choices| choices.first()) {
            let made = self.make(choice, name, depth + 1);
            return match made {
                Value::Object(mut made) => {
                    for (name, value) in self.object(schema, depth) {
                        made.entry(name).or_insert(value);
                    }
                    Value::Object(made)
                }
                made => made,
            };
        }
        match kind_of(schema).unwrap_or("string") {
            "object" => Value::Object(self.object(schema, depth)),
            "array" => {
                let least = schema.get("minItems").and_then(Value::as_u64);
                let most = schema.get("maxItems").and_then(Value::as_u64).unwrap_or(u64::MAX);
                let wanted = if depth > FULL_DEPTH { least.unwrap_or(0) } else { least.unwrap_or(1).max(1) };
                let element = schema.get("items").unwrap_or(&Value::Null);
                (0..wanted.min(most).min(MAX_ELEMENTS)).map(|_| self.make(element, name, depth + 1)).collect()
            }
            "boolean" => Value::Bool(true),
            "integer" => Value::from(self.number(schema, true) as i64),
            "number" => Number::from_f64(self.number(schema, false)).map_or(Value::Null, Value::Number),
            "null" => Value::Null,
            _ => Value::String(self.text(schema, name)),
        }
    }

    fn object(&mut self, schema: &'a Value, depth: usize) -> Map<String, Value> {
        let mut made = Map::new();
        for (name, property) in properties(schema) {
            let is_required = required(schema).any(|known| known == name);
            if depth <= FULL_DEPTH || is_required {
                made.insert(name.clone(), self.make(property, name, depth + 1));
            }
        }
        self.complete(schema, &mut made, depth);
        made
    }

    /// Adds what is required and not there, also where no property describes it.
    fn complete(&mut self, schema: &'a Value, made: &mut Map<String, Value>, depth: usize) {
        for name in required(schema) {
            if !made.contains_key(name) {
                let property = schema.get("properties").and_then(|known| known.get(name)).unwrap_or(&Value::Null);
                let value = self.make(property, name, depth + 1);
                made.insert(name.to_owned(), value);
            }
        }
    }

    /// A value that the schema itself gives, mended; examples with names of their own are no place for a guess.
    fn mend_given(&mut self, schema: &'a Value, given: Value, name: &str, depth: usize) -> Value {
        match (kind_of(schema), &given) {
            (Some("object"), Value::Object(_)) | (Some("array"), Value::Array(_)) => {
                self.shaped(schema, given, name, depth)
            }
            (Some("string"), Value::String(_)) | (Some("boolean"), Value::Bool(_)) | (None, _) => given,
            (Some("number" | "integer"), Value::Number(_)) => given,
            (Some(_), _) => super::schema::bend_scalar(kind_of(schema).unwrap_or_default(), &given)
                .unwrap_or_else(|| self.without_given(schema, name, depth)),
        }
    }

    /// A value made as if the schema gave none.
    fn without_given(&mut self, schema: &'a Value, name: &str, depth: usize) -> Value {
        match kind_of(schema) {
            Some("object") => Value::Object(self.object(schema, depth)),
            Some("array") => {
                let element = schema.get("items").unwrap_or(&Value::Null);
                Value::Array(vec![self.make(element, name, depth + 1)])
            }
            Some("boolean") => Value::Bool(true),
            Some("integer") => Value::from(self.number(schema, true) as i64),
            Some("number") => Number::from_f64(self.number(schema, false)).map_or(Value::Null, Value::Number),
            _ => Value::String(self.text(schema, name)),
        }
    }

    fn mend(&mut self, schema: &'a Value, value: Value, name: &str, depth: usize) -> Value {
        let schema = self.root.follow(schema);
        self.mended += 1;
        if depth > MAX_DEPTH * 2 || self.mended > MAX_MENDED {
            return value;
        }
        if let Some(constant) = schema.get("const") {
            return constant.clone();
        }
        if value.is_null()
            && (allows_null(schema)
                || (kind_of(schema).is_none() && choices(schema).is_none() && schema.get("allOf").is_none()))
        {
            return value;
        }
        if let Some(allowed) = schema.get("enum").and_then(Value::as_array)
            && !allowed.contains(&value)
        {
            let same = |known: &&Value| {
                let text = |value: &Value| value.as_str().map(str::to_lowercase);
                text(known).is_some() && text(known) == text(&value)
            };
            return allowed.iter().find(same).or_else(|| allowed.first()).cloned().unwrap_or(value);
        }
        if let Some(choices) = choices(schema) {
            let choice = self.best(choices, &value);
            let value = self.mend(choice, value, name, depth + 1);
            return self.shaped(schema, value, name, depth);
        }
        let parts = schema.get("allOf").and_then(Value::as_array);
        let value = parts.into_iter().flatten().fold(value, |value, part| self.mend(part, value, name, depth + 1));
        let Some(kind) = kind_of(schema) else { return value };
        let listed = |value: &Value| {
            let all = schema.get("type").and_then(Value::as_array);
            all.is_some_and(|kinds| kinds.iter().filter_map(Value::as_str).any(|kind| is_kind(kind, value)))
        };
        if is_kind(kind, &value) || listed(&value) {
            return self.shaped(schema, value, name, depth);
        }
        if let Some(bent) = super::schema::bend_scalar(kind, &value) {
            return bent;
        }
        match (kind, &value) {
            // A list where one is wanted, and one where a list is wanted.
            ("object", Value::Array(list)) if list.len() == 1 && list[0].is_object() => {
                self.shaped(schema, list[0].clone(), name, depth)
            }
            ("array", Value::Object(map)) if !map.is_empty() => {
                self.shaped(schema, Value::Array(vec![value]), name, depth)
            }
            _ => self.make(schema, name, depth),
        }
    }

    /// The choice that has most of the value's names, or its type.
    fn best(&self, choices: &'a [Value], value: &Value) -> &'a Value {
        let score = |choice: &&'a Value| {
            let choice = self.root.follow(choice);
            match value {
                Value::Object(map) => {
                    let known = properties(choice).filter(|(name, _)| map.contains_key(*name)).count();
                    let missing = required(choice).filter(|name| !map.contains_key(*name)).count();
                    10 * known as i64 - 5 * missing as i64
                }
                _ => i64::from(kind_of(choice).is_some_and(|kind| is_kind(kind, value))),
            }
        };
        // The first of several that are equally good.
        choices.iter().rev().max_by_key(score).unwrap_or(&Value::Null)
    }

    /// A value of the right type, with its parts mended and its bounds kept.
    fn shaped(&mut self, schema: &'a Value, value: Value, name: &str, depth: usize) -> Value {
        match value {
            Value::Object(mut map) => {
                let known = schema.get("properties").and_then(Value::as_object);
                match schema.get("additionalProperties") {
                    Some(Value::Bool(false)) if schema.get("patternProperties").is_none() => {
                        map.retain(|name, _| known.is_some_and(|known| known.contains_key(name)));
                    }
                    Some(rest @ Value::Object(_)) => {
                        for (name, part) in &mut map {
                            if known.is_none_or(|known| !known.contains_key(name)) {
                                *part = self.mend(rest, part.take(), name, depth + 1);
                            }
                        }
                    }
                    _ => {}
                }
                for (name, property) in properties(schema) {
                    if let Some(part) = map.get_mut(name) {
                        let mended = self.mend(property, part.take(), name, depth + 1);
                        *part = mended;
                    }
                }
                self.complete(schema, &mut map, depth);
                Value::Object(map)
            }
            Value::Array(list) => {
                let bound = |key: &str| schema.get(key).and_then(Value::as_u64);
                let element = schema.get("items").unwrap_or(&Value::Null);
                let mut list: Vec<Value> =
                    list.into_iter().map(|part| self.mend(element, part, name, depth + 1)).collect();
                while (list.len() as u64) < bound("minItems").unwrap_or(0).min(MAX_ELEMENTS) {
                    list.push(self.make(element, name, depth + 1));
                }
                list.truncate(bound("maxItems").and_then(|most| usize::try_from(most).ok()).unwrap_or(usize::MAX));
                Value::Array(list)
            }
            Value::String(text) => {
                let length = text.chars().count() as u64;
                let bound = |key: &str| schema.get(key).and_then(Value::as_u64);
                let fits = bound("minLength").is_none_or(|least| length >= least)
                    && bound("maxLength").is_none_or(|most| length <= most)
                    && schema.get("pattern").is_none();
                Value::String(if fits { text } else { self.text(schema, name) })
            }
            Value::Number(number) => {
                let bounds = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"];
                if bounds.iter().all(|key| schema.get(*key).is_none()) {
                    return Value::Number(number);
                }
                let integer = kind_of(schema) == Some("integer");
                let bound = |key: &str| schema.get(key).and_then(Value::as_f64);
                let value = number.as_f64().unwrap_or_default();
                let fits = bound("minimum").is_none_or(|low| value >= low)
                    && bound("maximum").is_none_or(|high| value <= high)
                    && schema.get("exclusiveMinimum").is_none()
                    && schema.get("exclusiveMaximum").is_none()
                    && bound("multipleOf").is_none_or(|step| (value / step).fract() == 0.0);
                match (fits, integer) {
                    (true, _) => Value::Number(number),
                    (false, true) => Value::from(self.number(schema, true) as i64),
                    (false, false) => Number::from_f64(self.number(schema, false)).map_or(Value::Null, Value::Number),
                }
            }
            other => other,
        }
    }

    fn number(&mut self, schema: &Value, integer: bool) -> f64 {
        let bound = |key: &str| schema.get(key).and_then(Value::as_f64);
        // `exclusiveMinimum: true` is the style of drafts up to 4.
        let open = |key: &str| schema.get(key) == Some(&Value::Bool(true));
        let step = bound("multipleOf").filter(|step| *step > 0.0);
        let width = step.unwrap_or(1.0);
        let low = bound("exclusiveMinimum").or_else(|| bound("minimum").filter(|_| open("exclusiveMinimum")));
        let low = low.map(|bound| (bound / width).floor() * width + width).or_else(|| bound("minimum"));
        let high = bound("exclusiveMaximum").or_else(|| bound("maximum").filter(|_| open("exclusiveMaximum")));
        let high = high.map(|bound| (bound / width).ceil() * width - width).or_else(|| bound("maximum"));
        let low = low.unwrap_or_else(|| high.map_or(1.0, |high| high.min(1.0)));
        let high = high.unwrap_or(low + 99.0);
        if high < low {
            // Bounds that leave no whole step between them: what lies in the middle.
            return if integer {
                low
            } else {
                (bound("exclusiveMinimum").unwrap_or(low) + bound("exclusiveMaximum").unwrap_or(high)) / 2.0
            };
        }
        let value = (low + self.random.random::<f64>() * (high - low)).floor().clamp(low, high);
        let value = if integer { value.ceil() } else { value };
        step.map_or(value, |step| {
            let up = (value / step).ceil() * step;
            if up > high { (high / step).floor() * step } else { up }
        })
    }

    fn text(&mut self, schema: &Value, name: &str) -> String {
        if let Some(pattern) = schema.get("pattern").and_then(Value::as_str)
            && let Some(made) = self.matching(pattern, schema)
        {
            return made;
        }
        let name = snake(name);
        let random = &mut *self.random;
        let made = match schema.get("format").and_then(Value::as_str).unwrap_or_default() {
            "date-time" => "2026-02-08T10:00:00Z".to_owned(),
            "date" => "2026-02-08".to_owned(),
            "time" => "10:00:00Z".to_owned(),
            "duration" => "PT1H".to_owned(),
            "email" | "idn-email" => "someone@example.com".to_owned(),
            "uri" | "url" | "iri" => "https://example.com/".to_owned(),
            "uri-reference" | "iri-reference" => "/".to_owned(),
            "uuid" => uuid(random),
            "ipv4" => "192.0.2.1".to_owned(),
            "ipv6" => "2001:db8::1".to_owned(),
            "hostname" | "idn-hostname" => "example.com".to_owned(),
            "byte" => "c3RhbmRpbg==".to_owned(),
            "regex" => ".*".to_owned(),
            "json-pointer" => "/a".to_owned(),
            _ if is_id(&name) => uid(random).into(),
            _ if name.ends_with("_at") || name.ends_with("time") => "2026-02-08T10:00:00Z".to_owned(),
            _ if name.ends_with("date") => "2026-02-08".to_owned(),
            _ if name.contains("email") => "someone@example.com".to_owned(),
            _ if name.contains("phone") => "+15550100000".to_owned(),
            _ if name.ends_with("url") || name.ends_with("uri") => "https://example.com/".to_owned(),
            _ if name.ends_with("time_zone") || name.ends_with("timezone") => "UTC".to_owned(),
            _ if name.ends_with("currency") => "USD".to_owned(),
            _ if name.is_empty() => "text".to_owned(),
            _ => name.replace('_', " "),
        };
        let length =
            |key: &str| schema.get(key).and_then(Value::as_u64).and_then(|length| usize::try_from(length).ok());
        let mut made: String = made.chars().take(length("maxLength").unwrap_or(usize::MAX)).collect();
        let missing = length("minLength").unwrap_or(0).min(4096).saturating_sub(made.chars().count());
        made.extend(std::iter::repeat_n('x', missing));
        made
    }

    /// A text that matches a pattern, if one is found that keeps the bounds of its length.
    fn matching(&mut self, pattern: &str, schema: &Value) -> Option<String> {
        if pattern.len() > 2_000 {
            return None;
        }
        let hir = regex_syntax::ParserBuilder::new().nest_limit(64).build().parse(pattern).ok()?;
        // Repetitions within repetitions grow beyond all bounds, unless each is repeated less often.
        let mut plain = [12, 2, 0].into_iter().map(|more| without_anchors(hir.clone(), more));
        let short = plain.find(|hir| hir.properties().maximum_len().is_some_and(|length| length <= MAX_MATCH))?;
        let regex = rand_regex::Regex::with_hir(short, 0).ok()?;
        let bound = |key: &str| schema.get(key).and_then(Value::as_u64);
        for _ in 0..16 {
            let made: String = self.random.sample(&regex);
            let length = made.chars().count() as u64;
            if bound("minLength").is_none_or(|least| length >= least)
                && bound("maxLength").is_none_or(|most| length <= most)
            {
                return Some(made);
            }
        }
        None
    }
}

/// A pattern without `^`, `$` and `\b`: a value made from it begins and ends there anyway. What may be repeated is
/// repeated only so many times more than it must.
fn without_anchors(hir: regex_syntax::hir::Hir, more: u32) -> regex_syntax::hir::Hir {
    use regex_syntax::hir::{Capture, Hir, HirKind, Repetition};
    match hir.into_kind() {
        HirKind::Look(_) | HirKind::Empty => Hir::empty(),
        HirKind::Literal(literal) => Hir::literal(literal.0),
        HirKind::Class(class) => Hir::class(printable(class)),
        HirKind::Repetition(repetition) => {
            let most = repetition.min.saturating_add(more);
            let max = Some(repetition.max.map_or(most, |max| max.min(most)));
            Hir::repetition(Repetition { max, sub: Box::new(without_anchors(*repetition.sub, more)), ..repetition })
        }
        HirKind::Capture(capture) => {
            Hir::capture(Capture { sub: Box::new(without_anchors(*capture.sub, more)), ..capture })
        }
        HirKind::Concat(parts) => Hir::concat(parts.into_iter().map(|part| without_anchors(part, more)).collect()),
        HirKind::Alternation(parts) => {
            Hir::alternation(parts.into_iter().map(|part| without_anchors(part, more)).collect())
        }
    }
}

/// Of a class of characters those that people can read, where there are any.
fn printable(class: regex_syntax::hir::Class) -> regex_syntax::hir::Class {
    use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange};
    match class {
        Class::Unicode(class) => {
            let mut readable = class.clone();
            readable.intersect(&ClassUnicode::new([ClassUnicodeRange::new('!', '~')]));
            Class::Unicode(if readable.ranges().is_empty() { class } else { readable })
        }
        bytes @ Class::Bytes(_) => bytes,
    }
}

/// Whether a value is of a type of JSON Schema.
fn is_kind(kind: &str, value: &Value) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|number| number.fract() == 0.0),
        "null" => value.is_null(),
        _ => true,
    }
}

/// A name in small letters with underscores: `createdAt` as `created_at`.
pub fn snake(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    let mut before = '_';
    for letter in name.chars() {
        if letter.is_uppercase() && (before.is_lowercase() || before.is_ascii_digit()) {
            out.push('_');
        }
        out.extend(if letter == '-' || letter == ' ' || letter == '.' { '_' } else { letter }.to_lowercase());
        before = letter;
    }
    out
}

/// Whether a name (in snake case) is that of an id.
pub fn is_id(name: &str) -> bool {
    matches!(name, "id" | "uid" | "uuid" | "guid" | "sid")
        || ["_id", "_uid", "_uuid", "_sid"].iter().any(|end| name.ends_with(end))
}
