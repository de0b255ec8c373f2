//! Input made to hurt: nothing panics, and memory stays in proportion.

use bytes::Bytes;
use proptest::prelude::*;
use trialscope_tensor::Mode;
use trialscope_tfevents::{Content, Error, Value, decode_event};

use crate::proto::{bytes, event_of_tensor, event_of_value, fixed32, fixed64, number, tensor, varint};

fn decode(payload: &[u8]) -> Result<Vec<Value>, Error> {
    decode_event(&Bytes::copy_from_slice(payload)).map(|event| event.values)
}

#[track_caller]
fn check_malformed(payload: &[u8], payload_offset: u64, problem: &'static str) {
    assert_eq!(decode(payload), Err(Error::Malformed { payload_offset, problem }));
}

/// An event with every field that is read, and some that are not.
fn rich_event() -> Vec<u8> {
    let histogram =
        [fixed64(1, [1; 8]), fixed64(3, [2; 8]), bytes(6, [0; 16]), bytes(7, [0; 8]), fixed64(7, [0; 8])]
            .concat();
    let plugin = [bytes(1, "mode_step"), bytes(2, "12")].concat();
    let mode = [bytes(1, "mode"), bytes(2, "1")].concat();
    let group = [vec![0x1B, 0x23], number(9, 1), vec![0x24, 0x1C]].concat();
    let values = [
        [bytes(1, "raw"), bytes(8, tensor(1, &[1], &bytes(4, [0; 4]))), bytes(9, bytes(1, plugin))].concat(),
        [bytes(1, "list"), bytes(8, tensor(9, &[3], &number(10, 5))), bytes(9, bytes(1, mode))].concat(),
        [bytes(1, "text"), bytes(8, tensor(7, &[2], &bytes(8, "ä")))].concat(),
        [bytes(1, "scalar"), fixed32(2, [0; 4])].concat(),
        [bytes(1, "histogram"), bytes(5, histogram)].concat(),
    ];
    let summary = values.map(|value| bytes(1, value)).concat();
    [fixed64(1, [3; 8]), number(2, 77), group, bytes(5, summary), bytes(1000, [0; 9])].concat()
}

#[test]
fn the_rich_event_is_sound() {
    assert_eq!(decode(&rich_event()).map(|values| values.len()), Ok(5));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn random_bytes_never_panic(payload in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = decode(&payload);
    }

    #[test]
    fn a_damaged_event_never_panics(
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut payload = rich_event();
        for (index, byte) in damage {
            *index.get_mut(&mut payload) = byte;
        }
        let _ = decode(&payload);
        payload.truncate(cut.index(payload.len()));
        let _ = decode(&payload);
    }

    #[test]
    fn a_damaged_tensor_never_panics(inside in prop::collection::vec(any::<u8>(), 0..60), code in 0..25_u64) {
        let _ = decode(&event_of_tensor(&inside));
        let _ = decode(&event_of_tensor(&tensor(code, &[2], &inside)));
    }
}

#[test]
fn problems_are_named_with_their_place() {
    check_malformed(&[0x80; 20], 0, "a number of more than 10 bytes");
    check_malformed(&[0x10, 0x80], 1, "a number is cut off");
    check_malformed(&[0x10, 0x01, 0x09, 0, 0], 3, "a number is cut off");
    check_malformed(&[0x2A, 0x05, 0, 0], 2, "a field is longer than its message");
    check_malformed(&[vec![0x2A], varint(u64::MAX)].concat(), 11, "a field is longer than its message");
    check_malformed(&[0x02], 0, "field number 0");
    check_malformed(&varint(1 << 40), 0, "field number out of range");
    check_malformed(&[0x0E], 1, "unknown wire type");
    check_malformed(&[fixed64(1, [0; 8]), vec![0x02]].concat(), 9, "field number 0");
    check_malformed(&[0x0C], 1, "end of a group that did not start");
    // Places count from the start of the payload inside nested messages, too.
    check_malformed(&bytes(5, bytes(1, bytes(1, [0xFF]))), 6, "text is not UTF-8");
    check_malformed(&bytes(5, bytes(1, bytes(5, bytes(6, [0; 9])))), 8, "packed numbers end inside a number");
}

#[test]
fn unknown_groups_are_skipped_to_a_depth() {
    let nested = |depth| [vec![0x1B; depth], vec![0x1C; depth], number(2, 5)].concat();
    assert_eq!(decode_event(&nested(100).into()).map(|event| event.step), Ok(5));
    assert!(matches!(decode(&nested(101)), Err(Error::Malformed { .. })));
    assert!(matches!(decode(&vec![0x1B; 1 << 20]), Err(Error::Malformed { .. })));
    check_malformed(&[0x1B, 0x24], 2, "end of a group that did not start");
}

