//! The effects that a quirk can have, one file each.

mod allow;
mod coerce;
mod default_query;
mod duplicate;
mod expose;
mod override_response;
mod page;
mod reference;
mod require;
mod respond;

pub use allow::Allow;
pub use coerce::{Coerce, CoerceTo};
pub use default_query::DefaultQuery;
pub use duplicate::Duplicate;
pub use expose::Expose;
pub use override_response::Override;
pub use page::Page;
pub use reference::Reference;
pub use require::Require;
pub use respond::Respond;

use super::effect::EffectKind;

/// Every effect.
pub static EFFECTS: &[EffectKind] = &[
    EffectKind::of::<Respond>(),
    EffectKind::of::<Coerce>(),
    EffectKind::of::<Require>(),
    EffectKind::of::<Allow>(),
    EffectKind::of::<Reference>(),
    EffectKind::of::<Page>(),
    EffectKind::of::<DefaultQuery>(),
    EffectKind::of::<Duplicate>(),
    EffectKind::of::<Expose>(),
    EffectKind::of::<Override>(),
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
