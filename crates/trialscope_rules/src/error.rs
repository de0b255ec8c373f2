/// What can be wrong with the configuration of a rule, or with the order in which a session is fed.
///
/// What keeps a well-configured rule from looking at a run is no error but a [`Diagnosis`](crate::Diagnosis).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No rule has this name.
    #[error("unknown rule {name:?}")]
    UnknownRule {
        /// The name.
        name: String,
        /// The rule whose name is nearest, if any is near.
        nearest: Option<String>,
        /// Every rule there is.
        known: Vec<String>,
    },
    /// The rule has no parameter of this name.
    #[error("{rule} has no parameter {name:?}")]
    UnknownParameter {
        /// The rule.
        rule: String,
        /// The name.
        name: String,
        /// The parameter whose name is nearest, if any is near.
        nearest: Option<String>,
        /// Every parameter of the rule.
        known: Vec<String>,
    },
    /// One parameter is given more than once.
    #[error("{rule}: parameter {parameter} is given twice")]
    DuplicateParameter {
        /// The rule.
        rule: String,
        /// The parameter.
        parameter: String,
    },
    /// A parameter that has no default is not given.
    #[error("{rule}: parameter {parameter} must be given")]
    MissingParameter {
        /// The rule.
        rule: String,
        /// The parameter.
        parameter: String,
    },
    /// A value of the wrong kind.
    #[error("{rule}: {parameter} = {value} is not {expected}")]
    BadValue {
        /// The rule.
        rule: String,
        /// The parameter.
        parameter: String,
        /// The value as it was given.
        value: String,
        /// What would be accepted.
        expected: String,
    },
    /// A number outside the range of its parameter.
    #[error("{rule}: {parameter} = {value} is out of range; it takes {range}")]
    OutOfRange {
        /// The rule.
        rule: String,
        /// The parameter.
        parameter: String,
        /// The value as it was given.
        value: String,
        /// The range, in words.
        range: String,
    },
    /// Parameters that do not go together.
    #[error("{rule}: {message}")]
    Conflict {
        /// The rule.
        rule: String,
        /// What does not go together.
        message: String,
    },
    /// Text that is no regular expression.
    #[error("{pattern:?} is not a regular expression: {message}")]
    BadPattern {
        /// The text.
        pattern: String,
        /// What is wrong with it.
        message: String,
    },
    /// A regular expression that needs too many attempts on a name.
    #[error("searching for {pattern:?} in {text:?} takes too many attempts")]
    PatternTooHard {
        /// The regular expression.
        pattern: String,
        /// The text searched.
        text: String,
    },
    /// Text that is no rule specification.
    #[error("rule specification {spec:?}: {message}, at character {position}")]
    BadSpec {
        /// The text.
        spec: String,
        /// What is wrong with it.
        message: String,
        /// Where, in characters from 1.
        position: usize,
    },
    /// A rule reads a parameter that it does not declare, or declares as something else.
    #[error("{rule} declares no parameter {parameter} of the kind it reads")]
    Undeclared {
        /// The rule.
        rule: String,
        /// The parameter.
        parameter: String,
    },
    /// The trial could not be read this time.
    #[error("cannot read the trial: {reason}")]
    Trial {
        /// What the store said.
        reason: String,
    },
    /// A step that does not come after the last one.
    #[error("step {step} was handed over after step {last}; steps are evaluated in rising order, each once")]
    StepOutOfOrder {
        /// The step handed over.
        step: u64,
        /// The last step evaluated.
        last: u64,
    },
}

impl Error {
    /// What to try instead, as a sentence; `None` where the message says it all.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::UnknownRule { nearest, known, .. } => {
                Some(suggestion(nearest.as_deref(), "The rules are", known))
            }
            Self::UnknownParameter { rule, nearest, known, .. } => {
                Some(suggestion(nearest.as_deref(), &format!("{rule} takes"), known))
            }
            Self::BadSpec { .. } => Some(
                "Write NAME, or NAME:parameter=value,parameter=value. A separator inside a value is written \\, or \\:"
                    .to_owned(),
            ),
            _ => None,
        }
    }
}

fn suggestion(nearest: Option<&str>, introduction: &str, known: &[String]) -> String {
    let list = format!("{introduction} {}.", known.join(", "));
    match nearest {
        Some(nearest) => format!("Did you mean {nearest}? {list}"),
        None => list,
    }
}
