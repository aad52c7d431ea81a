use http::Method;

use super::{Coerce, Effect, Quirk, Quirks, Require, When};
use crate::contract::Operation;
use crate::exchange::{Caller, Door, Exchange, World};

/// The quirks that are rules about one operation: what a rule says of paths and methods is settled once.
#[derive(Clone, Debug, Default)]
pub struct Rules(Vec<usize>);

/// What a rule can look at: how far a call has come.
pub struct Scene<'a> {
    /// The door it came through.
    pub door: Door,
    /// Who calls; nobody yet, when the path leads nowhere.
    pub caller: Option<&'a Caller>,
    /// The world.
    pub world: &'a World,
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

    /// The quirk whose `answer` comes before everything else, if one does.
    pub fn answer<'q>(&self, quirks: &'q Quirks, scene: &Scene<'_>) -> Option<&'q Quirk> {
        let mut on = self.0.iter().filter(|place| scene.world.switches().is_on(**place));
        let place = on.find(|place| {
            let quirk = quirks.at(**place);
            matches!(quirk.effect, Some(Effect::Answer(_))) && quirk.when.holds(scene)
        })?;
        scene.world.took_part(*place);
        Some(quirks.at(*place))
    }

    /// The `coerce` rules, on or off, with their places.
    pub fn coercions<'q>(&self, quirks: &'q Quirks) -> impl Iterator<Item = (usize, &'q Coerce)> {
        self.0.iter().filter_map(|place| match &quirks.at(*place).effect {
            Some(Effect::Coerce(coerce)) => Some((*place, coerce)),
            _ => None,
        })
    }

    /// The `require` rules that are on, with their places.
    pub fn requirements<'q>(&self, quirks: &'q Quirks, world: &World) -> impl Iterator<Item = (usize, &'q Require)> {
        self.0.iter().filter(|place| world.switches().is_on(**place)).filter_map(|place| {
            match &quirks.at(*place).effect {
                Some(Effect::Require(require)) => Some((*place, require)),
                _ => None,
            }
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
    }
}
