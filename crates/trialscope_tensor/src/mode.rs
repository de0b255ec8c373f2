use std::{fmt, str::FromStr};

use crate::Error;

/// What the training program was doing at a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mode {
    /// Fitting parameters.
    Train,
    /// Measuring on held-out data.
    Eval,
    /// Predicting.
    Predict,
    /// Not told apart; counts every step of the other modes too.
    Global,
}

impl Mode {
    /// Every mode, in the order of [`Mode::number`].
    pub const ALL: [Self; 4] = [Self::Train, Self::Eval, Self::Predict, Self::Global];

    /// The name in index and collections files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Train => "TRAIN",
            Self::Eval => "EVAL",
            Self::Predict => "PREDICT",
            Self::Global => "GLOBAL",
        }
    }

    /// The number in event files: 1 to 4.
    pub const fn number(self) -> u8 {
        match self {
            Self::Train => 1,
            Self::Eval => 2,
            Self::Predict => 3,
            Self::Global => 4,
        }
    }

    /// The mode an event file numbers so.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.number() == number)
    }
}

impl FromStr for Mode {
    type Err = Error;

    /// Reads a mode name, in any case.
    fn from_str(name: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|mode| mode.name().eq_ignore_ascii_case(name.trim()))
            .ok_or_else(|| Error::UnknownMode { name: name.to_owned() })
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
