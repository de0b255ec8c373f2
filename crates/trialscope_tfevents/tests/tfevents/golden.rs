//! The files under `tests/fixtures`; see `PROVENANCE.md` there for where they and the expected values come from.

use trialscope_tensor::{Dtype, Mode, Tensor};
use trialscope_tfevents::{Content, Event, PayloadCheck, RecordReader, Value, decode_event};

static DTYPES: &[u8] = include_bytes!("../fixtures/smdebug-1.0.34/writer-dtypes.tfevents");
static SCALAR: &[u8] = include_bytes!("../fixtures/smdebug-1.0.34/tensorboard-scalar.tfevents");

fn events(file: &'static [u8]) -> Vec<(PayloadCheck, Event)> {
    let mut reader = RecordReader::new();
    reader.push(file);
    let mut events = Vec::new();
    while let Some(record) = reader.next().unwrap() {
        events.push((record.check, decode_event(&record.payload).unwrap()));
    }
    assert_eq!((reader.offset(), reader.pending_bytes()), (file.len() as u64, 0));
    events
}

fn tensor(name: &str) -> Tensor {
    let (_, event) = events(DTYPES).into_iter().find(|(_, event)| event.values[0].tag == name).unwrap();
    match &event.values[0].content {
        Content::Tensor(tensor) => tensor.clone(),
        other => panic!("{name} is {other:?}"),
    }
}

#[track_caller]
fn check(name: &str, dtype: Dtype, dims: &[u64], values: &[f64]) {
    let tensor = tensor(name);
    assert_eq!((tensor.dtype(), tensor.shape().dims()), (dtype, dims), "{name}");
    // Bits, so that NaN equals itself and -0 differs from 0.
    let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
    assert_eq!(bits(&tensor.to_f64().unwrap()), bits(values), "{name}");
}

#[test]
fn every_number_type_reads_back() {
    let halves = [0.0, 1.0, 2.0, 100.0, 101.0, 102.0];
    check("t/float16", Dtype::F16, &[2, 3], &halves);
    check("t/float32", Dtype::F32, &[2, 3], &halves);
    check("t/float64", Dtype::F64, &[2, 3], &halves);
    check("t/int8", Dtype::I8, &[2, 3], &[0.0, 1.0, -2.0, 100.0, -101.0, 102.0]);
    check("t/int16", Dtype::I16, &[2, 3], &[0.0, 1.0, -2.0, 300.0, -301.0, 302.0]);
    check("t/int32", Dtype::I32, &[2, 3], &[0.0, 1.0, -2.0, 70_000.0, -70_001.0, 70_002.0]);
    let wide = [0.0, 1.0, -2.0, 1_099_511_627_776.0, -2_199_023_255_552.0, 3.0];
    check("t/int64", Dtype::I64, &[2, 3], &wide);
    check("t/uint8", Dtype::U8, &[2, 3], &[0.0, 1.0, 2.0, 200.0, 201.0, 255.0]);
    check("t/uint16", Dtype::U16, &[2, 3], &[0.0, 1.0, 2.0, 60_000.0, 60_001.0, 65_535.0]);
    check("t/uint32", Dtype::U32, &[2, 3], &[0.0, 1.0, 2.0, 4_000_000_000.0, 7.0, 8.0]);
    check("t/uint64", Dtype::U64, &[2, 3], &[0.0, 1.0, 2.0, 9_223_372_036_854_775_808.0, 7.0, 8.0]);
    check("t/bool", Dtype::Bool, &[2, 3], &[1.0, 0.0, 1.0, 0.0, 0.0, 1.0]);
}

#[test]
fn complex_numbers_read_back() {
    let narrow: Vec<u8> = [1.0_f32, 2.0, -0.0, -3.5].iter().flat_map(|part| part.to_le_bytes()).collect();
    let wide: Vec<u8> = [1.0_f64, 2.0, -0.0, -3.5].iter().flat_map(|part| part.to_le_bytes()).collect();
    for (name, dtype, raw) in [("t/complex64", Dtype::C64, narrow), ("t/complex128", Dtype::C128, wide)] {
        let tensor = tensor(name);
        assert_eq!((tensor.dtype(), tensor.shape().dims()), (dtype, &[2][..]));
        assert_eq!(tensor.raw().unwrap()[..], raw);
    }
}

#[test]
fn every_shape_reads_back() {
    check("t/scalar_0d", Dtype::F64, &[], &[3.5]);
    check("t/python_float", Dtype::F64, &[1], &[1.5]);
    check("t/python_int", Dtype::I64, &[1], &[3.0]);
    check("t/python_bool", Dtype::Bool, &[1], &[1.0]);
    check("t/fortran_order", Dtype::F64, &[2, 3], &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
    check("t/strided_view", Dtype::I32, &[3, 2], &[0.0, 2.0, 4.0, 6.0, 8.0, 10.0]);
    check("t/nonfinite", Dtype::F64, &[4], &[f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0]);
    check("t/rank5", Dtype::F32, &[2, 3, 1, 2, 2], &(0..24_u8).map(f64::from).collect::<Vec<_>>());
    check("t/empty_float", Dtype::F64, &[0, 3], &[]);
    check("t/empty_int32", Dtype::I32, &[0], &[]);

    let large = tensor("t/large");
    let values = large.to_f64().unwrap();
    assert_eq!((large.shape().dims(), values.len()), (&[50, 100][..], 5000));
    assert_eq!(values[..3], [-1.0, -0.999_599_933_624_267_6, -0.999_199_867_248_535_2]);
    assert_eq!(values[4997..], [0.999_199_867_248_535_2, 0.999_599_933_624_267_6, 1.0]);
}

#[test]
fn strings_read_back() {
    for (name, strings) in [
        ("t/unicode", &["foo", "barz", "naïve ☃", ""][..]),
        ("t/object_str", &["x", "yy"]),
        ("t/python_str", &["hello"]),
    ] {
        let tensor = tensor(name);
        assert_eq!(tensor.strings().unwrap(), strings);
        assert_eq!(tensor.shape().dims(), [strings.len() as u64]);
    }
}

#[test]
fn event_files_carry_the_constant_and_the_mode() {
    let events = events(DTYPES);
    assert_eq!(events.len(), 31);
    for (index, (check, event)) in (1_u32..).zip(&events) {
        assert_eq!(*check, PayloadCheck::SmdebugConstant);
        assert_eq!(event.step, 0);
        // The fixture's clock ticks 1/1024 s per call, and float64 keeps 22 of these digits.
        assert!((event.wall_time - 1_700_000_000.0 - f64::from(index) / 1024.0).abs() < 1e-6);
        assert_eq!((event.values[0].mode, event.values[0].mode_step), (Some(Mode::Global), Some(0)));
    }
}

#[test]
fn tensorboard_files_carry_a_true_crc_and_scalars() {
    let content = Content::Scalar(0.125);
    let value = Value { tag: "scalar/lr_train".into(), content, mode: None, mode_step: None };
    let event = Event { wall_time: 1_700_000_000.080_078_1, step: 1, values: vec![value] };
    assert_eq!(events(SCALAR), [(PayloadCheck::TrueCrc, event)]);
}
