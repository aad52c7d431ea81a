use super::{Area, Quirk};
use crate::diagnostics::nearest;
use crate::request::QuirkFlags;

/// A named set of quirks that are on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    /// As the real API was observed.
    #[default]
    Observed,
    /// The contract alone: every quirk off.
    Documented,
    /// Every gateway serves every path to every known token: quirks about access are off.
    Permissive,
    /// As the real API was observed, including the crashes of its servers.
    ServerBugs,
}

impl Profile {
    /// All profiles with their names.
    pub const ALL: [(Self, &'static str); 4] = [
        (Self::Observed, "observed"),
        (Self::Documented, "documented"),
        (Self::Permissive, "permissive"),
        (Self::ServerBugs, "server-bugs"),
    ];

    /// Whether the profile has a quirk on.
    fn has(self, quirk: &Quirk) -> bool {
        match self {
            Self::Observed => quirk.area != Area::ServerBug && !quirk.is_off_by_default,
            Self::Documented => false,
            Self::Permissive => !matches!(quirk.area, Area::Access | Area::ServerBug) && !quirk.is_off_by_default,
            Self::ServerBugs => !quirk.is_off_by_default,
        }
    }

    /// The profile with a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, known)| *known == name).map(|(profile, _)| profile)
    }
}

/// A profile, and quirks that differ from it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// The profile.
    pub profile: Profile,
    /// Ids to switch on or off, in order.
    pub changes: Vec<(String, bool)>,
}

/// A selection names an unknown quirk.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no quirk `{id}`{}", nearest.as_ref().map_or_else(|| "; `standin quirks` lists them".into(), |nearest| format!("; did you mean `{nearest}`?")))]
pub struct UnknownQuirk {
    /// The id as given.
    pub id: String,
    /// The most similar known id.
    pub nearest: Option<String>,
}

impl Selection {
    /// Adds a change in the syntax of the command line and of scenarios: `+id` or `-id`.
    ///
    /// # Errors
    /// When it begins with neither sign; the message tells what to write.
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
                let nearest = nearest(id, quirks.iter().map(|quirk| quirk.id.as_str())).map(str::to_owned);
                return Err(UnknownQuirk { id: id.clone(), nearest });
            }
        }
        Ok(flags)
    }
}
