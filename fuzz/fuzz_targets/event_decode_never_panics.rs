//! Any payload is an event or an error, and a decoded tensor can be written and read again.

#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use trialscope_tensor::{Mode, Step};
use trialscope_tfevents::{
    Content, Error, TensorEvent, decode_event, encode_tensor_event, masked_crc32c, read_record,
};

fuzz_target!(|payload: &[u8]| {
    let Ok(event) = decode_event(&Bytes::copy_from_slice(payload)) else { return };
    for value in &event.values {
        let Content::Tensor(tensor) = &value.content else { continue };
        let step = Step(event.step.unsigned_abs());
        let saved = TensorEvent {
            wall_time: event.wall_time,
            step,
            mode: value.mode.unwrap_or(Mode::Global),
            mode_step: Step(value.mode_step.unwrap_or(step.0)),
            name: &value.tag,
            tensor,
        };
        let record = match encode_tensor_event(&saved, u64::from(masked_crc32c(payload))) {
            Ok(record) => Bytes::from(record.chunks().concat()),
            Err(Error::NumberTooLarge { .. }) => continue,
            Err(error) => panic!("{error}"),
        };
        let payload = read_record(&record, 0).expect("what is written reads back").payload;
        let again = decode_event(&payload).expect("what is written reads back");
        assert_eq!(again.wall_time.to_bits(), event.wall_time.to_bits());
        assert_eq!(again.values[0].tag, value.tag);
        assert_eq!(again.values[0].content, value.content);
    }
});
