//! Records to the byte, worked out by hand from the format page; CRCs by a bitwise CRC-32C.

use bytes::Bytes;
use trialscope_tensor::{Dtype, Mode, Shape, Step, Tensor};
use trialscope_tfevents::{Error, TensorEvent, encode_tensor_event};

use crate::proto;

fn doubles(values: &[f64]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

fn event<'a>(name: &'a str, tensor: &'a Tensor) -> TensorEvent<'a> {
    TensorEvent { wall_time: 0.5, step: Step(0), mode: Mode::Eval, mode_step: Step(7), name, tensor }
}

#[track_caller]
fn check(event: &TensorEvent<'_>, file_offset: u64, payload: &[u8]) {
    let record = encode_tensor_event(event, file_offset).unwrap();
    let bytes = record.chunks().concat();
    assert_eq!(bytes, proto::frame(payload, proto::CONSTANT));
    assert_eq!(record.len(), bytes.len() as u64);
    assert_eq!(record.crc32c(), proto::crc32c(&bytes));
}

#[test]
fn a_vector_of_doubles() {
    let tensor = Tensor::vector_f64(&[0.0, 1.0, 2.0]);
    let payload = [
        &[0x09, 0, 0, 0, 0, 0, 0, 0xE0, 0x3F][..], // wall time 0.5
        &[0x2A, 0x49, 0x0A, 0x47],                 // summary, 73 bytes; value, 71 bytes
        &[0x0A, 0x01, b'a'],
        &[0x4A, 0x1B, 0x0A, 0x0E, 0x0A, 0x09],
        b"mode_step\x12\x017",
        &[0x0A, 0x09, 0x0A, 0x04],
        b"mode\x12\x012",
        &[0x42, 0x25, 0x08, 0x02],             // tensor, 37 bytes; float64
        &[0x12, 0x04, 0x12, 0x02, 0x08, 0x03], // shape (3,)
        &[0xC2, 0x3E, 0x00],                   // field 1000, no bytes: the values would start at 69
        &[0x22, 0x18],
        &doubles(&[0.0, 1.0, 2.0]),
    ]
    .concat();
    assert_eq!(12 + payload.len() - 24, 72);
    check(&event("a", &tensor), 0, &payload);
}

#[test]
fn a_step_and_a_scalar_without_axes() {
    let raw = Bytes::from_static(&[1]);
    let tensor = Tensor::from_raw(Dtype::Bool, Shape::scalar(), raw).unwrap();
    let step = TensorEvent { step: Step(300), mode: Mode::Train, mode_step: Step(10), ..event("a", &tensor) };
    let payload = [
        &[0x09, 0, 0, 0, 0, 0, 0, 0xE0, 0x3F, 0x10, 0xAC, 0x02][..],
        &[0x2A, 0x2C, 0x0A, 0x2A, 0x0A, 0x01, b'a'],
        &[0x4A, 0x1C, 0x0A, 0x0F, 0x0A, 0x09],
        b"mode_step\x12\x0210",
        &[0x0A, 0x09, 0x0A, 0x04],
        b"mode\x12\x011",
        &[0x42, 0x07, 0x08, 0x0A, 0x12, 0x00], // tensor, 7 bytes; bool; shape ()
        &[0x22, 0x01, 0x01],
    ]
    .concat();
    // The value is byte 69 of the record: it needs no padding where the record starts at byte 3.
    assert_eq!(12 + payload.len() - 1, 69);
    check(&step, 3, &payload);
}

#[test]
fn strings_have_no_type_and_no_padding() {
    let strings = vec!["x".to_owned(), String::new(), "ä".to_owned()];
    let tensor = Tensor::from_strings(Shape::from([3]), strings).unwrap();
    let payload = [
        &[0x09, 0, 0, 0, 0, 0, 0, 0xE0, 0x3F][..],
        &[0x2A, 0x33, 0x0A, 0x31, 0x0A, 0x01, b'a'],
        &[0x4A, 0x1B, 0x0A, 0x0E, 0x0A, 0x09],
        b"mode_step\x12\x017",
        &[0x0A, 0x09, 0x0A, 0x04],
        b"mode\x12\x012",
        &[0x42, 0x0F, 0x12, 0x04, 0x12, 0x02, 0x08, 0x03],
        &[0x42, 0x01, b'x', 0x42, 0x00, 0x42, 0x02, 0xC3, 0xA4],
    ]
    .concat();
    check(&event("a", &tensor), 3, &payload);
}

#[test]
fn a_tensor_without_elements_has_no_content() {
    let tensor = Tensor::from_raw(Dtype::F32, Shape::from([0, 2]), Bytes::new()).unwrap();
    let payload = [
        &[0x09, 0, 0, 0, 0, 0, 0, 0xE0, 0x3F][..],
        &[0x2A, 0x2E, 0x0A, 0x2C, 0x0A, 0x01, b'a'],
        &[0x4A, 0x1B, 0x0A, 0x0E, 0x0A, 0x09],
        b"mode_step\x12\x017",
        &[0x0A, 0x09, 0x0A, 0x04],
        b"mode\x12\x012",
        &[0x42, 0x0A, 0x08, 0x01, 0x12, 0x06, 0x12, 0x00, 0x12, 0x02, 0x08, 0x02],
    ]
    .concat();
    check(&event("a", &tensor), 5, &payload);
}

#[test]
fn two_gibibytes_are_too_many_for_one_record() {
    let num_bytes = (1_u64 << 31) - 100;
    // Zeroed memory that is never touched is not there.
    let raw = Bytes::from(vec![0_u8; usize::try_from(num_bytes).unwrap()]);
    let tensor = Tensor::from_raw(Dtype::U8, Shape::from([num_bytes]), raw).unwrap();
    match encode_tensor_event(&event("huge", &tensor), 0) {
        Err(Error::RecordTooLarge { tensor, bytes }) => {
            assert_eq!(tensor, "huge");
            assert!((1 << 31..(1 << 31) + 100).contains(&bytes), "{bytes}");
        }
        other => panic!("{:?}", other.map(|record| record.len())),
    }
}

#[test]
fn numbers_beyond_63_bits_are_refused() {
    let tensor = Tensor::from_f64(1.0);
    let late = TensorEvent { step: Step(1 << 63), ..event("a", &tensor) };
    let error = encode_tensor_event(&late, 0).unwrap_err();
    assert_eq!(error.to_string(), "tensor \"a\": step 9223372036854775808 does not fit 63 bits");
    let wide = Tensor::from_raw(Dtype::F32, Shape::from([0, u64::MAX]), Bytes::new()).unwrap();
    let error = encode_tensor_event(&event("a", &wide), 0).unwrap_err();
    assert_eq!(error.to_string(), "tensor \"a\": axis length 18446744073709551615 does not fit 63 bits");
}
