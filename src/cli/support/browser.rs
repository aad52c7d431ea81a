use std::process::{Command, Stdio};

use super::output::print_status;

/// Opens a URL in the browser of the system. A failure is reported on stderr: the server runs without it.
pub(in crate::cli) fn open_in_browser(url: &str) {
    let (program, arguments): (&str, &[&str]) = match std::env::consts::OS {
        "macos" => ("open", &[]),
        "windows" => ("cmd", &["/c", "start", ""]),
        _ => ("xdg-open", &[]),
    };
    let silent = Stdio::null;
    let started =
        Command::new(program).args(arguments).arg(url).stdin(silent()).stdout(silent()).stderr(silent()).spawn();
    match started {
        // The thread waits for the program, so that the system can forget it.
        Ok(mut child) => drop(std::thread::spawn(move || child.wait())),
        Err(error) => print_status(&format!("cannot start {program}, so open {url} in a browser: {error}\n")),
    }
}
