//! The command line: one file per command, `support` for what they share. The doc comments of the arguments are the help.

mod api;
mod check;
mod completions;
mod contract;
mod error;
mod exit;
mod explain;
mod fixtures;
mod init;
mod man;
mod mcp;
mod quirks;
mod record;
mod replay;
mod routes;
mod schema;
mod serve;
mod support;
mod tokens;
mod verify;
mod wait;

use std::ffi::OsString;

use clap::{Parser, Subcommand};

pub(crate) use error::CliError;
pub use exit::Exit;

/// A stand-in for an HTTP API: it behaves like the real one, not only like its contract.
#[derive(Debug, Parser)]
#[command(
    name = "standin",
    version,
    max_term_width = 100,
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = Exit::help()
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(Box<serve::Serve>),
    Tokens(tokens::Tokens),
    Quirks(quirks::Quirks),
    Replay(replay::Replay),
    Routes(routes::Routes),
    Init(init::Init),
    Check(check::Check),
    Explain(explain::Explain),
    Fixtures(fixtures::MakeFixtures),
    Verify(verify::Verify),
    Record(record::Record),
    Wait(wait::Wait),
    Mcp(mcp::Mcp),
    Contract(contract::WriteContract),
    Schema(schema::Schema),
    Completions(completions::Completions),
    Man(man::Man),
}

/// Runs the program. The first argument is its name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            return match error.print() {
                _ if error.use_stderr() => Exit::Usage,
                Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => CliError::OutputFailed(error).report(),
                _ => Exit::Success,
            };
        }
    };
    let result = match cli.command {
        Command::Serve(command) => command.run(),
        Command::Tokens(command) => command.run(),
        Command::Quirks(command) => command.run(),
        Command::Replay(command) => command.run(),
        Command::Routes(command) => command.run(),
        Command::Init(command) => command.run(),
        Command::Check(command) => command.run(),
        Command::Explain(command) => command.run(),
        Command::Fixtures(command) => command.run(),
        Command::Verify(command) => command.run(),
        Command::Record(command) => command.run(),
        Command::Wait(command) => command.run(),
        Command::Mcp(command) => command.run(),
        Command::Contract(command) => command.run(),
        Command::Schema(command) => command.run(),
        Command::Completions(command) => command.run(),
        Command::Man(command) => command.run(),
    };
    result.unwrap_or_else(|error| error.report())
}

/// The definition of the command line, for completions and manual pages.
pub(crate) fn command() -> clap::Command {
    <Cli as clap::CommandFactory>::command()
}
