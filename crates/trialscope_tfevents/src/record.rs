//! Framing: `length: u64, masked CRC of the length: u32, payload, payload check: u32`, all little-endian.

use bytes::{Buf, Bytes};

use crate::{Error, PayloadCheck, SMDEBUG_PAYLOAD_CHECK, masked_crc32c};

/// The largest protobuf message, and so the largest payload.
pub(crate) const MAX_PAYLOAD_BYTES: u64 = i32::MAX as u64;

/// Bytes in front of the payload.
pub(crate) const HEADER_BYTES: usize = 12;

/// Bytes after the payload.
pub(crate) const FOOTER_BYTES: usize = 4;

/// Bytes around the payload.
pub(crate) const FRAMING_BYTES: u64 = (HEADER_BYTES + FOOTER_BYTES) as u64;

/// One record of an event file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Where the record starts in the file, in bytes.
    pub offset: u64,
    /// One serialized event; see [`crate::decode_event`].
    pub payload: Bytes,
    /// Which check followed the payload.
    pub check: PayloadCheck,
}

impl Record {
    /// Bytes the record takes in the file, framing included.
    pub fn length(&self) -> u64 {
        self.payload.len() as u64 + FRAMING_BYTES
    }
}

/// Reads the record at the start of `bytes`; what follows it is left alone.
///
/// `offset` is where `bytes` starts in the file. It is copied to the record and to errors, and nothing else.
/// The payload shares the memory of `bytes`.
///
/// # Errors
/// [`Error::Truncated`] where `bytes` ends first; [`Error::LengthCheck`], [`Error::RecordLength`] and
/// [`Error::PayloadCheck`] where the record is damaged.
pub fn read_record(bytes: &Bytes, offset: u64) -> Result<Record, Error> {
    let available = bytes.len() as u64;
    let truncated = |needed| Error::Truncated { offset, needed, available };
    let header = bytes.first_chunk().ok_or_else(|| truncated(FRAMING_BYTES))?;
    let whole = parse_header(*header, offset)?;
    match usize::try_from(whole) {
        Ok(end) if end <= bytes.len() => open(bytes.slice(..end), offset),
        _ => Err(truncated(whole)),
    }
}

/// The length of the whole record that starts with `header`, in bytes.
pub(crate) fn parse_header(header: [u8; HEADER_BYTES], offset: u64) -> Result<u64, Error> {
    let [l0, l1, l2, l3, l4, l5, l6, l7, c0, c1, c2, c3] = header;
    let length = [l0, l1, l2, l3, l4, l5, l6, l7];
    let stored = u32::from_le_bytes([c0, c1, c2, c3]);
    let computed = masked_crc32c(&length);
    if stored != computed {
        return Err(Error::LengthCheck { offset, stored, computed });
    }
    let length = u64::from_le_bytes(length);
    if length > MAX_PAYLOAD_BYTES {
        return Err(Error::RecordLength { offset, length });
    }
    Ok(length + FRAMING_BYTES)
}

/// Takes the framing off `whole`, a record with a verified length that fills `whole` exactly.
pub(crate) fn open(mut whole: Bytes, offset: u64) -> Result<Record, Error> {
    whole.advance(HEADER_BYTES);
    let mut footer = whole.split_off(whole.len() - FOOTER_BYTES);
    let payload = whole;
    let stored = footer.get_u32_le();
    if stored == SMDEBUG_PAYLOAD_CHECK {
        return Ok(Record { offset, payload, check: PayloadCheck::SmdebugConstant });
    }
    let computed = masked_crc32c(&payload);
    if stored == computed {
        Ok(Record { offset, payload, check: PayloadCheck::TrueCrc })
    } else {
        Err(Error::PayloadCheck { offset, stored, computed })
    }
}
