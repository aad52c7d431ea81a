use strum::{EnumString, IntoStaticStr, VariantNames};

use super::{Area, Quirk};
use crate::diagnostics::nearest;
use crate::request::QuirkFlags;

/// A named set of switches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "kebab-case")]
pub enum Profile {
    /// What was seen at the real API.
    #[default]
    Observed,
    /// The contract alone: every quirk off.
    Documented,
    /// Every gateway serves everything, and every token that either side knows: no quirk about access.
    Permissive,
    /// What was seen, and the crashes of the real servers as well.
    ServerBugs,
}

impl Profile {
    /// Whether a quirk is on.
    fn has(self, quirk: &Quirk) -> bool {
        match self {
            Self::Observed => quirk.area != Area::ServerBug && !quirk.is_off_by_default,
            Self::Documented => false,
            Self::Permissive => !matches!(quirk.area, Area::Access | Area::ServerBug) && !quirk.is_off_by_default,
            Self::ServerBugs => !quirk.is_off_by_default,
        }
    }
}

/// A profile and single switches on top of it, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// The profile.
    pub profile: Profile,
    /// Ids to switch on or off.
    pub changes: Vec<(String, bool)>,
}

/// A switch names a quirk that is not there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no quirk `{id}`{}", near.as_ref().map_or_else(|| "; `standin quirks` lists them".into(), |near| format!("; did you mean `{near}`?")))]
pub struct UnknownQuirk {
    /// The id as given.
    pub id: String,
    /// The nearest one there is.
    pub near: Option<String>,
}

impl Selection {
    /// Adds a switch as it is written on a command line or in a scenario: `+id` or `-id`.
    ///
    /// # Errors
    /// When it begins with neither sign; the message says what to write.
    pub fn change(&mut self, written: &str) -> Result<(), String> {
        let on = match written.as_bytes().first() {
            Some(b'+') => true,
            Some(b'-') => false,
            _ => return Err(format!("write `+{written}` to switch it on or `-{written}` to switch it off")),
        };
        self.changes.push((written[1..].to_owned(), on));
        Ok(())
    }

    pub(super) fn flags(&self, quirks: &[Quirk]) -> Result<QuirkFlags, UnknownQuirk> {
        let mut flags = QuirkFlags::new(quirks.iter().map(|quirk| quirk.id.as_str()));
        for quirk in quirks {
            flags.set(&quirk.id, self.profile.has(quirk));
        }
        for (id, on) in &self.changes {
            if !flags.set(id, *on) {
                let near = nearest(id, quirks.iter().map(|quirk| quirk.id.as_str())).map(str::to_owned);
                return Err(UnknownQuirk { id: id.clone(), near });
            }
        }
        Ok(flags)
    }
}
