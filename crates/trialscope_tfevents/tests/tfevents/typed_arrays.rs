//! Tensors as TensorFlow-era tools write them: lists of numbers instead of raw bytes.

use bytes::Bytes;
use trialscope_tensor::{Dtype, Shape, Tensor};
use trialscope_tfevents::{Content, Error, decode_event};

use crate::proto::{bytes, event_of_tensor, fixed32, fixed64, number, shape, tensor, varint};

fn decode(proto: &[u8]) -> Result<Tensor, Error> {
    let event = decode_event(&Bytes::from(event_of_tensor(proto)))?;
    match event.values.into_iter().next().unwrap().content {
        Content::Tensor(tensor) => Ok(tensor),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn check(proto: &[u8], dtype: Dtype, dims: &[u64], values: &[f64]) {
    let tensor = decode(proto).unwrap();
    assert_eq!((tensor.dtype(), tensor.shape().dims()), (dtype, dims));
    assert_eq!(tensor.to_f64().unwrap(), values);
}

fn packed(numbers: &[u64]) -> Vec<u8> {
    numbers.iter().flat_map(|&number| varint(number)).collect()
}

/// A negative number as protobuf writes it in `int32` and `int64` fields.
fn negative(value: i64) -> u64 {
    value.cast_unsigned()
}

#[test]
fn every_list_reads_packed_and_unpacked() {
    let integers = [
        (3, 7, Dtype::I32, [negative(-70_000), 70_000], [-70_000.0, 70_000.0]),
        (4, 7, Dtype::U8, [0, 255], [0.0, 255.0]),
        (5, 7, Dtype::I16, [negative(-300), 300], [-300.0, 300.0]),
        (6, 7, Dtype::I8, [negative(-128), 127], [-128.0, 127.0]),
        (17, 7, Dtype::U16, [0, 65_535], [0.0, 65_535.0]),
        (9, 10, Dtype::I64, [negative(-(1 << 40)), 1 << 40], [-1_099_511_627_776.0, 1_099_511_627_776.0]),
        (10, 11, Dtype::Bool, [0, 300], [0.0, 1.0]),
        (19, 13, Dtype::F16, [0x3C00, 0xC000], [1.0, -2.0]),
        (14, 13, Dtype::Bf16, [0x3F80, 0xC000], [1.0, -2.0]),
        (22, 16, Dtype::U32, [0, u64::from(u32::MAX)], [0.0, 4_294_967_295.0]),
        (23, 17, Dtype::U64, [0, 1 << 63], [0.0, 9_223_372_036_854_775_808.0]),
    ];
    for (code, field, dtype, wire, values) in integers {
        check(&tensor(code, &[2], &bytes(field, packed(&wire))), dtype, &[2], &values);
        let loose = [number(field, wire[0]), number(field, wire[1])].concat();
        check(&tensor(code, &[2], &loose), dtype, &[2], &values);
    }

    let singles = [1.5_f32.to_le_bytes(), (-2.5_f32).to_le_bytes()];
    check(&tensor(1, &[2], &bytes(5, singles.concat())), Dtype::F32, &[2], &[1.5, -2.5]);
    let loose = singles.map(|bytes| fixed32(5, bytes)).concat();
    check(&tensor(1, &[2], &loose), Dtype::F32, &[2], &[1.5, -2.5]);
    let doubles = [1.5_f64.to_le_bytes(), (-2.5_f64).to_le_bytes()];
    check(&tensor(2, &[2], &bytes(6, doubles.concat())), Dtype::F64, &[2], &[1.5, -2.5]);
    let loose = doubles.map(|bytes| fixed64(6, bytes)).concat();
    check(&tensor(2, &[2], &loose), Dtype::F64, &[2], &[1.5, -2.5]);
}

#[test]
fn complex_lists_read_real_then_imaginary() {
    let singles = [1.5_f32.to_le_bytes(), (-2.5_f32).to_le_bytes()].concat();
    let tensor_64 = decode(&tensor(8, &[1], &bytes(9, &singles))).unwrap();
    assert_eq!((tensor_64.dtype(), &tensor_64.raw().unwrap()[..]), (Dtype::C64, &singles[..]));
    let doubles = [1.5_f64.to_le_bytes(), (-2.5_f64).to_le_bytes()].concat();
    let tensor_128 = decode(&tensor(18, &[1], &bytes(12, &doubles))).unwrap();
    assert_eq!((tensor_128.dtype(), &tensor_128.raw().unwrap()[..]), (Dtype::C128, &doubles[..]));
}

#[test]
fn quantized_types_are_the_integers_they_are_stored_as() {
    for (code, dtype) in
        [(11, Dtype::I8), (12, Dtype::U8), (13, Dtype::I32), (15, Dtype::I16), (16, Dtype::U16)]
    {
        check(&tensor(code, &[1], &number(7, 5)), dtype, &[1], &[5.0]);
    }
}

#[test]
fn a_scalar_without_a_shape_reads() {
    let proto = [number(1, 1), fixed32(5, 0.5_f32.to_le_bytes())].concat();
    check(&proto, Dtype::F32, &[], &[0.5]);
}

#[test]
fn fewer_numbers_than_elements_repeat_the_last() {
    check(&tensor(1, &[2, 2], &fixed32(5, 3.0_f32.to_le_bytes())), Dtype::F32, &[2, 2], &[3.0; 4]);
    check(&tensor(9, &[5], &bytes(10, packed(&[1, 2]))), Dtype::I64, &[5], &[1.0, 2.0, 2.0, 2.0, 2.0]);
    let two = [1.5_f32.to_le_bytes(), (-2.5_f32).to_le_bytes()].concat();
    let complex = decode(&tensor(8, &[2], &bytes(9, &two))).unwrap();
    assert_eq!(complex.raw().unwrap()[..], two.repeat(2));
}

#[test]
fn other_counts_do_not_fill_the_shape() {
    let none = decode(&tensor(1, &[2], &[])).unwrap_err();
    assert_eq!(none.to_string(), "tensor \"t\": float32 values of shape (2,) take 8 bytes, got 0");
    let many = decode(&tensor(9, &[2], &bytes(10, packed(&[1, 2, 3])))).unwrap_err();
    assert_eq!(many.to_string(), "tensor \"t\": int64 values of shape (2,) take 16 bytes, got 24");
    let content = decode(&tensor(2, &[3], &bytes(4, [0; 23]))).unwrap_err();
    assert_eq!(content.to_string(), "tensor \"t\": float64 values of shape (3,) take 24 bytes, got 23");
    let half_complex = tensor(8, &[1], &fixed32(9, [0; 4]));
    assert!(matches!(decode(&half_complex), Err(Error::Tensor { ref tag, .. }) if tag == "t"));
}

#[test]
fn numbers_outside_the_element_type_are_refused() {
    let error = decode(&tensor(6, &[3], &bytes(7, packed(&[1, 2, 128])))).unwrap_err();
    assert_eq!(error.to_string(), "tensor \"t\" of int8 values holds 128 at index 2");
    for (code, value) in [(4, negative(-1)), (5, 32_768), (17, 65_536), (19, negative(-1))] {
        let field = if code == 19 { 13 } else { 7 };
        assert!(matches!(decode(&tensor(code, &[1], &number(field, value))), Err(Error::ValueRange { .. })));
    }
}

#[test]
fn empty_tensors_of_every_type_read() {
    for code in [1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 22, 23, 0, 7] {
        let empty = decode(&tensor(code, &[3, 0], &[])).unwrap();
        assert_eq!((empty.shape().dims(), empty.num_elements()), (&[3, 0][..], 0), "code {code}");
    }
}

#[test]
fn strings_of_any_rank_and_both_type_codes_read() {
    let words = ["a", "", "ç", "d", "e", "f"].map(|word| bytes(8, word)).concat();
    for code in [0, 7] {
        let strings = decode(&tensor(code, &[2, 3], &words)).unwrap();
        assert_eq!((strings.dtype(), strings.shape()), (Dtype::Str, &Shape::from([2, 3])));
        assert_eq!(strings.strings().unwrap(), ["a", "", "ç", "d", "e", "f"]);
    }
    let unset = [bytes(2, shape(&[])), bytes(8, "alone")].concat();
    assert_eq!(decode(&unset).unwrap().strings().unwrap(), ["alone"]);
}

#[test]
fn only_tensorflow_shortens_lists_of_strings() {
    let words = [bytes(8, "a"), bytes(8, "b")].concat();
    assert_eq!(decode(&tensor(7, &[4], &words)).unwrap().strings().unwrap(), ["a", "b", "b", "b"]);
    let error = decode(&tensor(0, &[4], &words)).unwrap_err();
    assert_eq!(error.to_string(), "tensor \"t\": shape (4,) holds 4 strings, got 2");
}

#[test]
fn strings_that_are_no_text_are_named() {
    let words = [bytes(8, "a"), bytes(8, [0xFF])].concat();
    assert_eq!(decode(&tensor(0, &[2], &words)), Err(Error::StringNotUtf8 { tag: "t".to_owned(), index: 1 }));
}

#[test]
fn types_without_values_here_are_refused() {
    for code in [20, 21, 24, 101, negative(-1)] {
        let error = decode(&tensor(code, &[1], &bytes(4, [0; 4]))).unwrap_err();
        let code = code.cast_signed();
        assert_eq!(error, Error::UnsupportedDtype { tag: "t".to_owned(), code });
    }
    let untyped = decode(&tensor(0, &[1], &bytes(4, [0; 4])));
    assert_eq!(untyped, Err(Error::UnsupportedDtype { tag: "t".to_owned(), code: 0 }));
}
