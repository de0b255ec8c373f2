//! A reader for files that grow: bytes in, in any pieces; records out.
//!
//! Law: the records and errors do not depend on how the bytes were cut.

use std::collections::VecDeque;

use bytes::{Buf, Bytes, BytesMut};

use crate::{
    Error, Record,
    record::{self, HEADER_BYTES},
};

/// Turns the bytes of an event file into records, however the bytes arrive.
///
/// ```
/// # use bytes::Bytes;
/// # use trialscope_tfevents::{RecordReader, SMDEBUG_PAYLOAD_CHECK, masked_crc32c};
/// let mut file = 0_u64.to_le_bytes().to_vec();
/// file.extend(masked_crc32c(&file).to_le_bytes());
/// file.extend(SMDEBUG_PAYLOAD_CHECK.to_le_bytes());
///
/// let mut reader = RecordReader::new();
/// reader.push(Bytes::copy_from_slice(&file[..7]));
/// assert_eq!(reader.next()?, None);
/// reader.push(Bytes::copy_from_slice(&file[7..]));
/// assert_eq!(reader.next()?.map(|record| record.length()), Some(16));
/// # Ok::<(), trialscope_tfevents::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct RecordReader {
    /// Bytes not yet handed out; no piece is empty.
    pieces: VecDeque<Bytes>,
    /// Bytes in `pieces`.
    available: u64,
    /// Where the record at the front of `pieces` starts in the file.
    offset: u64,
    /// Length of that record, framing included, once its header was read.
    whole: Option<u64>,
}

impl RecordReader {
    /// A reader at the start of a file.
    pub fn new() -> Self {
        Self::default()
    }

    /// A reader that goes on at byte `offset` of a file, where a record starts.
    pub fn at(offset: u64) -> Self {
        Self { offset, ..Self::default() }
    }

    /// Takes the bytes that follow those pushed before. They are not copied unless a record spans several pieces.
    pub fn push(&mut self, bytes: impl Into<Bytes>) {
        let bytes = bytes.into();
        if !bytes.is_empty() {
            self.available = self.available.saturating_add(bytes.len() as u64);
            self.pieces.push_back(bytes);
        }
    }

    /// The next record; `None` until more bytes are pushed.
    ///
    /// # Errors
    /// After [`Error::PayloadCheck`] the damaged record is behind the reader and the next call goes on with the one
    /// after it. [`Error::LengthCheck`] and [`Error::RecordLength`] leave no way to find the next record: every
    /// further call returns the same error. Never [`Error::Truncated`].
    #[expect(clippy::should_implement_trait, reason = "an iterator that ends must not go on; this one does")]
    pub fn next(&mut self) -> Result<Option<Record>, Error> {
        let whole = match self.whole {
            Some(whole) => whole,
            None => match self.peek_header() {
                Some(header) => *self.whole.insert(record::parse_header(header, self.offset)?),
                None => return Ok(None),
            },
        };
        if self.available < whole {
            return Ok(None);
        }
        let offset = self.offset;
        let bytes = self.take(whole);
        self.whole = None;
        self.offset = offset.saturating_add(whole);
        record::open(bytes, offset).map(Some)
    }

    /// Where the next record starts in the file, in bytes: everything before it was handed out.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Bytes pushed that belong to no record handed out yet: 0 where the file ends cleanly.
    pub fn pending_bytes(&self) -> u64 {
        self.available
    }

    fn peek_header(&self) -> Option<[u8; HEADER_BYTES]> {
        if self.available < HEADER_BYTES as u64 {
            return None;
        }
        let mut header = [0; HEADER_BYTES];
        let bytes = self.pieces.iter().flat_map(|piece| piece.iter());
        for (slot, &byte) in header.iter_mut().zip(bytes) {
            *slot = byte;
        }
        Some(header)
    }

    /// Removes `count` bytes from the front, of which there are at least that many.
    fn take(&mut self, count: u64) -> Bytes {
        self.available -= count;
        // A record is at most 2 GiB and in memory already.
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        if let Some(front) = self.pieces.front_mut()
            && front.len() > count
        {
            return front.split_to(count);
        }
        let first = self.pieces.pop_front().unwrap_or_default();
        if first.len() == count {
            return first;
        }
        let mut joined = BytesMut::with_capacity(count);
        joined.extend_from_slice(&first);
        while joined.len() < count
            && let Some(piece) = self.pieces.front_mut()
        {
            let part = piece.split_to(piece.len().min(count - joined.len()));
            joined.extend_from_slice(&part);
            if !piece.has_remaining() {
                self.pieces.pop_front();
            }
        }
        joined.freeze()
    }
}
