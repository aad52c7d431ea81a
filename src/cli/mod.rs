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

use crate::contract::load::LoadError;
use crate::scenarios::WrongFiles;
use crate::server::BindError;
use crate::source::Complaints;

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
    NothingRan = 4,
    /// A file is wrong: every mistake is on stderr, those of contracts that are checked on stdout.
    WrongFile = 5,
    /// What was found out could not be written to stdout.
    Unwritten = 6,
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command ends before it is done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Stop {
    #[error("{0}")]
    Usage(String),
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error("{} files are wrong", .0.len())]
    Complaints(Vec<Complaints>),
    #[error(transparent)]
    Bind(#[from] BindError),
    #[error("{0}error: no operation is left")]
    NothingLeft(String),
    #[error("{0}")]
    System(#[from] std::io::Error),
    #[error("cannot write to stdout: {0}")]
    Unwritten(std::io::Error),
}

impl From<Complaints> for Stop {
    fn from(complaints: Complaints) -> Self {
        Self::Complaints(vec![complaints])
    }
}

impl From<WrongFiles> for Stop {
    fn from(files: WrongFiles) -> Self {
        Self::Complaints(files.wrong)
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
                Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => tell(&Stop::Unwritten(error)),
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
    done.unwrap_or_else(|stop| tell(&stop))
}

/// The shape of the command line, for completions.
pub(crate) fn command() -> clap::Command {
    <Cli as clap::CommandFactory>::command()
}

fn tell(stop: &Stop) -> Exit {
    match stop {
        Stop::Complaints(files) => {
            for complaints in files {
                talk(complaints.render(takes_codes()).trim_end());
            }
            Exit::WrongFile
        }
        Stop::Bind(error) => {
            let advice = match error.error.kind() {
                std::io::ErrorKind::AddrInUse => {
                    "another program listens there; choose another with --port, or --control-port where there is one; 0 is any free one"
                }
                _ => "choose an address of this machine with --host, and ports above 1024",
            };
            talk(&format!("error: {error}\nhelp: {advice}"));
            Exit::PortTaken
        }
        Stop::NothingLeft(_) => {
            talk(&stop.to_string());
            Exit::WrongFile
        }
        Stop::Unwritten(_) => {
            talk(&format!("error: {stop}"));
            Exit::Unwritten
        }
        Stop::Usage(_) | Stop::Load(_) | Stop::System(_) => {
            talk(&format!("error: {stop}"));
            Exit::Usage
        }
    }
}

/// Writes a result on stdout. Whoever reads it may stop reading.
///
/// # Errors
/// When it cannot be written for any other reason, such as a full disk.
pub(crate) fn print(text: &str) -> Result<(), Stop> {
    let mut out = anstream::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Stop::Unwritten(error)),
        _ => Ok(()),
    }
}

/// Says a line on stderr. Nothing depends on whether anyone hears it: stderr may be closed or full.
pub(crate) fn talk(text: &str) {
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
