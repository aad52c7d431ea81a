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
    /// Whether a quirk that was observed at the selected date is on.
    fn has(self, quirk: &Quirk) -> bool {
        match self {
            Self::Observed => quirk.area != Area::ServerBug && !quirk.is_off_by_default,
            Self::Documented => false,
            Self::Permissive => !matches!(quirk.area, Area::Access | Area::ServerBug) && !quirk.is_off_by_default,
            Self::ServerBugs => !quirk.is_off_by_default,
        }
    }
}

/// A profile, the date whose observations count, and single switches on top of it, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// The profile.
    pub profile: Profile,
    /// One of the dates in `observed` of the API's `standin.yaml`; without it the first one.
    pub date: Option<String>,
    /// Ids to switch on or off.
    pub changes: Vec<(String, bool)>,
}

/// A selection names something that the API does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SelectionError {
    /// A switch names an unknown quirk.
    #[error("there is no quirk `{id}`{}", near.as_ref().map_or_else(|| "; `standin quirks` lists them".into(), |near| format!("; did you mean `{near}`?")))]
    UnknownQuirk {
        /// The id as given.
        id: String,
        /// The nearest known id.
        near: Option<String>,
    },
    /// A profile names a date for which the API declares no observations.
    #[error("there are no observations of `{date}`; {}", match known.as_slice() { [] => "the API has no dated profiles".into(), known => format!("there are {}", known.join(", ")) })]
    UnknownDate {
        /// The date as given.
        date: String,
        /// The dates of the API.
        known: Vec<String>,
    },
}

impl Selection {
    /// Reads a profile as it is written on a command line or in a scenario: `observed`, or `observed@2026-03` for the
    /// observations of a date.
    ///
    /// # Errors
    /// When there is no such profile; the message lists them.
    pub fn of_profile(written: &str) -> Result<Self, String> {
        let (name, date) = match written.split_once('@') {
            Some((name, date)) => (name, Some(date.to_owned())),
            None => (written, None),
        };
        match name.parse() {
            Ok(profile) => Ok(Self { profile, date, changes: Vec::new() }),
            Err(_) => Err(format!("there is no profile `{name}`; there are {}", Profile::VARIANTS.join(", "))),
        }
    }

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

    pub(super) fn flags(&self, quirks: &[Quirk], dates: &[String]) -> Result<QuirkFlags, SelectionError> {
        let date = match &self.date {
            Some(date) if !dates.contains(date) => {
                return Err(SelectionError::UnknownDate { date: date.clone(), known: dates.to_vec() });
            }
            Some(date) => date,
            None => dates.first().map_or("", String::as_str),
        };
        let mut flags = QuirkFlags::new(quirks.iter().map(|quirk| quirk.id.as_str()));
        for quirk in quirks {
            flags.set(&quirk.id, quirk.is_observed_at(date) && self.profile.has(quirk));
        }
        for (id, on) in &self.changes {
            if !flags.set(id, *on) {
                let near = nearest(id, quirks.iter().map(|quirk| quirk.id.as_str())).map(str::to_owned);
                return Err(SelectionError::UnknownQuirk { id: id.clone(), near });
            }
        }
        Ok(flags)
    }
}
