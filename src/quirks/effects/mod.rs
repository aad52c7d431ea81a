//! The effects that a quirk can have, one file each.

mod allow;
mod coerce;
mod constrain;
mod default_query;
mod duplicate;
mod expose;
mod override_response;
mod page;
mod reference;
mod require;
mod require_owner;
mod respond;

use super::effect::EffectKind;

/// Every effect. A new one is one file and one row.
pub static EFFECTS: &[EffectKind] = &[
    EffectKind::of::<respond::Respond>(),
    EffectKind::of::<coerce::Coerce>(),
    EffectKind::of::<require::Require>(),
    EffectKind::of::<allow::Allow>(),
    EffectKind::of::<constrain::Constrain>(),
    EffectKind::of::<reference::Reference>(),
    EffectKind::of::<page::Page>(),
    EffectKind::of::<default_query::DefaultQuery>(),
    EffectKind::of::<duplicate::Duplicate>(),
    EffectKind::of::<expose::Expose>(),
    EffectKind::of::<override_response::Override>(),
    EffectKind::of::<require_owner::RequireOwner>(),
];

/// Former keys of effects and what they are called now.
pub(super) const RENAMED: [(&str, &str); 7] = [
    ("answer", "respond"),
    ("refer", "reference"),
    ("ask", "default_query"),
    ("copy", "duplicate"),
    ("show", "expose"),
    ("set", "override"),
    ("accept", "allow"),
];
