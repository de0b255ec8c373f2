//! The protobuf wire format, as much of it as event files need.
//!
//! Written by hand rather than generated because this crate needs what generated code does not give: tensor values as
//! slices of the input, the byte offset of every problem, values that start at a chosen offset of the file, and a
//! bound on memory.
//!
//! # Source
//! <https://protobuf.dev/programming-guides/encoding/>

mod read;
mod write;

pub(crate) use read::{Data, Message};
pub(crate) use write::{delimited_len, put_bytes, put_delimited, put_tag, put_varint, varint_len};

const VARINT: u32 = 0;
const FIXED64: u32 = 1;
const DELIMITED: u32 = 2;
const GROUP_START: u32 = 3;
const GROUP_END: u32 = 4;
const FIXED32: u32 = 5;

/// How the bytes of a written field are laid out.
#[derive(Debug, Clone, Copy)]
#[repr(u32)]
pub(crate) enum Layout {
    Varint = VARINT,
    Fixed64 = FIXED64,
    Delimited = DELIMITED,
}
