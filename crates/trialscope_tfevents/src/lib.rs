//! Event files: bytes to records to events, and back.
//!
//! An event file is a sequence of records in `TFRecord` framing, each holding one `Event` message. This crate turns
//! bytes into records ([`RecordReader`], [`read_record`]), records into events ([`decode_event`]), and tensors into
//! records ([`encode_tensor_event`]). It does no I/O and reads no clock; damaged or unfinished input is an [`Error`],
//! never a panic, and memory stays within a small multiple of the bytes handed over (see [`decode_event`] for the one
//! bounded exception).
//!
//! Tensor values are never copied: those of a decoded event are slices of the record, those of an encoded record are
//! the tensor's own bytes.
//!
//! # Source
//! The files smdebug 1.0.34 writes; TensorFlow's `event.proto`, `summary.proto`, `tensor.proto`, `types.proto`.

mod check;
mod dtype_code;
mod encode;
mod error;
mod event;
mod histogram;
mod reader;
mod record;
mod schema;
mod sizes;
mod tensor_proto;
mod typed_values;
mod wire;

pub use check::{PayloadCheck, SMDEBUG_PAYLOAD_CHECK, masked_crc32c};
pub use encode::{EncodedRecord, TensorEvent, encode_tensor_event};
pub use error::Error;
pub use event::{Content, Event, Value, decode_event};
pub use histogram::Histogram;
pub use reader::RecordReader;
pub use record::{Record, read_record};
