//! The command line: one file per command. The doc comments of the arguments are the help.

mod api;
mod check;
mod completions;
mod contract;
mod explain;
mod fixtures;
mod quirks;
mod record;
mod replay;
mod routes;
mod serve;
mod tokens;
mod verify;

use std::ffi::OsString;
use std::io::{IsTerminal as _, Write as _};

use clap::{Parser, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};

use crate::diagnostics::Diagnostics;
use crate::openapi::load::LoadError;
use crate::scenarios::InvalidFiles;
use crate::server::BindError;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Everything came out as it should.
    Success = 0,
    /// A story failed, a proof does not hold, or a part of a contract is left out.
    Failure = 1,
    /// The command line is wrong, or names what is not there.
    Usage = 2,
    /// A port is taken, or an address is not ours.
    PortTaken = 3,
    /// There was nothing to run.
    NothingToRun = 4,
    /// A file is wrong: every mistake is on stderr, those of contracts that are checked on stdout.
    WrongFile = 5,
    /// What was found out could not be written to stdout.
    OutputFailed = 6,
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command ends before it is done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    #[error("{0}")]
    Usage(String),
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error("{} files are wrong", .0.len())]
    Diagnostics(Vec<Diagnostics>),
    #[error(transparent)]
    Bind(#[from] BindError),
    #[error("{0}error: no operation is left")]
    NothingLeft(String),
    #[error("{0}")]
    System(#[from] std::io::Error),
    #[error("cannot write to stdout: {0}")]
    OutputFailed(std::io::Error),
}

impl From<Diagnostics> for CliError {
    fn from(diagnostics: Diagnostics) -> Self {
        Self::Diagnostics(vec![diagnostics])
    }
}

impl From<InvalidFiles> for CliError {
    fn from(files: InvalidFiles) -> Self {
        Self::Diagnostics(files.diagnostics)
    }
}

/// A stand-in for an HTTP API: it behaves like the real one, not only like its contract.
///
/// Exit codes: 0 all is well, 1 a story or proof failed, 2 usage, 3 a port is taken, 4 nothing ran, 5 a file is wrong,
/// 6 stdout cannot be written to.
#[derive(Debug, Parser)]
#[command(name = "standin", version, max_term_width = 100, subcommand_required = true, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Serve),
    Tokens(tokens::Tokens),
    Quirks(quirks::Quirks),
    Replay(replay::Replay),
    Routes(routes::Routes),
    Check(check::Check),
    Explain(explain::Explain),
    Fixtures(fixtures::MakeFixtures),
    Verify(verify::Verify),
    Record(record::Record),
    Contract(contract::WriteContract),
    Completions(completions::Completions),
}

/// Runs the program with these arguments, the first of which is its name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            return match error.print() {
                _ if error.use_stderr() => Exit::Usage,
                Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                    report_error(&CliError::OutputFailed(error))
                }
                _ => Exit::Success,
            };
        }
    };
    let done = match cli.command {
        Command::Serve(command) => command.run(),
        Command::Tokens(command) => command.run(),
        Command::Quirks(command) => command.run(),
        Command::Replay(command) => command.run(),
        Command::Routes(command) => command.run(),
        Command::Check(command) => command.run(),
        Command::Explain(command) => command.run(),
        Command::Fixtures(command) => command.run(),
        Command::Verify(command) => command.run(),
        Command::Record(command) => command.run(),
        Command::Contract(command) => command.run(),
        Command::Completions(command) => command.run(),
    };
    done.unwrap_or_else(|stop| report_error(&stop))
}

/// The shape of the command line, for completions.
pub(crate) fn command() -> clap::Command {
    <Cli as clap::CommandFactory>::command()
}

fn report_error(stop: &CliError) -> Exit {
    match stop {
        CliError::Diagnostics(files) => {
            for diagnostics in files {
                print_status(diagnostics.render(takes_codes()).trim_end());
            }
            Exit::WrongFile
        }
        CliError::Bind(error) => {
            let advice = match error.error.kind() {
                std::io::ErrorKind::AddrInUse => {
                    "another program listens there; choose another with --port, or --control-port where there is one; 0 is any free one"
                }
                _ => "choose an address of this machine with --host, and ports above 1024",
            };
            print_status(&format!("error: {error}\nhelp: {advice}"));
            Exit::PortTaken
        }
        CliError::NothingLeft(_) => {
            print_status(&stop.to_string());
            Exit::WrongFile
        }
        CliError::OutputFailed(_) => {
            print_status(&format!("error: {stop}"));
            Exit::OutputFailed
        }
        CliError::Usage(_) | CliError::Load(_) | CliError::System(_) => {
            print_status(&format!("error: {stop}"));
            Exit::Usage
        }
    }
}

/// Writes a result on stdout. Whoever reads it may stop reading.
///
/// # Errors
/// When it cannot be written for any other reason, such as a full disk.
pub(crate) fn print(text: &str) -> Result<(), CliError> {
    let mut out = anstream::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(CliError::OutputFailed(error)),
        _ => Ok(()),
    }
}

/// Says a line on stderr. Nothing depends on whether anyone hears it: stderr may be closed or full.
pub(crate) fn print_status(text: &str) {
    let mut err = anstream::stderr().lock();
    let _ = err.write_all(format!("{text}\n").as_bytes());
}

/// Whether stderr takes escape codes: it is a terminal, not a dumb one, and nobody forbids it (`NO_COLOR`).
fn takes_codes() -> bool {
    let stderr = std::io::stderr();
    stderr.is_terminal() && anstream::AutoStream::choice(&stderr) != anstream::ColorChoice::Never
}

/// A progress bar on stderr, where it can be drawn.
pub(crate) fn progress(length: usize) -> ProgressBar {
    if !takes_codes() {
        return ProgressBar::hidden();
    }
    let style =
        ProgressStyle::with_template("{bar:40} {pos}/{len} {msg}").unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(length as u64).with_style(style)
}
