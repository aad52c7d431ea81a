use std::sync::Arc;

use http::{HeaderMap, Method};
use serde_json::Value;

use super::{Answer, Coerce, Effect, Is, Kept, Quirk, Quirks, Sent, SentIn, When};
use crate::contract::Operation;
use crate::contract::operation::parameter_name;
use crate::exchange::{Caller, Door, Exchange, PathValues, Query, UnknownIds, World, business_of};
use crate::store::{Datum, Record, Store};

/// The quirks that are rules about one operation, by the step of a call at which they matter: what a rule says of paths
/// and methods is settled once.
#[derive(Clone, Debug, Default)]
pub struct Rules([Vec<usize>; Step::COUNT]);

/// The step of a call at which an effect takes place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Before anything else: `answer`.
    Refuse,
    /// While body and parameters are held against the contract: `accept`, `require`, `refer`.
    Check,
    /// Before they are: `coerce`.
    Coerce,
    /// Before a behaviour sees the query: `page`, `ask`.
    Mean,
    /// When the answer is there: `copy`, `set`, `show`.
    Amend,
}

impl Step {
    const COUNT: usize = Self::Amend as usize + 1;

    /// The step of an effect.
    fn of(effect: &Effect) -> Self {
        match effect {
            Effect::Answer(_) => Self::Refuse,
            Effect::Accept(_) | Effect::Require(_) | Effect::Refer(_) => Self::Check,
            Effect::Coerce(_) => Self::Coerce,
            Effect::Page(_) | Effect::Ask(_) => Self::Mean,
            Effect::Copy(_) | Effect::Set(_) | Effect::Show(_) => Self::Amend,
        }
    }
}

/// What a rule can look at: how far a call has come.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// The door it came through.
    pub door: Door,
    /// Who calls; nobody yet, when the path leads nowhere.
    pub caller: Option<&'a Caller>,
    /// The world.
    pub world: &'a World,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// What is asked for; nothing before it is read.
    pub asked: Option<Asked<'a>>,
}

/// What a call asks for.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// The operation.
    pub operation: &'a Operation,
    /// The values of the path's parameters.
    pub path: &'a PathValues,
    /// The query.
    pub query: &'a Query,
    /// The body.
    pub body: &'a Value,
}

impl Rules {
    /// The rules about an operation.
    pub fn about(quirks: &Quirks, operation: &Operation) -> Self {
        Self::of_path(quirks, &operation.method, &operation.path, true)
    }

    /// The rules about a method and a path, which operations may have or not.
    pub fn of_path(quirks: &Quirks, method: &Method, path: &str, is_routed: bool) -> Self {
        let about = |quirk: &Quirk| {
            let when = &quirk.when;
            !(when.is_unrouted && is_routed) && when.is_about(method, path)
        };
        let mut rules = Self::default();
        for (place, quirk) in quirks.iter().enumerate() {
            if let Some(effect) = &quirk.effect
                && about(quirk)
            {
                rules.0[Step::of(effect) as usize].push(place);
            }
        }
        rules
    }

    /// The answer that comes before everything else, if a rule has one.
    pub fn answer<'q>(&self, quirks: &'q Quirks, scene: &Scene<'_>) -> Option<&'q Answer> {
        let (place, effect) = self.on(Step::Refuse, quirks, scene).next()?;
        scene.world.took_part(place);
        match effect {
            Effect::Answer(answer) => Some(answer),
            _ => None,
        }
    }

    /// All of them, on or off, whether they apply or not, in the order of their files.
    pub fn all<'q>(&self, quirks: &'q Quirks) -> impl Iterator<Item = &'q Quirk> {
        let mut places = self.0.concat();
        places.sort_unstable();
        places.into_iter().map(|place| quirks.at(place))
    }

    /// What those rules of a step do that are on and apply, with their places.
    pub fn on<'q>(
        &self,
        step: Step,
        quirks: &'q Quirks,
        scene: &Scene<'_>,
    ) -> impl Iterator<Item = (usize, &'q Effect)> {
        let on = self.0[step as usize].iter().filter(|place| scene.world.switches().is_on(**place));
        on.filter_map(move |place| {
            let quirk = quirks.at(*place);
            let effect = quirk.effect.as_ref()?;
            quirk.when.holds(scene).then_some((*place, effect))
        })
    }

    /// The `coerce` rules, on or off, with their places.
    pub fn coercions<'q>(&self, quirks: &'q Quirks) -> impl Iterator<Item = (usize, &'q Coerce)> {
        self.0[Step::Coerce as usize].iter().filter_map(|place| match &quirks.at(*place).effect {
            Some(Effect::Coerce(coerce)) => Some((*place, coerce)),
            _ => None,
        })
    }
}

