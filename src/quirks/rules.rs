use http::Method;
use serde_json::Value;

use super::{Answer, Coerce, Effect, Is, Quirk, Quirks, Sent, When};
use crate::contract::Operation;
use crate::exchange::{Caller, Door, Exchange, Query, World};

/// The quirks that are rules about one operation: what a rule says of paths and methods is settled once.
#[derive(Clone, Debug, Default)]
pub struct Rules(Vec<usize>);

/// What a rule can look at: how far a call has come.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// The door it came through.
    pub door: Door,
    /// Who calls; nobody yet, when the path leads nowhere.
    pub caller: Option<&'a Caller>,
    /// The world.
    pub world: &'a World,
    /// The query and the body; nothing before they are read.
    pub sent: Option<(&'a Query, &'a Value)>,
}

impl Rules {
    /// The rules about an operation.
    pub fn about(quirks: &Quirks, operation: &Operation) -> Self {
        Self::of_path(quirks, &operation.method, &operation.path)
    }

    /// The rules about a method and a path.
    pub fn of_path(quirks: &Quirks, method: &Method, path: &str) -> Self {
        let about = |quirk: &Quirk| quirk.effect.is_some() && quirk.when.is_about(method, path);
        Self(quirks.iter().enumerate().filter(|(_, quirk)| about(quirk)).map(|(place, _)| place).collect())
    }

    /// The answer that comes before everything else, if a rule has one.
    pub fn answer<'q>(&self, quirks: &'q Quirks, scene: &Scene<'_>) -> Option<&'q Answer> {
        let answer = |effect: &'q Effect| match effect {
            Effect::Answer(answer) => Some(answer),
            _ => None,
        };
        let (place, answer) = self.on(quirks, scene, answer).next()?;
        scene.world.took_part(place);
        Some(answer)
    }

    /// What those rules do that are on and apply, with their places. `wanted` comes first: most rules are about another
    /// step of a call, and whether one applies takes a look at the world.
    pub fn on<'q, T: 'q>(
        &self,
        quirks: &'q Quirks,
        scene: &Scene<'_>,
        wanted: impl Fn(&'q Effect) -> Option<&'q T>,
    ) -> impl Iterator<Item = (usize, &'q T)> {
        self.0.iter().filter_map(move |place| {
            let quirk = quirks.at(*place);
            let effect = quirk.effect.as_ref().and_then(&wanted)?;
            (scene.world.switches().is_on(*place) && quirk.when.holds(scene)).then_some((*place, effect))
        })
    }

    /// The `coerce` rules, on or off, with their places.
    pub fn coercions<'q>(&self, quirks: &'q Quirks) -> impl Iterator<Item = (usize, &'q Coerce)> {
        self.0.iter().filter_map(|place| match &quirks.at(*place).effect {
            Some(Effect::Coerce(coerce)) => Some((*place, coerce)),
            _ => None,
        })
    }
}

impl When {
    fn is_about(&self, method: &Method, path: &str) -> bool {
        self.paths.iter().any(|pattern| pattern.matches(path))
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
            && self.sent.iter().all(|sent| scene.sent.is_some_and(|(query, body)| sent.holds(query, body)))
    }
}

impl Sent {
    fn holds(&self, query: &Query, body: &Value) -> bool {
        let said = || Value::from(query.get(&self.way.join("/")).unwrap_or_default());
        let of_query;
        let value = if self.in_body {
            self.way.iter().try_fold(body, |value, step| match step.parse::<usize>() {
                Ok(index) if value.is_array() => value.get(index),
                _ => value.get(step),
            })
        } else {
            of_query = said();
            Some(&of_query)
        };
        let blank = |value: &Value| value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty());
        let is_there = value.is_some_and(|value| !blank(value));
        // Numbers in a query, and in many a body, are text.
        let same = |known: &Value| {
            value.is_some_and(|value| {
                value == known
                    || value.as_str().is_some_and(|text| !known.is_string() && text == known.to_string().as_str())
            })
        };
        match &self.is {
            Is::Absent => !is_there,
            Is::Present => is_there,
            Is::OneOf(values) => values.iter().any(same),
            Is::NoneOf(values) => is_there && !values.iter().any(same),
        }
    }
}
