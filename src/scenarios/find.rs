use std::path::Path;

use super::Scenario;
use crate::api::ScenarioFiles;
use crate::diagnostics::{Diagnostics, nearest};
use crate::openapi::load::{LoadError, read_large};

/// Why a scenario is not read.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// Its file cannot be read.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// It is wrong.
    #[error(transparent)]
    Invalid(#[from] Diagnostics),
    /// It is neither a file nor a scenario of the API.
    #[error("no scenario `{name}`: it is neither a file nor a scenario of the API; {advice}")]
    Unknown {
        /// The name as given.
        name: String,
        /// The nearest name, or all.
        advice: String,
    },
}

impl Scenario {
    /// The scenario of that name: a file, or one that the API has.
    ///
    /// # Errors
    /// If there is none, or it is wrong.
    pub fn find(name: &str, scenarios: &ScenarioFiles) -> Result<Self, FindError> {
        let path = Path::new(name);
        if path.is_file() {
            return Ok(Self::read_in(&read_large(path)?, scenarios)?);
        }
        if let Some(file) = scenarios.find(name) {
            return Ok(Self::read_in(file, scenarios)?);
        }
        let names = scenarios.names();
        let near = nearest(name, names.iter().copied());
        let advice =
            near.map_or_else(|| format!("the API has: {}", names.join(", ")), |near| format!("did you mean `{near}`?"));
        Err(FindError::Unknown { name: name.to_owned(), advice })
    }
}
