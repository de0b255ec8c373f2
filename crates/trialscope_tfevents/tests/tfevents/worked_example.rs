use bytes::Bytes;
use trialscope_tensor::{Dtype, Mode, Shape, Tensor};
use trialscope_tfevents::{Content, Event, PayloadCheck, Value, decode_event, read_record};

/// Section 3.6 of the format page: float64 `[0, 1, 2]` called `a`, mode EVAL, mode step 7, as smdebug wrote it.
#[test]
fn the_worked_example_decodes_exactly() {
    let mut file = vec![0x56, 0, 0, 0, 0, 0, 0, 0, 0x4E, 0x2D, 0xE2, 0xB2];
    file.push(0x09);
    file.extend(1_700_000_000.25_f64.to_le_bytes());
    file.extend([0x2A, 0x4B, 0x0A, 0x49, 0x0A, 0x01, 0x61, 0x42, 0x27, 0x08, 0x02]);
    file.extend([0x12, 0x09, 0x12, 0x07, 0x08, 0x03, 0x12, 0x03, 0x61, 0x5F, 0x33, 0x22, 0x18]);
    let values = [0.0_f64, 1.0, 2.0].iter().flat_map(|value| value.to_le_bytes());
    file.extend(values.clone());
    file.extend([0x4A, 0x1B, 0x0A, 0x0E, 0x0A, 0x09]);
    file.extend(b"mode_step\x12\x017");
    file.extend([0x0A, 0x09, 0x0A, 0x04]);
    file.extend(b"mode\x12\x012");
    file.extend([0xB3, 0xC0, 0x2D, 0x06]);
    assert_eq!(file.len(), 102);

    let file = Bytes::from(file);
    let record = read_record(&file, 0).unwrap();
    assert_eq!((record.length(), record.check), (102, PayloadCheck::SmdebugConstant));
    let event = decode_event(&record.payload).unwrap();
    let raw = values.collect::<Bytes>();
    let content = Content::Tensor(Tensor::from_raw(Dtype::F64, Shape::from([3]), raw).unwrap());
    let value = Value { tag: "a".into(), content, mode: Some(Mode::Eval), mode_step: Some(7) };
    assert_eq!(event, Event { wall_time: 1_700_000_000.25, step: 0, values: vec![value] });

    let Content::Tensor(tensor) = &event.values[0].content else { unreachable!() };
    assert_eq!(tensor.raw().unwrap().as_ptr(), file[45..].as_ptr(), "values are a slice of the file");
}
