use std::sync::Arc;

use http::Method;

use super::{Effect, Quirk, Quirks, Stage, Target};
use crate::openapi::Operation;
use crate::request::{Checking, Context, Stop};

/// The quirks with an effect on one operation, by the stage that applies it. Paths and methods are matched once, when the
/// rules are built.
#[derive(Clone, Debug, Default)]
pub struct Rules([Vec<Rule>; Stage::COUNT]);

/// A quirk with its effect.
#[derive(Clone, Debug)]
struct Rule {
    /// Index of the quirk in the list of all.
    index: usize,
    effect: Arc<dyn Effect>,
}

impl Rules {
    /// No rules.
    pub const NONE: Self = Self([const { Vec::new() }; Stage::COUNT]);

    /// The rules for an operation.
    pub fn of_operation(quirks: &Quirks, operation: &Operation) -> Self {
        Self::of_target(quirks, &operation.method, &operation.path, true)
    }

    /// The rules for a method and a path without an operation. `has_operations` tells whether the path has operations of
    /// other methods.
    pub fn of_target(quirks: &Quirks, method: &Method, path: &str, has_operations: bool) -> Self {
        let mut rules = Self::default();
        for (index, quirk) in quirks.iter().enumerate() {
            let is_about = !(quirk.when.is_unrouted && has_operations) && quirk.when.matches_target(method, path);
            if let Some(effect) = quirk.effect.as_ref().filter(|_| is_about) {
                rules.0[effect.stage() as usize].push(Rule { index, effect: Arc::clone(effect) });
            }
        }
        rules
    }

    /// Applies the first effect that responds in place of the API.
    ///
    /// # Errors
    /// The response.
    pub fn respond(&self, quirks: &Quirks, ctx: &Context<'_>) -> Result<(), Stop> {
        let mut stop = None;
        for (index, effect) in self.matching(Stage::Respond, quirks, ctx) {
            if effect.apply(Target::Response(&mut stop)) {
                ctx.state.mark_applied(index);
                break;
            }
        }
        stop.map_or(Ok(()), Err)
    }

    /// The quirks of all rules, on or off, in the order of their files.
    pub fn quirks<'q>(&self, quirks: &'q Quirks) -> impl Iterator<Item = &'q Quirk> {
        let mut indexes: Vec<usize> = self.0.iter().flatten().map(|rule| rule.index).collect();
        indexes.sort_unstable();
        indexes.into_iter().map(|index| quirks.at(index))
    }

    /// The effects of a stage whose quirks are on and whose conditions hold, with the indexes of their quirks. If requests are
    /// checked as documented, no quirk rejects values that the contract allows.
    pub fn matching<'r, 'c>(
        &'r self,
        stage: Stage,
        quirks: &'c Quirks,
        ctx: &'c Context<'_>,
    ) -> impl Iterator<Item = (usize, &'r dyn Effect)> {
        let is_literal = ctx.state.settings.checking == Checking::Documented;
        let on = self.0[stage as usize].iter().filter(|rule| ctx.state.flags().is_on(rule.index));
        let on = on.filter(move |rule| !(is_literal && quirks.at(rule.index).rejects_values()));
        on.filter(|rule| quirks.at(rule.index).when.holds(ctx)).map(|rule| (rule.index, &*rule.effect))
    }

    /// The effects of a stage, on or off, with the indexes of their quirks.
    pub fn all(&self, stage: Stage) -> impl Iterator<Item = (usize, &dyn Effect)> {
        self.0[stage as usize].iter().map(|rule| (rule.index, &*rule.effect))
    }

    /// Whether a stage has no effects, on or off.
    pub fn is_empty(&self, stage: Stage) -> bool {
        self.0[stage as usize].is_empty()
    }
}
