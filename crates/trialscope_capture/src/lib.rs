//! The write side of a training: what to save at a step, and the thread that writes it.
//!
//! The training thread decides and hands over; a background thread reduces, encodes and writes. The queue between
//! them is bounded: a disk that cannot keep up slows the training down, it never loses a step. What could not be
//! written at all (a full disk) is reported in the [`Summary`], and the training goes on.

mod background;
mod capture;
mod config;
mod error;
mod plan;
mod queue;
mod selection;
mod summary;
mod termination;

pub use capture::{Capture, Entry};
pub use config::CaptureConfig;
pub use error::Error;
pub use summary::{LostStep, Summary};
pub use termination::flush_on_termination;