#[test]
fn known_fields_of_another_wire_type_are_unknown_fields() {
    let payload = [number(1, 7), fixed64(2, [9; 8]), number(5, 1)].concat();
    let event = decode_event(&payload.into()).unwrap();
    assert_eq!((event.wall_time.to_bits(), event.step, event.values.len()), (0, 0, 0));
}

#[test]
fn the_tag_may_follow_the_tensor() {
    let wrong = tensor(2, &[2], &bytes(4, [0; 8]));
    let error = decode(&event_of_value(&[bytes(8, wrong), bytes(1, "late")].concat())).unwrap_err();
    assert!(matches!(error, Error::Tensor { ref tag, .. } if tag == "late"), "{error}");
}

#[test]
fn impossible_shapes_are_errors() {
    let negative = decode(&event_of_tensor(&tensor(2, &[u64::MAX], &[])));
    assert_eq!(negative, Err(Error::NegativeDim { tag: "t".to_owned(), size: -1 }));
    let overflow = tensor(2, &[1 << 62, 1 << 62], &bytes(4, [0; 8]));
    assert!(matches!(decode(&event_of_tensor(&overflow)), Err(Error::Tensor { .. })));
    let overflow = tensor(2, &[1 << 62, 1 << 62], &fixed64(6, [0; 8]));
    assert!(matches!(decode(&event_of_tensor(&overflow)), Err(Error::Tensor { .. })));
}

#[test]
fn repeated_values_cannot_claim_all_memory() {
    let limit = 64 << 20;
    let too_large = |bytes| Err(Error::FillTooLarge { tag: "t".to_owned(), bytes, limit });
    let numbers = event_of_tensor(&tensor(1, &[1 << 40], &fixed32(5, [0; 4])));
    assert_eq!(decode(&numbers), too_large(1 << 42));
    let strings = event_of_tensor(&tensor(7, &[1 << 40], &bytes(8, "")));
    assert!(matches!(decode(&strings), Err(Error::FillTooLarge { .. })));

    // The limit holds for all values of an event together.
    let value = bytes(1, [bytes(1, "t"), bytes(8, tensor(1, &[10 << 20], &fixed32(5, [0; 4])))].concat());
    assert_eq!(decode(&bytes(5, &value)).map(|values| values.len()), Ok(1));
    assert_eq!(decode(&bytes(5, value.repeat(2))), too_large(40 << 20));
}

#[test]
fn more_values_than_any_writer_puts_are_refused() {
    let limit = 1 << 20;
    assert_eq!(decode(&bytes(5, [0x0A, 0].repeat(limit))).map(|values| values.len()), Ok(limit));
    assert_eq!(decode(&bytes(5, [0x0A, 0].repeat(limit + 1))), Err(Error::TooManyValues { limit }));
}

#[test]
fn unequal_buckets_are_refused() {
    for (limits, counts) in [(2, 3), (3, 2), (0, 1)] {
        let histogram = [bytes(6, vec![0; limits * 8]), bytes(7, vec![0; counts * 8])].concat();
        let error = decode(&event_of_value(&[bytes(1, "h"), bytes(5, histogram)].concat())).unwrap_err();
        assert_eq!(error, Error::HistogramBuckets { tag: "h".to_owned(), limits, counts });
    }
}

#[test]
fn metadata_that_is_not_ours_is_not_an_error() {
    let plugin = |name: &str, content: &[u8]| bytes(1, [bytes(1, name), bytes(2, content)].concat());
    let decode_one = |metadata: &[u8]| {
        let value = decode(&event_of_value(&bytes(9, metadata))).unwrap().remove(0);
        assert_eq!(value.content, Content::Absent);
        (value.mode, value.mode_step)
    };
    assert_eq!(decode_one(&plugin("scalars", &[0xFF, 0])), (None, None));
    assert_eq!(decode_one(&[plugin("mode", b"9"), plugin("mode_step", b"-1")].concat()), (None, None));
    assert_eq!(
        decode_one(&[plugin("mode", b"3"), plugin("mode_step", b"\xFF")].concat()),
        (Some(Mode::Predict), None)
    );
    assert_eq!(decode_one(&plugin("mode_step", b"18446744073709551615")), (None, Some(u64::MAX)));
}

#[test]
fn a_record_without_a_summary_is_an_event_without_values() {
    let version = [fixed64(1, 2.5_f64.to_le_bytes()), bytes(3, "brain.Event:2")].concat();
    let event = decode_event(&version.into()).unwrap();
    assert_eq!((event.wall_time, event.step, event.values.len()), (2.5, 0, 0));
    let negative = decode_event(&number(2, u64::MAX).into()).unwrap();
    assert_eq!(negative.step, -1);
}
