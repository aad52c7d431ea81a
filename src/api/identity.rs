//! Which API a folder of contracts belongs to.
//!
//! It is decided by identity, never by paths: by the user's choice (`--api`), by a `standin.yaml` beside the contracts, or
//! by the hosts that the contracts name: if most of them are hosts of an embedded API, the folder is that API. Otherwise
//! nothing but the contracts and the files beside them applies.

use std::fmt;

use super::{Api, ScenarioFiles};
use crate::diagnostics::{Diagnostic, Diagnostics, SourceFile, Span};
use crate::openapi::{ApiChoice, ApiFolder};

/// The names of the embedded APIs.
pub const EMBEDDED_NAMES: [&str; 1] = ["intandem"];

/// Why an API applies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Reason {
    /// No API applies: the contracts stand alone.
    #[default]
    None,
    /// The user named it.
    Chosen,
    /// A `standin.yaml` describes it.
    File(String),
    /// The contracts name this host of an embedded API.
    Host(String),
}

/// A folder and the API that it belongs to.
#[derive(Clone, Debug, Default)]
pub struct Identity {
    /// The API.
    pub api: Api,
    /// Why.
    pub reason: Reason,
    /// The quirks files that apply.
    pub quirks: Vec<SourceFile>,
    /// The resources files that apply.
    pub resources: Vec<SourceFile>,
    /// The scenarios that the user can name.
    pub scenarios: ScenarioFiles,
    /// Contracts of an embedded API, for operations that the folder's own contracts lack.
    pub more_contracts: Vec<SourceFile>,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => write!(f, "no API: the contracts alone"),
            Self::Chosen => write!(f, "named by --api"),
            Self::File(name) => write!(f, "described by {name}"),
            Self::Host(host) => write!(f, "recognized by the host {host}; --api none serves the contracts alone"),
        }
    }
}

impl Identity {
    /// The identity of a folder whose contracts name these hosts.
    ///
    /// # Errors
    /// If the `standin.yaml` of the folder is wrong or there is more than one, or `--api` names no embedded API.
    pub fn of(folder: &ApiFolder, hosts: &[String]) -> Result<Self, Diagnostics> {
        let own = || (folder.quirks.clone(), folder.resources.clone());
        match (&folder.choice, folder.settings.as_slice()) {
            (ApiChoice::None, _) => {
                Ok(Self { reason: Reason::None, scenarios: ScenarioFiles::of(&folder.scenarios), ..Self::default() })
            }
            (ApiChoice::Named(name), _) => Self::embedded(name, Reason::Chosen, folder),
            (ApiChoice::Auto, [file]) if folder == ApiFolder::embedded_ref() => {
                let reason = Reason::File(file.name.clone());
                Ok(Self { more_contracts: Vec::new(), ..Self::embedded(EMBEDDED_NAMES[0], reason, folder)? })
            }
            (ApiChoice::Auto, [file]) => {
                let api = Api::read(file, &|name| embedded_settings(name).map(|file| Api::read(file, &|_| None)))?;
                let reason = Reason::File(file.name.clone());
                match Api::extended_name(file) {
                    Some(base) => Ok(Self { api, ..Self::embedded(&base, reason, folder)? }),
                    None => {
                        let (quirks, resources) = own();
                        let scenarios = ScenarioFiles::of(&folder.scenarios);
                        Ok(Self { api, reason, quirks, resources, scenarios, more_contracts: Vec::new() })
                    }
                }
            }
            (ApiChoice::Auto, [_, second, ..]) => Err(Diagnostics::new(
                &second.name,
                &second.text,
                vec![
                    Diagnostic::new(Span { line: 1, column: 1 }, "this is the second `standin.yaml` of the API")
                        .help("describe the API in one file; serve two APIs with two processes"),
                ],
            )),
            (ApiChoice::Auto, []) => match claimed(hosts)? {
                Some((name, host)) => Self::embedded(&name, Reason::Host(host), folder),
                None => {
                    let (quirks, resources) = own();
                    let scenarios = ScenarioFiles::of(&folder.scenarios);
                    Ok(Self { quirks, resources, scenarios, ..Self::default() })
                }
            },
        }
    }

    /// An embedded API, with the quirks and resources of the folder besides its own.
    fn embedded(name: &str, reason: Reason, folder: &ApiFolder) -> Result<Self, Diagnostics> {
        let Some(file) = embedded_settings(name) else {
            let known = EMBEDDED_NAMES.join(", ");
            let diagnostic = Diagnostic::new(Span { line: 1, column: 1 }, format!("unknown API `{name}`"));
            return Err(Diagnostics::new("--api", name, vec![diagnostic.help(format!("write one of none, {known}"))]));
        };
        let api = Api::read(file, &|_| None)?;
        let embedded = ApiFolder::embedded_ref();
        let is_other = |file: &&SourceFile| !embedded.contains(&file.name);
        let joined = |known: &[SourceFile], own: &[SourceFile]| -> Vec<SourceFile> {
            known.iter().chain(own.iter().filter(is_other)).cloned().collect()
        };
        Ok(Self {
            api,
            reason,
            quirks: joined(&embedded.quirks, &folder.quirks),
            resources: joined(&embedded.resources, &folder.resources),
            scenarios: ScenarioFiles::embedded(&folder.scenarios),
            more_contracts: embedded.contracts.clone(),
        })
    }
}

/// The `standin.yaml` of an embedded API.
fn embedded_settings(name: &str) -> Option<&'static SourceFile> {
    if !EMBEDDED_NAMES.contains(&name) {
        return None;
    }
    ApiFolder::embedded_ref().settings.first()
}

/// The embedded API that claims most of the hosts, with one of these hosts.
fn claimed(hosts: &[String]) -> Result<Option<(String, String)>, Diagnostics> {
    for name in EMBEDDED_NAMES {
        let Some(file) = embedded_settings(name) else { continue };
        let api = Api::read(file, &|_| None)?;
        let of_api = |host: &&String| api.hosts.contains(host);
        let count = hosts.iter().filter(of_api).count();
        if count * 2 > hosts.len() {
            return Ok(hosts.iter().find(of_api).map(|host| (name.to_owned(), host.clone())));
        }
    }
    Ok(None)
}
