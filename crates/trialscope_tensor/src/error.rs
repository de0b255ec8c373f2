use crate::{Dtype, Shape};

/// What can be wrong with a tensor, or with the words that name one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The bytes handed over do not fill the shape.
    #[error("{dtype} values of shape {shape} take {expected} bytes, got {actual}")]
    ByteLength {
        /// Element type asked for.
        dtype: Dtype,
        /// Shape asked for.
        shape: Shape,
        /// Bytes the shape needs.
        expected: u64,
        /// Bytes handed over.
        actual: u64,
    },
    /// The number of strings does not fill the shape.
    #[error("shape {shape} holds {expected} strings, got {actual}")]
    StringCount {
        /// Shape asked for.
        shape: Shape,
        /// Strings the shape holds.
        expected: u64,
        /// Strings handed over.
        actual: u64,
    },
    /// The number of elements or bytes does not fit 64 bits.
    #[error("shape {shape} has more elements than 64 bits can count")]
    ShapeOverflow {
        /// The shape.
        shape: Shape,
    },
    /// Strings cannot be handed over as raw bytes.
    #[error("strings have no fixed size; build the tensor from a list of strings")]
    StringsAsBytes,
    /// An operation on numbers met a type that has no order or no real value.
    #[error("{operation} is not defined for {dtype} values")]
    NotNumeric {
        /// What was asked for.
        operation: &'static str,
        /// Element type met.
        dtype: Dtype,
    },
    /// A statistic of no elements.
    #[error("{operation} of an empty tensor is not defined")]
    Empty {
        /// What was asked for.
        operation: &'static str,
    },
    /// A tensor name is the empty string.
    #[error("a tensor name must not be empty")]
    EmptyName,
    /// A worker name that cannot be part of a file name.
    #[error("worker name {name:?} cannot be part of a file name; use letters, digits, '_', '-' and '.'")]
    WorkerName {
        /// The name.
        name: String,
    },
    /// A pattern that is not a regular expression.
    #[error("{pattern:?} is not a valid regular expression: {reason}")]
    Pattern {
        /// The pattern.
        pattern: String,
        /// What the parser said.
        reason: String,
    },
    /// A pattern that backtracks beyond all bounds on a text.
    #[error("searching for {pattern:?} in {text:?} takes too many attempts")]
    PatternTooHard {
        /// The pattern.
        pattern: String,
        /// The text searched.
        text: String,
    },
    /// A word that names no mode.
    #[error("unknown mode {name:?}; the modes are TRAIN, EVAL, PREDICT and GLOBAL")]
    UnknownMode {
        /// The word.
        name: String,
    },
    /// A word that names no reduction.
    #[error(
        "unknown reduction {name:?}; the reductions are min, max, mean, median, std, variance, sum, prod, l1 and l2, \
         each also with abs_ in front"
    )]
    UnknownReduction {
        /// The word.
        name: String,
    },
}
