use strum::VariantArray;

/// The exit codes of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray)]
#[repr(u8)]
pub enum Exit {
    /// The command succeeded.
    Success = 0,
    /// A scenario failed, a proof does not hold, fixtures differ, or a part of a contract is ignored.
    Failure = 1,
    /// The command line is wrong, or names something that does not exist.
    Usage = 2,
    /// An address cannot be bound: the port is in use, or the host is not one of this machine.
    PortTaken = 3,
    /// There was nothing to run or to list.
    NothingToRun = 4,
    /// A file is invalid. All its errors are on stderr; those of `standin check` are on stdout.
    WrongFile = 5,
    /// The result could not be written to stdout, or the state to the file of `--state`.
    OutputFailed = 6,
    /// A recording would contain a value that must be replaced. Nothing is written.
    SecretLeft = 7,
    /// A second signal has ended the program, or a signal after which a request has not ended.
    Interrupted = 8,
}

impl Exit {
    /// What the code means, for the help of the program.
    fn meaning(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => {
                "a scenario failed, a proof does not hold, fixtures differ, or a part of a contract is ignored"
            }
            Self::Usage => "the command line is wrong, or names something that does not exist",
            Self::PortTaken => "an address cannot be bound",
            Self::NothingToRun => "there was nothing to run or to list",
            Self::WrongFile => "a file is invalid",
            Self::OutputFailed => "the result could not be written to stdout, or the state to the file of --state",
            Self::Interrupted => {
                "a second signal, or a request that did not end, has interrupted the end of the program"
            }
            Self::SecretLeft => "a recording would contain a credential or personal data; nothing is written",
        }
    }

    /// All codes with their meanings, one a line.
    pub(super) fn help() -> String {
        let lines = Self::VARIANTS.iter().map(|exit| format!("\n  {}  {}", *exit as u8, exit.meaning()));
        format!("Exit codes:{}", lines.collect::<String>())
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
