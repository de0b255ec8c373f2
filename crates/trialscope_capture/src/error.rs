/// What can be wrong with a capture.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The configuration is not what a capture takes.
    #[error("capture configuration: {reason}")]
    Config {
        /// What is wrong, and where.
        reason: String,
    },
    /// A collection that is to be saved is not defined.
    #[error("no collection {name:?} is defined{}", .nearest.as_ref().map(|n| format!("; did you mean {n:?}?")).unwrap_or_default())]
    UnknownCollection {
        /// The name.
        name: String,
        /// The most similar defined name.
        nearest: Option<String>,
    },
    /// A pattern of a collection is no regular expression.
    #[error("collection {collection:?}: {source}")]
    Pattern {
        /// The collection.
        collection: String,
        /// The pattern, and what is wrong with it.
        source: trialscope_tensor::Error,
    },
    /// The capture was closed before.
    #[error("the hook is closed; {what} at step {step} is not saved")]
    Closed {
        /// What was to be saved.
        what: String,
        /// Global step.
        step: u64,
    },
    /// The background thread could not be started.
    #[error("cannot start the writer thread: {reason}")]
    Thread {
        /// What the system said.
        reason: String,
    },
    /// Storage refused.
    #[error(transparent)]
    Store(#[from] trialscope_store::Error),
    /// A name or value that the format cannot hold.
    #[error(transparent)]
    Tensor(#[from] trialscope_tensor::Error),
}
