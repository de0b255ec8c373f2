//! The records and errors of a file do not depend on how its bytes arrive.

#![no_main]

use bytes::Bytes;
use libfuzzer_sys::{
    arbitrary::{self, Arbitrary},
    fuzz_target,
};
use trialscope_tfevents::{Error, Record, RecordReader, SMDEBUG_PAYLOAD_CHECK, masked_crc32c};

/// A file in parts, most of which are records: random bytes alone would never pass the check of a length.
#[derive(Debug, Arbitrary)]
struct File {
    parts: Vec<Part>,
    /// Bytes missing at the end.
    torn: u8,
    /// Lengths of the pieces that arrive, over and over; a record is asked for after each odd one.
    pieces: Vec<u8>,
}

#[derive(Debug, Arbitrary)]
enum Part {
    WithConstant(Vec<u8>),
    WithTrueCrc(Vec<u8>),
    WithCheck(Vec<u8>, u32),
    Raw(Vec<u8>),
}

impl Part {
    fn bytes(&self) -> Vec<u8> {
        let (payload, check) = match self {
            Self::WithConstant(payload) => (payload, SMDEBUG_PAYLOAD_CHECK),
            Self::WithTrueCrc(payload) => (payload, masked_crc32c(payload)),
            Self::WithCheck(payload, check) => (payload, *check),
            Self::Raw(bytes) => return bytes.clone(),
        };
        let length = (payload.len() as u64).to_le_bytes();
        [&length[..], &masked_crc32c(&length).to_le_bytes(), payload, &check.to_le_bytes()].concat()
    }
}

/// Adds what the reader has; an error that repeats is its last word.
fn drain(reader: &mut RecordReader, outcomes: &mut Vec<Result<Record, Error>>) {
    loop {
        match reader.next() {
            Ok(None) => return,
            Ok(Some(record)) => outcomes.push(Ok(record)),
            Err(error) if outcomes.last() == Some(&Err(error.clone())) => return,
            Err(error) => outcomes.push(Err(error)),
        }
    }
}

fuzz_target!(|file: File| {
    let mut bytes: Vec<u8> = file.parts.iter().flat_map(Part::bytes).collect();
    bytes.truncate(bytes.len().saturating_sub(usize::from(file.torn)));
    let bytes = Bytes::from(bytes);

    let (mut whole, mut expected) = (RecordReader::new(), Vec::new());
    whole.push(bytes.clone());
    drain(&mut whole, &mut expected);

    let (mut resumed, mut outcomes) = (RecordReader::new(), Vec::new());
    let mut rest = bytes;
    for &length in file.pieces.iter().cycle().take(rest.len()) {
        resumed.push(rest.split_to(usize::from(length).min(rest.len())));
        if length % 2 == 1 {
            drain(&mut resumed, &mut outcomes);
        }
    }
    resumed.push(rest);
    drain(&mut resumed, &mut outcomes);

    assert_eq!(outcomes, expected);
    assert_eq!(resumed.offset(), whole.offset());
    assert_eq!(resumed.pending_bytes(), whole.pending_bytes());
});
