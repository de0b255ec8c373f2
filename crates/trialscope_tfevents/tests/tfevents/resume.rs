use bytes::Bytes;
use proptest::prelude::*;
use trialscope_tfevents::{Error, Record, RecordReader, read_record};

use crate::proto::{self, CONSTANT, frame};

/// Everything a reader gives, and where it stands at the end. Stops at an error that repeats.
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

fn at_once(file: &[u8]) -> (Vec<Result<Record, Error>>, u64) {
    let mut reader = RecordReader::new();
    let mut outcomes = Vec::new();
    reader.push(Bytes::copy_from_slice(file));
    drain(&mut reader, &mut outcomes);
    (outcomes, reader.offset())
}

fn in_pieces(file: &[u8], cuts: &[usize]) -> (Vec<Result<Record, Error>>, u64) {
    let mut reader = RecordReader::new();
    let mut outcomes = Vec::new();
    let mut rest = file;
    for &cut in cuts.iter().cycle().take(file.len() + 1) {
        let (piece, later) = rest.split_at(cut.min(rest.len()));
        reader.push(piece.to_vec());
        // Reading now and then, so that some records are joined from many pieces and some are not.
        if cut % 3 != 0 {
            drain(&mut reader, &mut outcomes);
        }
        rest = later;
    }
    reader.push(rest.to_vec());
    drain(&mut reader, &mut outcomes);
    (outcomes, reader.offset())
}

/// A file of some records, most of them sound, perhaps with a torn or damaged end.
fn files() -> impl Strategy<Value = Vec<u8>> {
    let payload = prop::collection::vec(any::<u8>(), 0..40);
    let record = (payload, 0..8).prop_map(|(payload, kind)| match kind {
        0 => frame(&payload, [1, 2, 3, 4]),
        1..4 => frame(&payload, proto::masked(&payload).to_le_bytes()),
        _ => frame(&payload, CONSTANT),
    });
    let tail = prop::collection::vec(any::<u8>(), 0..30);
    (prop::collection::vec(record, 0..8), tail, 0..25_usize).prop_map(|(records, tail, torn)| {
        let mut file = records.concat();
        if torn % 2 == 0 {
            file.truncate(file.len().saturating_sub(torn));
        } else {
            file.extend(tail);
        }
        file
    })
}

proptest! {
    #[test]
    fn resuming_anywhere_equals_reading_at_once(
        file in files(),
        cuts in prop::collection::vec(0..20_usize, 1..12),
    ) {
        prop_assert_eq!(in_pieces(&file, &cuts), at_once(&file));
    }

    #[test]
    fn the_reader_agrees_with_reading_record_by_record(file in files()) {
        let file = Bytes::from(file);
        let mut offset = 0;
        let mut expected = Vec::new();
        loop {
            match read_record(&file.slice(offset..), offset as u64) {
                Err(Error::Truncated { .. }) => break,
                Ok(record) => {
                    offset += usize::try_from(record.length()).unwrap();
                    expected.push(Ok(record));
                }
                Err(error @ Error::PayloadCheck { .. }) => {
                    let length = u64::from_le_bytes(file[offset..offset + 8].try_into().unwrap());
                    offset += usize::try_from(length).unwrap() + 16;
                    expected.push(Err(error));
                }
                Err(error) => {
                    expected.push(Err(error));
                    break;
                }
            }
        }
        prop_assert_eq!(at_once(&file), (expected, offset as u64));
    }
}

#[test]
fn a_reader_may_start_behind_known_records() {
    let mut reader = RecordReader::at(1000);
    reader.push(frame(b"abc", CONSTANT));
    reader.push(frame(b"d", CONSTANT)[..5].to_vec());
    assert_eq!(reader.next().unwrap().unwrap().offset, 1000);
    assert_eq!(reader.next(), Ok(None));
    assert_eq!((reader.offset(), reader.pending_bytes()), (1019, 5));
}

#[test]
fn a_record_within_one_piece_is_not_copied() {
    let file = Bytes::from([frame(b"abc", CONSTANT), frame(b"def", CONSTANT)].concat());
    let mut reader = RecordReader::new();
    reader.push(Bytes::new());
    reader.push(file.clone());
    assert_eq!(reader.next().unwrap().unwrap().payload.as_ptr(), file[12..].as_ptr());
    assert_eq!(reader.next().unwrap().unwrap().payload.as_ptr(), file[31..].as_ptr());
}

#[test]
fn a_corrupt_payload_is_passed_and_a_corrupt_length_is_not() {
    let mut reader = RecordReader::new();
    reader.push(frame(b"bad", [0; 4]));
    reader.push(frame(b"good", CONSTANT));
    reader.push(vec![0xFF; 20]);
    assert!(matches!(reader.next(), Err(Error::PayloadCheck { offset: 0, .. })));
    assert_eq!(&reader.next().unwrap().unwrap().payload[..], b"good");
    for _ in 0..2 {
        assert!(matches!(reader.next(), Err(Error::LengthCheck { offset: 39, .. })));
    }
}
