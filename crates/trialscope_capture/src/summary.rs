use serde::Serialize;
use trialscope_store::Written;

/// What a capture left on disk, and what it could not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Steps written.
    pub steps: u64,
    /// Values written.
    pub tensors: u64,
    /// Files written.
    pub files: u64,
    /// Bytes in them.
    pub bytes: u64,
    /// Steps that could not be written.
    pub lost: Vec<LostStep>,
    /// Parts of steps that could not be computed, and writes beside the steps that failed.
    pub problems: Vec<String>,
}

/// A step that could not be written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LostStep {
    /// Global step.
    pub step: u64,
    /// Why not.
    pub error: String,
}

impl Summary {
    pub(crate) fn add(&mut self, written: Written) {
        self.files += written.files;
        self.bytes += written.bytes;
        self.tensors += written.tensors;
    }
}
