//! The commands, as a person sees them: each diagnostic once.

mod commands;
mod errors;
mod fixtures;
mod help;
mod init;
mod mcp;
mod replay;

use std::process::{Command, Output};

pub(crate) fn standin(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_standin")).args(arguments).env("NO_COLOR", "1").output().expect("it runs")
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The exit code, stdout and stderr of a command in one text.
fn all(arguments: &[&str]) -> String {
    let output = standin(arguments);
    format!(
        "exit {:?}\n--- stdout\n{}--- stderr\n{}",
        output.status.code().unwrap_or(-1),
        stdout(&output),
        stderr(&output)
    )
}

/// Writes files to a temporary folder and returns the output of commands that run in it, one after the other.
fn run_in_folder(files: &[(&str, &str)], commands: &[&[&str]]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, text).expect("written");
    }
    let outputs = commands.iter().map(|arguments| {
        let output = Command::new(env!("CARGO_BIN_EXE_standin"))
            .args(*arguments)
            .env("NO_COLOR", "1")
            .current_dir(folder.path())
            .output()
            .expect("it runs");
        let code = output.status.code().unwrap_or(-1);
        format!("$ standin {}\n{}{}exit {code}\n", arguments.join(" "), stdout(&output), stderr(&output))
    });
    outputs.collect::<Vec<_>>().join("\n")
}
