use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use jiff::Timestamp;

use super::control::Control;
use super::engines::{Initial, Prepared, Source, prepare};
use super::{MockServer, MockService, MockSession};
use crate::diagnostics::{Diagnostics, SourceFile};
use crate::openapi::ApiChoice;
use crate::openapi::load::LoadError;
use crate::pipeline::{Mock, MockLimits};
use crate::scenarios::FindError;
use crate::server::{BackgroundServer, BindError, DirectService, Limits};
use crate::session::SessionId;

/// Which API a mock serves, in which initial state. Made by [`Mock::builder`].
#[derive(Clone, Debug, Default)]
#[must_use = "`start` starts the mock"]
pub struct MockBuilder {
    source: Source,
    initial: Initial,
    limits: MockLimits,
}

/// Why a mock does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A file or folder cannot be read.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// A file is wrong.
    #[error(transparent)]
    Invalid(#[from] Diagnostics),
    /// The scenario cannot be read.
    #[error(transparent)]
    Scenario(#[from] FindError),
    /// An option names something that does not exist.
    #[error("{0}")]
    Option(String),
    /// No port can be bound.
    #[error(transparent)]
    Bind(#[from] BindError),
}

impl Mock {
    /// A mock for tests: by default of the built-in API with its default scenario.
    pub fn builder() -> MockBuilder {
        MockBuilder::default()
    }
}

impl MockBuilder {
    /// An API folder, or a contract, instead of the built-in API. May be repeated. Relative paths begin at the working
    /// directory, which is that of the package under `cargo test`.
    pub fn api(mut self, path: impl Into<PathBuf>) -> Self {
        self.source.paths.push(path.into());
        self
    }

    /// A contract as a text, in YAML or JSON; `name` is the file name in error messages.
    pub fn contract(mut self, name: impl Into<String>, text: impl Into<String>) -> Self {
        self.source.contracts.push(SourceFile::new(name, text));
        self
    }

    /// Which API the contracts belong to, instead of the one that their files identify.
    pub fn api_choice(mut self, choice: ApiChoice) -> Self {
        self.source.choice = choice;
        self
    }

    /// The scenario: a file, or the name of one that the API has, instead of its default one.
    pub fn scenario(mut self, name: impl Into<String>) -> Self {
        self.initial.scenario = Some(name.into());
        self
    }

    /// The profile of quirks, such as `documented`.
    pub fn quirks(mut self, profile: impl Into<String>) -> Self {
        self.initial.quirks = Some(profile.into());
        self
    }

    /// Switches one quirk: `+id` on, `-id` off. May be repeated.
    pub fn quirk(mut self, switch: impl Into<String>) -> Self {
        self.initial.switches.push(switch.into());
        self
    }

    /// The seed of ids and of generated people.
    pub fn seed(mut self, seed: u64) -> Self {
        self.initial.seed = Some(seed);
        self
    }

    /// Stops the clock at a time, such as that of `"2026-02-08T10:00:00Z".parse()`.
    pub fn now(mut self, now: Timestamp) -> Self {
        self.initial.now = Some(now);
        self
    }

    /// How many sessions and journal entries the mock holds.
    pub fn limits(mut self, limits: MockLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Starts a server on a free port of 127.0.0.1.
    ///
    /// # Panics
    /// With the errors of [`MockBuilder::try_start`].
    #[track_caller]
    pub fn start(&self) -> MockServer {
        succeed(self.try_start())
    }

    /// Starts a server on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// If a file is wrong, an option names something that does not exist, or no port can be bound.
    pub fn try_start(&self) -> Result<MockServer, StartError> {
        let (mut control, prepared) = self.control()?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let server = BackgroundServer::start(address, control.admin(), Limits::default())?;
        control.set_address(server.api());
        Ok(MockServer::new(session(control, &prepared), server))
    }

    /// Makes a mock without a socket: a `tower` service.
    ///
    /// # Panics
    /// With the errors of [`MockBuilder::try_service`].
    #[track_caller]
    pub fn service(&self) -> MockService {
        succeed(self.try_service())
    }

    /// Makes a mock without a socket: a `tower` service.
    ///
    /// # Errors
    /// If a file is wrong, or an option names something that does not exist.
    pub fn try_service(&self) -> Result<MockService, StartError> {
        let (control, prepared) = self.control()?;
        let service = DirectService::new(control.admin());
        Ok(MockService::new(session(control, &prepared), service))
    }

    fn control(&self) -> Result<(Control, Prepared), StartError> {
        let prepared = prepare(&self.source, &self.initial)?;
        let mock = Mock::new(prepared.engine.clone(), prepared.state.clone(), self.limits);
        Ok((Control::new(mock), prepared))
    }
}

fn session(control: Control, prepared: &Prepared) -> MockSession {
    MockSession::new(control, prepared.credentials.clone(), SessionId::DEFAULT.to_owned())
}

#[track_caller]
#[expect(clippy::panic, reason = "a test without its mock has failed")]
fn succeed<T>(result: Result<T, StartError>) -> T {
    match result {
        Ok(started) => started,
        Err(error) => panic!("the mock does not start: {error}"),
    }
}
