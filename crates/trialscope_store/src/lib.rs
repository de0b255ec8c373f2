//! The on-disk contract: how the tensors of a trial are written, and how they are found again.
//!
//! The layout is that of smdebug 1.0.34, extended only where its reader does not look: checksums in index and
//! collections files, several index entries for one record, aligned values. A step is committed by its index file,
//! which is written after its event file; both appear whole or not at all.
//!
//! This crate knows files and names. What a tensor means is not its business.

mod claim;
mod collections;
mod doctor;
mod error;
mod feature_names;
mod index;
mod json;
mod layout;
mod local_place;
mod local_write;
mod mapping;
mod object_place;
mod resume;
mod storage;
mod trial;
mod writer;

pub use claim::WriterState;
pub use collections::{Collection, Collections, ModeSaveConfig, ReductionConfig, SaveConfig};
pub use doctor::{Observation, ObservationKind, Progress, Report, Severity, examine};
pub use error::Error;
pub use index::{IndexFile, ShapeEntry, TensorEntry};
pub use resume::{ResumeLog, ResumeState, Resumed};
pub use storage::{Storage, StoredFile};
pub use trial::{
    NameQuery, OpenOptions, Problem, ProblemKind, Refreshed, SavedForm, StepState, TensorHandle, Trial,
    Verify,
};
pub use writer::{ExistingStep, IfExists, NamedTensor, StepRecord, TrialWriter, Written};
