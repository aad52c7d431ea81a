//! Computed fields that need each other, and effects that cause each other.

use compact_str::CompactString;

use super::{Action, Behaviour, Effect, Trigger};
use crate::expressions::Expression;
use crate::openapi::resource::Resource;

impl Behaviour {
    /// Sorts the computed fields, so that each comes after those that it reads. Those of a loop stay at the end.
    fn sort_computed(&mut self) {
        let mut left = std::mem::take(&mut self.computed);
        while !left.is_empty() {
            let names: Vec<CompactString> = left.iter().map(|(name, _)| name.clone()).collect();
            let is_ready = |(_, expression): &(CompactString, Expression)| {
                !names.iter().any(|name| expression.reads().contains(name))
            };
            let (ready, waiting): (Vec<_>, Vec<_>) = left.into_iter().partition(is_ready);
            if ready.is_empty() {
                self.computed.extend(waiting);
                return;
            }
            self.computed.extend(ready);
            left = waiting;
        }
    }
}

/// Sorts the computed fields of a kind. The names of the fields of a loop, if there is one.
pub(in crate::openapi::resource) fn find_computed_loop(behaviour: &mut Behaviour) -> Option<Vec<CompactString>> {
    behaviour.sort_computed();
    let computed = &behaviour.computed;
    let reads_later = |index: usize| computed[index..].iter().any(|(name, _)| computed[index].1.reads().contains(name));
    let first = (0..computed.len()).find(|index| reads_later(*index))?;
    Some(computed[first..].iter().map(|(name, _)| name.clone()).collect())
}

/// An effect that causes itself, directly or by others, with its kind; and the loop in words.
pub(in crate::openapi::resource) fn find_effect_loop(kinds: &[Resource]) -> Option<(&Resource, &Effect, String)> {
    for resource in kinds {
        for effect in &resource.behaviour.effects {
            let mut path = vec![(resource, effect)];
            if follows(kinds, &mut path) {
                let steps = path.iter().filter_map(|(resource, effect)| {
                    let (caused, trigger) = effect.action.causes()?;
                    Some(format!("`{}` {} `{caused}`", resource.kind, trigger.verb()))
                });
                return Some((resource, effect, steps.collect::<Vec<_>>().join(", ")));
            }
        }
    }
    None
}

/// Whether the last effect of a path leads back to the first one.
fn follows<'r>(kinds: &'r [Resource], path: &mut Vec<(&'r Resource, &'r Effect)>) -> bool {
    let Some((_, last)) = path.last().copied() else { return false };
    let Some((caused, _)) = last.action.causes() else { return false };
    let Some(resource) = kinds.iter().find(|resource| resource.kind == *caused) else { return false };
    for effect in resource.behaviour.effects.iter().filter(|effect| effect.may_follow(last, resource)) {
        if std::ptr::eq(effect, path[0].1) {
            return true;
        }
        if path.iter().any(|(_, known)| std::ptr::eq(*known, effect)) {
            continue;
        }
        path.push((resource, effect));
        if follows(kinds, path) {
            return true;
        }
        path.pop();
    }
    false
}

impl Effect {
    /// Whether what another effect writes to a record of a kind can cause this one.
    fn may_follow(&self, other: &Self, resource: &Resource) -> bool {
        let Some((_, written)) = other.action.causes() else { return false };
        self.on.iter().any(|trigger| match trigger {
            Trigger::Enters(state) => other.action.may_enter(state, resource),
            trigger => *trigger == written,
        })
    }
}

impl Action {
    /// Whether it may lead a record to a state.
    fn may_enter(&self, state: &str, resource: &Resource) -> bool {
        let Some(lifecycle) = &resource.lifecycle else { return false };
        let set = match self {
            Self::Create { set, .. } | Self::Update { set, .. } => set,
            Self::Delete { .. } | Self::Set(_) | Self::Notify(_) => return false,
        };
        match set.iter().find(|(name, _)| *name == lifecycle.field) {
            Some((_, expression)) => expression.constant_text().is_none_or(|text| text == state),
            None => matches!(self, Self::Create { .. }),
        }
    }
}

impl Trigger {
    fn verb(&self) -> &'static str {
        match self {
            Self::Create => "creates",
            Self::Delete => "deletes",
            Self::Update | Self::Operation(_) | Self::Enters(_) => "updates",
        }
    }
}
