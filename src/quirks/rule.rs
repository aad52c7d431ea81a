use std::sync::Arc;

use http::{HeaderMap, Method};
use serde_json::Value;

use super::{Coerce, Effect, Matcher, Quirk, Quirks, RecordCondition, RequestCondition, RequestPart, Respond, When};
use crate::model::{FieldValue, Record, Store};
use crate::openapi::Operation;
use crate::openapi::template::parameter_names;
use crate::request::{Caller, Context, Gateway, PathValues, Query, State, UnknownIds, record_business};

/// The quirks that are rules about one operation, by the step of a call at which they matter: what a rule says of paths
/// and methods is settled once.
#[derive(Clone, Debug, Default)]
pub struct Rules([Vec<usize>; Stage::COUNT]);

/// The step of a call at which an effect takes place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Before anything else: `answer`.
    Reject,
    /// While body and parameters are held against the contract: `accept`, `require`, `refer`.
    Check,
    /// Before they are: `coerce`.
    Coerce,
    /// Before a behaviour sees the query: `page`, `ask`.
    RewriteQuery,
    /// When the answer is there: `copy`, `set`, `show`.
    Transform,
}

impl Stage {
    const COUNT: usize = Self::Transform as usize + 1;

    /// The step of an effect.
    fn of(effect: &Effect) -> Self {
        match effect {
            Effect::Respond(_) => Self::Reject,
            Effect::Allow(_) | Effect::Require(_) | Effect::Reference(_) => Self::Check,
            Effect::Coerce(_) => Self::Coerce,
            Effect::Page(_) | Effect::DefaultQuery(_) => Self::RewriteQuery,
            Effect::Duplicate(_) | Effect::Override(_) | Effect::Expose(_) => Self::Transform,
        }
    }
}

/// What a rule can look at: how far a call has come.
#[derive(Clone, Copy)]
pub struct RuleContext<'a> {
    /// The door it came through.
    pub gateway: Gateway,
    /// Who calls; nobody yet, when the path leads nowhere.
    pub caller: Option<&'a Caller>,
    /// The world.
    pub state: &'a State,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// What is asked for; nothing before it is read.
    pub asked: Option<ParsedRequest<'a>>,
}

