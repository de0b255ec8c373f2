//! One command per file.

pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod rules;
pub(crate) mod show;
pub(crate) mod tensors;
