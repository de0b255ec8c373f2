//! The vocabulary of Trialscope: what a tensor is, what it is called, and when and by whom it was saved.
//!
//! Values only, and what is looked for among names: patterns and near misses. Nothing here reads a file, a clock or an environment variable.

mod dtype;
mod elements;
mod error;
mod mode;
mod name;
mod nearest;
mod pattern;
mod reduction;
mod shape;
mod step;
mod tensor;
mod worker;

pub use dtype::Dtype;
pub use error::Error;
pub use mode::Mode;
pub use name::TensorName;
pub use nearest::{nearest, ranked};
pub use pattern::Pattern;
pub use reduction::{Reduction, ReductionKind, reduce};
pub use shape::Shape;
pub use step::Step;
pub use tensor::Tensor;
pub use worker::Worker;
