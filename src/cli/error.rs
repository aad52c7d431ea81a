use std::path::PathBuf;

use super::Exit;
use super::support::output::{print_status, supports_color};
use crate::diagnostics::Diagnostics;
use crate::diagnostics::path_text;
use crate::openapi::load::LoadError;
use crate::scenarios::{FindError, InvalidFiles};
use crate::server::BindError;

/// Why a command fails.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    #[error("{0}")]
    Usage(String),
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error("{} files are invalid", .0.len())]
    Diagnostics(Vec<Diagnostics>),
    #[error(transparent)]
    Bind(#[from] BindError),
    #[error("{0}error: no operation is left")]
    NothingLeft(String),
    #[error("{0}error: the files have problems that the API did not have before")]
    NewProblems(String),
    #[error("{0}")]
    System(#[from] std::io::Error),
    #[error("nothing is written: {0}; name a field to keep with --keep FIELD, or another file with --out")]
    NotWritten(String),
    #[error("cannot write the state to {}: {error}", path_text(path))]
    StateNotWritten { path: PathBuf, error: std::io::Error },
    #[error("{0}")]
    NotParked(String),
    #[error("cannot write to stdout: {0}")]
    OutputFailed(std::io::Error),
}

impl From<Diagnostics> for CliError {
    fn from(diagnostics: Diagnostics) -> Self {
        Self::Diagnostics(vec![diagnostics])
    }
}

impl From<FindError> for CliError {
    fn from(error: FindError) -> Self {
        match error {
            FindError::Load(error) => error.into(),
            FindError::Invalid(diagnostics) => diagnostics.into(),
            FindError::Unknown { .. } => Self::Usage(error.to_string()),
        }
    }
}

impl From<InvalidFiles> for CliError {
    fn from(files: InvalidFiles) -> Self {
        Self::Diagnostics(files.diagnostics)
    }
}

impl CliError {
    /// Prints the error on stderr and returns its exit code.
    pub(super) fn report(&self) -> Exit {
        match self {
            Self::Diagnostics(files) => {
                for diagnostics in files {
                    print_status(diagnostics.render(supports_color()).trim_end());
                }
                Exit::WrongFile
            }
            Self::Bind(error) => {
                print_status(&format!("error: {error}\nhelp: {}", bind_advice(error)));
                Exit::PortTaken
            }
            Self::NothingLeft(_) | Self::NewProblems(_) => {
                print_status(&self.to_string());
                Exit::WrongFile
            }
            Self::NotWritten(_) => self.report_as(Exit::SecretLeft),
            Self::OutputFailed(_) | Self::StateNotWritten { .. } | Self::NotParked(_) => {
                self.report_as(Exit::OutputFailed)
            }
            Self::Usage(_) | Self::Load(_) | Self::System(_) => self.report_as(Exit::Usage),
        }
    }

    fn report_as(&self, exit: Exit) -> Exit {
        print_status(&format!("error: {self}"));
        exit
    }
}

fn bind_advice(error: &BindError) -> &'static str {
    match error.error.kind() {
        std::io::ErrorKind::AddrInUse => {
            "another program uses this port; choose another one with --port or --control-port (0 selects a free port)"
        }
        _ => "choose an address of this machine with --host, and a port above 1024",
    }
}
