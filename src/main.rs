//! The `standin` program: parse, run, exit.

use std::process::ExitCode;

fn main() -> ExitCode {
    standin::cli::run(std::env::args_os()).into()
}
