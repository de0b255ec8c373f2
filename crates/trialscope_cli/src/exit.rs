use std::process::ExitCode;

/// How a command ended, as its exit code says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All went well.
    Success,
    /// The command failed.
    Failure,
    /// The command line is wrong.
    Usage,
    /// A rule fired, and the user asked to be told so by `--fail-on-issues`.
    RuleFired,
    /// There is no such trial, step or tensor.
    NotFound,
    /// A file or model of a kind that is not supported.
    Unsupported,
    /// The training is not finished, and the user asked for a finished one.
    Incomplete,
    /// Ctrl-C.
    Interrupted,
    /// A program that was started for the user ended with this code.
    Child(u8),
}

impl Exit {
    /// The code.
    pub fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Failure => 1,
            Self::Usage => 2,
            Self::RuleFired => 3,
            Self::NotFound => 4,
            Self::Unsupported => 5,
            Self::Incomplete => 6,
            Self::Interrupted => 130,
            Self::Child(code) => code,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