impl When {
    fn is_about(&self, method: &Method, path: &str) -> bool {
        self.paths.iter().any(|pattern| pattern.matches(path))
            && !self.except.iter().any(|pattern| pattern.matches(path))
            && (self.methods.is_empty() || self.methods.contains(method))
    }

    fn holds(&self, scene: &Scene<'_>) -> bool {
        let token = |caller: &Caller| self.tokens.contains(&caller.kind);
        let lacks = |feature: &str| {
            scene.caller.is_some_and(|caller| {
                caller.business.is_some() && !Exchange::feature_is_on(scene.world, caller, feature)
            })
        };
        self.gateway.is_none_or(|door| door == scene.door)
            && (self.tokens.is_empty() || scene.caller.is_some_and(token))
            && self.without_feature.as_deref().is_none_or(lacks)
            && self.sent.iter().all(|sent| sent.holds(scene))
            // The store is asked last, and only by a rule that speaks of a record.
            && self.record.as_ref().is_none_or(|record| scene.asked.is_some_and(|asked| self.keeps(record, scene, &asked)))
    }

    /// Whether the record that the path names is as the rule wants it.
    fn keeps(&self, wanted: &Kept, scene: &Scene<'_>, asked: &Asked<'_>) -> bool {
        match (wanted, scene.record(asked, self.kind.as_deref())) {
            // A world that answers for unknown ids knows every record.
            (Kept::Absent, found) => found.is_none() && scene.world.settings.unknown_ids == UnknownIds::Refuse,
            (Kept::With(_), None) => false,
            (Kept::With(fields), Some(record)) => {
                fields.iter().all(|(way, is)| is.holds(Some(&known(&scene.world.store, record, way))))
            }
        }
    }
}

/// What a record says under a name; `matter_uid/staff_uid` is what the matter says that it names. An empty list says
/// nothing.
fn known(store: &Store, record: &Record, way: &str) -> Value {
    if let Some((name, rest)) = way.split_once('/') {
        let kind = ["_uid", "_id"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
        return store.get(kind, record.text(name)).map_or(Value::Null, |other| known(store, other, rest));
    }
    match record.get(way) {
        Datum::List(list) if list.is_empty() => Value::Null,
        value => serde_json::to_value(value).unwrap_or_default(),
    }
}

impl<'a> Scene<'a> {
    /// Whether a record is of the caller's business, or of none.
    pub fn is_own(&self, record: &Record) -> bool {
        let business = self.caller.and_then(|caller| caller.business.as_deref());
        let owner = business_of(record);
        owner.is_none() || business.is_none() || owner == business
    }

    /// The record that the path names, of the caller's own: by its id, or by the field that the path's parameter is called
    /// after. `kind` is what it is where the path's words do not say so.
    fn record(&self, asked: &Asked<'a>, kind: Option<&str>) -> Option<&'a Arc<Record>> {
        let role = &asked.operation.role;
        let (item, kind) = (role.item?, kind.or(role.resource.as_deref())?);
        let id = asked.path.get(item)?;
        let store = &self.world.store;
        let by_field = || {
            let name = asked.operation.path.split('/').filter_map(parameter_name).nth(item)?;
            store.all(kind).find(|record| record.text(name) == id)
        };
        store.get(kind, id).or_else(by_field).filter(|record| self.is_own(record))
    }
}

impl Sent {
    fn holds(&self, scene: &Scene<'_>) -> bool {
        let text = |text: Option<&str>| self.is.holds(Some(&Value::from(text.unwrap_or_default())));
        let name = || self.way.join("/");
        match (self.place, scene.asked) {
            (SentIn::Headers, _) => text(scene.headers.get(name().as_str()).and_then(|value| value.to_str().ok())),
            (_, None) => false,
            (SentIn::Query, Some(asked)) => text(asked.query.get(&name())),
            (SentIn::Body, Some(asked)) => {
                let value = self.way.iter().try_fold(asked.body, |value, step| match step.parse::<usize>() {
                    Ok(index) if value.is_array() => value.get(index),
                    _ => value.get(step),
                });
                self.is.holds(value)
            }
        }
    }
}

impl Is {
    fn holds(&self, value: Option<&Value>) -> bool {
        let blank = |value: &Value| value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty());
        let is_there = value.is_some_and(|value| !blank(value));
        // Numbers in a query, and in many a body, are text.
        let same = |known: &Value| {
            value.is_some_and(|value| {
                value == known
                    || value.as_str().is_some_and(|text| !known.is_string() && text == known.to_string().as_str())
            })
        };
        match self {
            Self::Absent => !is_there,
            Self::Present => is_there,
            Self::OneOf(values) => values.iter().any(same),
            Self::NoneOf(values) => is_there && !values.iter().any(same),
        }
    }
}