/// What a call asks for.
#[derive(Clone, Copy)]
pub struct ParsedRequest<'a> {
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
        for (index, quirk) in quirks.iter().enumerate() {
            if let Some(effect) = &quirk.effect
                && about(quirk)
            {
                rules.0[Stage::of(effect) as usize].push(index);
            }
        }
        rules
    }

    /// The answer that comes before everything else, if a rule has one.
    pub fn answer<'q>(&self, quirks: &'q Quirks, scene: &RuleContext<'_>) -> Option<&'q Respond> {
        let (index, effect) = self.on(Stage::Reject, quirks, scene).next()?;
        scene.state.mark_applied(index);
        match effect {
            Effect::Respond(answer) => Some(answer),
            _ => None,
        }
    }

    /// All of them, on or off, whether they apply or not, in the order of their files.
    pub fn all<'q>(&self, quirks: &'q Quirks) -> impl Iterator<Item = &'q Quirk> {
        let mut indexes = self.0.concat();
        indexes.sort_unstable();
        indexes.into_iter().map(|index| quirks.at(index))
    }

    /// What those rules of a step do that are on and apply, with their places.
    pub fn on<'q>(
        &self,
        step: Stage,
        quirks: &'q Quirks,
        scene: &RuleContext<'_>,
    ) -> impl Iterator<Item = (usize, &'q Effect)> {
        let on = self.0[step as usize].iter().filter(|index| scene.state.flags().is_on(**index));
        on.filter_map(move |index| {
            let quirk = quirks.at(*index);
            let effect = quirk.effect.as_ref()?;
            quirk.when.holds(scene).then_some((*index, effect))
        })
    }

    /// The `coerce` rules, on or off, with their places.
    pub fn coercions<'q>(&self, quirks: &'q Quirks) -> impl Iterator<Item = (usize, &'q Coerce)> {
        self.0[Stage::Coerce as usize].iter().filter_map(|index| match &quirks.at(*index).effect {
            Some(Effect::Coerce(coerce)) => Some((*index, coerce)),
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

    fn holds(&self, scene: &RuleContext<'_>) -> bool {
        let token = |caller: &Caller| self.tokens.contains(&caller.kind);
        let lacks = |feature: &str| {
            scene.caller.is_some_and(|caller| {
                caller.business.is_some() && !Context::is_feature_on(scene.state, caller, feature)
            })
        };
        self.gateway.is_none_or(|gateway| gateway == scene.gateway)
            && (self.tokens.is_empty() || scene.caller.is_some_and(token))
            && self.without_feature.as_deref().is_none_or(lacks)
            && self.sent.iter().all(|sent| sent.holds(scene))
            // The store is asked last, and only by a rule that speaks of a record.
            && self.record.as_ref().is_none_or(|record| scene.asked.is_some_and(|asked| self.keeps(record, scene, &asked)))
    }

    /// Whether the record that the path names is as the rule wants it.
    fn keeps(&self, wanted: &RecordCondition, scene: &RuleContext<'_>, asked: &ParsedRequest<'_>) -> bool {
        match (wanted, scene.record(asked, self.kind.as_deref())) {
            // A world that answers for unknown ids knows every record.
            (RecordCondition::Absent, found) => {
                found.is_none() && scene.state.settings.unknown_ids == UnknownIds::Refuse
            }
            (RecordCondition::With(_), None) => false,
            (RecordCondition::With(fields), Some(record)) => {
                fields.iter().all(|(field_path, is)| is.holds(Some(&known(&scene.state.store, record, field_path))))
            }
        }
    }
}

/// What a record says under a name; `matter_uid/staff_uid` is what the matter says that it names. An empty list says
/// nothing.
fn known(store: &Store, record: &Record, field_path: &str) -> Value {
    if let Some((name, rest)) = field_path.split_once('/') {
        let kind = ["_uid", "_id"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
        return store.get(kind, record.text(name)).map_or(Value::Null, |other| known(store, other, rest));
    }
    match record.get(field_path) {
        FieldValue::List(list) if list.is_empty() => Value::Null,
        value => serde_json::to_value(value).unwrap_or_default(),
    }
}

impl<'a> RuleContext<'a> {
    /// Whether a record is of the caller's business, or of none.
    pub fn is_own(&self, record: &Record) -> bool {
        let business = self.caller.and_then(|caller| caller.business.as_deref());
        let owner = record_business(record);
        owner.is_none() || business.is_none() || owner == business
    }

    /// The record that the path names, of the caller's own: by its id, or by the field that the path's parameter is called
    /// after. `kind` is what it is where the path's words do not say so.
    fn record(&self, asked: &ParsedRequest<'a>, kind: Option<&str>) -> Option<&'a Arc<Record>> {
        let role = &asked.operation.role;
        let (item, kind) = (role.item?, kind.or(role.resource.as_deref())?);
        let id = asked.path.get(item)?;
        let store = &self.state.store;
        let by_field = || {
            let name = parameter_names(&asked.operation.path).nth(item)?;
            store.all(kind).find(|record| record.text(name) == id)
        };
        store.get(kind, id).or_else(by_field).filter(|record| self.is_own(record))
    }
}

impl RequestCondition {
    fn holds(&self, scene: &RuleContext<'_>) -> bool {
        let text = |text: Option<&str>| self.is.holds(Some(&Value::from(text.unwrap_or_default())));
        let name = || self.field_path.join("/");
        match (self.part, scene.asked) {
            (RequestPart::Headers, _) => text(scene.headers.get(name().as_str()).and_then(|value| value.to_str().ok())),
            (_, None) => false,
            (RequestPart::Query, Some(asked)) => text(asked.query.get(&name())),
            (RequestPart::Body, Some(asked)) => {
                let value = self.field_path.iter().try_fold(asked.body, |value, step| match step.parse::<usize>() {
                    Ok(index) if value.is_array() => value.get(index),
                    _ => value.get(step),
                });
                self.is.holds(value)
            }
        }
    }
}

impl Matcher {
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
