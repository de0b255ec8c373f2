use std::{fmt, ops::Bound};

/// One parameter of a rule, declared once: parsing, checking, documentation and `--list` all read it here.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ParameterInfo {
    /// Name, as users write it.
    pub name: &'static str,
    /// What values it takes, and its default.
    pub kind: ParameterKind,
    /// What it means, with its unit, as one sentence without a full stop.
    pub doc: &'static str,
}

/// What values a parameter takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ParameterKind {
    /// A whole number of at least `min`.
    Integer {
        /// Value when not given; `None` where the parameter may stay unset.
        default: Option<u64>,
        /// Least value.
        min: u64,
    },
    /// A finite number.
    Float {
        /// Value when not given; `None` where the parameter may stay unset.
        default: Option<f64>,
        /// Values accepted.
        range: Interval,
    },
    /// True or false, in any case.
    Boolean {
        /// Value when not given.
        default: bool,
    },
    /// One of several words, in any case.
    Choice {
        /// Value when not given.
        default: &'static str,
        /// The words.
        choices: &'static [&'static str],
    },
    /// Names, as a JSON list or separated by commas.
    Names {
        /// Value when not given.
        default: &'static [&'static str],
    },
    /// Regular expressions, as a JSON list or separated by commas.
    Patterns {
        /// Value when not given.
        default: &'static [&'static str],
    },
}

impl ParameterKind {
    /// The type in words.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Integer { .. } => "integer",
            Self::Float { .. } => "float",
            Self::Boolean { .. } => "boolean",
            Self::Choice { .. } => "choice",
            Self::Names { .. } => "list of names",
            Self::Patterns { .. } => "list of regular expressions",
        }
    }

    /// The values accepted, in words.
    pub fn range(&self) -> String {
        match self {
            Self::Integer { min, .. } => format!("whole numbers >= {min}"),
            Self::Float { range, .. } => range.to_string(),
            Self::Boolean { .. } => "true or false".to_owned(),
            Self::Choice { choices, .. } => choices.join(", "),
            Self::Names { .. } => "any names".to_owned(),
            Self::Patterns { .. } => "valid regular expressions".to_owned(),
        }
    }

    /// The default, as it would be written; `None` where there is none.
    pub fn default_text(&self) -> Option<String> {
        match self {
            Self::Integer { default, .. } => default.map(|value| value.to_string()),
            Self::Float { default, .. } => default.map(|value| value.to_string()),
            Self::Boolean { default } => Some(default.to_string()),
            Self::Choice { default, .. } => Some((*default).to_owned()),
            Self::Names { default } | Self::Patterns { default } => {
                (!default.is_empty()).then(|| default.join(","))
            }
        }
    }
}

/// A range of finite numbers with open or closed ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: Bound<f64>,
    /// Upper end.
    pub high: Bound<f64>,
}

impl Interval {
    /// Whether `value` lies inside; never for NaN and infinities.
    pub fn contains(&self, value: f64) -> bool {
        let above = match self.low {
            Bound::Included(low) => value >= low,
            Bound::Excluded(low) => value > low,
            Bound::Unbounded => true,
        };
        let below = match self.high {
            Bound::Included(high) => value <= high,
            Bound::Excluded(high) => value < high,
            Bound::Unbounded => true,
        };
        value.is_finite() && above && below
    }
}

/// `numbers with 0 <= value < 100`.
impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if matches!((self.low, self.high), (Bound::Unbounded, Bound::Unbounded)) {
            return f.write_str("finite numbers");
        }
        f.write_str("numbers with ")?;
        match self.low {
            Bound::Included(low) => write!(f, "{low} <= ")?,
            Bound::Excluded(low) => write!(f, "{low} < ")?,
            Bound::Unbounded => {}
        }
        f.write_str("value")?;
        match self.high {
            Bound::Included(high) => write!(f, " <= {high}"),
            Bound::Excluded(high) => write!(f, " < {high}"),
            Bound::Unbounded => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_ends_are_outside() {
        let range = Interval { low: Bound::Included(0.0), high: Bound::Excluded(100.0) };
        assert!(range.contains(0.0) && range.contains(99.9));
        assert!(!range.contains(100.0) && !range.contains(-0.1) && !range.contains(f64::NAN));
        assert_eq!(range.to_string(), "numbers with 0 <= value < 100");
    }
}
