use bytes::Bytes;
use trialscope_tfevents::{Error, PayloadCheck, SMDEBUG_PAYLOAD_CHECK, masked_crc32c, read_record};

use crate::proto::{self, CONSTANT, frame};

fn read(file: &[u8]) -> Result<(u64, Vec<u8>, PayloadCheck), Error> {
    let record = read_record(&Bytes::copy_from_slice(file), 40)?;
    assert_eq!(record.offset, 40);
    Ok((record.length(), record.payload.to_vec(), record.check))
}

#[test]
fn masked_crc_matches_published_vectors() {
    assert_eq!(
        proto::crc32c(b"123456789"),
        0xE306_9283,
        "the check value of CRC-32C in RFC 3720's catalogue"
    );
    assert_eq!(masked_crc32c(b"123456789"), 0xC78A_B0E5);
    assert_eq!(masked_crc32c(b""), 0xA282_EAD8);
    assert_eq!(masked_crc32c(b"0x12345678"), SMDEBUG_PAYLOAD_CHECK);
    assert_eq!(SMDEBUG_PAYLOAD_CHECK.to_le_bytes(), CONSTANT);
}

#[test]
fn both_payload_checks_are_accepted_and_told_apart() {
    assert_eq!(read(&frame(b"abc", CONSTANT)), Ok((19, b"abc".to_vec(), PayloadCheck::SmdebugConstant)));
    let true_crc = proto::masked(b"abc").to_le_bytes();
    assert_eq!(read(&frame(b"abc", true_crc)), Ok((19, b"abc".to_vec(), PayloadCheck::TrueCrc)));
}

#[test]
fn an_empty_payload_is_a_record() {
    assert_eq!(read(&frame(b"", CONSTANT)), Ok((16, Vec::new(), PayloadCheck::SmdebugConstant)));
}

#[test]
fn what_follows_the_record_is_left_alone() {
    let two = [frame(b"abc", CONSTANT), frame(b"defg", CONSTANT)].concat();
    assert_eq!(read(&two).unwrap().1, b"abc");
}

#[test]
fn the_payload_shares_the_memory_of_the_input() {
    let file = Bytes::from(frame(b"abc", CONSTANT));
    let record = read_record(&file, 0).unwrap();
    assert_eq!(record.payload.as_ptr(), file[12..].as_ptr());
}

#[test]
fn any_missing_byte_is_truncation() {
    let file = frame(b"abcdef", CONSTANT);
    for cut in 0..file.len() {
        let needed = if cut < 12 { 16 } else { 22 };
        let error = read(&file[..cut]).unwrap_err();
        assert_eq!(error, Error::Truncated { offset: 40, needed, available: cut as u64 });
        assert!(error.is_truncated());
    }
}

#[test]
fn any_flipped_bit_in_the_length_or_its_check_is_found() {
    for bit in 0..96 {
        let mut file = frame(b"abcdef", CONSTANT);
        file[bit / 8] ^= 1 << (bit % 8);
        assert!(matches!(read(&file), Err(Error::LengthCheck { offset: 40, .. })), "bit {bit}");
    }
}

#[test]
fn any_flipped_bit_in_the_payload_check_is_found() {
    let expected = proto::masked(b"abcdef");
    for bit in 0..32 {
        let mut file = frame(b"abcdef", CONSTANT);
        file[18 + bit / 8] ^= 1 << (bit % 8);
        let stored = SMDEBUG_PAYLOAD_CHECK ^ (1 << bit);
        assert_eq!(read(&file), Err(Error::PayloadCheck { offset: 40, stored, computed: expected }));
    }
}

#[test]
fn any_flipped_bit_in_a_payload_with_a_true_crc_is_found() {
    for bit in 0..48 {
        let mut file = frame(b"abcdef", proto::masked(b"abcdef").to_le_bytes());
        file[12 + bit / 8] ^= 1 << (bit % 8);
        assert!(matches!(read(&file), Err(Error::PayloadCheck { offset: 40, .. })), "bit {bit}");
    }
}

#[test]
fn a_length_no_message_has_is_refused() {
    let header = |length: u64| {
        [&length.to_le_bytes()[..], &proto::masked(&length.to_le_bytes()).to_le_bytes()].concat()
    };
    for length in [1 << 31, 1 << 40, u64::MAX - 15, u64::MAX] {
        assert_eq!(read(&header(length)), Err(Error::RecordLength { offset: 40, length }));
    }
    let largest = (1 << 31) - 1;
    let needed = largest + 16;
    assert_eq!(read(&header(largest)), Err(Error::Truncated { offset: 40, needed, available: 12 }));
}

#[test]
fn messages_say_where() {
    let error = read(&[0; 16]).unwrap_err();
    assert!(error.to_string().starts_with("the record at byte 40 has a corrupt length"), "{error}");
}
