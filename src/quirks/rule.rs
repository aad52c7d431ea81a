use std::sync::Arc;

use http::Method;

use super::{Effect, Quirk, Quirks, Stage, Target};
use crate::openapi::Operation;
use crate::request::{Checking, Context, Stop};

/// The quirks with an effect on one operation. Paths and methods are matched once, when the rules are built.
#[derive(Clone, Debug, Default)]
pub struct Rules(Vec<Rule>);

/// A quirk with its effect.
#[derive(Clone, Debug)]
struct Rule {
    /// Index of the quirk in the list of all.
    index: usize,
    /// What applies the effect. Most operations have few rules, so that all are compared.
    stage: Stage,
    effect: Arc<dyn Effect>,
}

impl Rules {
    /// No rules.
    pub const NONE: Self = Self(Vec::new());

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
                rules.0.push(Rule { index, stage: effect.stage(), effect: Arc::clone(effect) });
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
        self.0.iter().map(|rule| quirks.at(rule.index))
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
        let on = self.of_stage(stage).filter(|rule| ctx.state.flags().is_on(rule.index));
        let on = on.filter(move |rule| !(is_literal && quirks.at(rule.index).rejects_values()));
        on.filter(|rule| quirks.at(rule.index).when.holds(ctx)).map(|rule| (rule.index, &*rule.effect))
    }

    /// The effects of a stage, on or off, with the indexes of their quirks.
    pub fn all(&self, stage: Stage) -> impl Iterator<Item = (usize, &dyn Effect)> {
        self.of_stage(stage).map(|rule| (rule.index, &*rule.effect))
    }

    /// Whether a stage has no effects, on or off.
    pub fn is_empty(&self, stage: Stage) -> bool {
        self.of_stage(stage).next().is_none()
    }

    fn of_stage(&self, stage: Stage) -> impl Iterator<Item = &Rule> {
        self.0.iter().filter(move |rule| rule.stage == stage)
    }
}
