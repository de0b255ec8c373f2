//! Every event file of the golden trees beside the checkout against what is recorded about it.
//!
//! The trees are larger than this repository should carry. They are looked for at `$TRIALSCOPE_SHARED/fixtures` and in
//! `shared/fixtures` beside the checkout; without them these tests check nothing and say so.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use serde_json::Value as Json;
use trialscope_tensor::{Mode, Tensor};
use trialscope_tfevents::{
    Content, Event, Histogram, PayloadCheck, Record, RecordReader, decode_event, read_record,
};

fn trees() -> Option<PathBuf> {
    let shared = std::env::var_os("TRIALSCOPE_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    let trees = shared.join("fixtures/smdebug-1.0.34");
    if trees.is_dir() {
        return Some(trees);
    }
    eprintln!("skipped: no golden trees at {} (set TRIALSCOPE_SHARED)", trees.display());
    None
}

/// Calls `check` with the bytes of each file under `key` of every tree, and its recorded description.
fn for_each_file(key: &str, check: impl Fn(&str, Bytes, &[Json])) {
    let Some(trees) = trees() else { return };
    let mut folders: Vec<_> = std::fs::read_dir(trees).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    let mut num_records = 0;
    for folder in folders.iter().filter(|folder| folder.join("expected.json").is_file()) {
        let expected: Json =
            serde_json::from_slice(&std::fs::read(folder.join("expected.json")).unwrap()).unwrap();
        let Some(files) = expected[key].as_object() else { continue };
        for (path, records) in files {
            let bytes = std::fs::read(folder.join("trial").join(path)).unwrap();
            let records = records.as_array().unwrap();
            check(path, bytes.into(), records);
            num_records += records.len();
        }
    }
    assert!(num_records > 0, "the trees hold no {key}");
}

fn records(file: &Bytes) -> Vec<Record> {
    let mut reader = RecordReader::new();
    reader.push(file.clone());
    let records = std::iter::from_fn(|| reader.next().unwrap()).collect();
    assert_eq!(reader.pending_bytes(), 0);
    records
}

#[test]
fn every_event_file_reads_as_recorded() {
    for_each_file("event_files", |path, file, expected| {
        let records = records(&file);
        assert_eq!(records.len(), expected.len(), "{path}");
        for (record, expected) in records.iter().zip(expected) {
            assert_eq!(record.check, PayloadCheck::SmdebugConstant, "{path}");
            assert_eq!(record.offset, expected["offset"].as_u64().unwrap(), "{path}");
            assert_eq!(record.length(), expected["length"].as_u64().unwrap(), "{path}");
            let start = usize::try_from(record.offset).unwrap();
            assert_eq!(read_record(&file.slice(start..), record.offset).as_ref(), Ok(record), "{path}");
            check_tensor_event(&decode_event(&record.payload).unwrap(), expected);
        }
    });
}

fn check_tensor_event(event: &Event, expected: &Json) {
    check_stamp(event, expected);
    let value = &event.values[0];
    let plugins = &expected["plugin_data"];
    assert_eq!(plugins[0][0], "mode_step");
    assert_eq!(value.mode_step.unwrap().to_string(), plugins[0][1].as_str().unwrap());
    assert_eq!(plugins[1][0], "mode");
    let modes = ["1 TRAIN", "2 EVAL", "3 PREDICT", "4 GLOBAL"];
    let mode = modes.iter().find_map(|mode| mode.strip_prefix(plugins[1][1].as_str().unwrap())).unwrap();
    assert_eq!(value.mode.map(Mode::name), Some(mode.trim()), "{expected}");

    let Content::Tensor(tensor) = &value.content else { panic!("{expected}: {:?}", value.content) };
    assert_eq!(tensor.dtype().name(), numpy_name(&expected["dtype_code"]), "{expected}");
    let dims: Vec<u64> =
        expected["dims"].as_array().unwrap().iter().map(|dim| dim[0].as_u64().unwrap()).collect();
    assert_eq!(tensor.shape().dims(), dims, "{expected}");
    let num_bytes = tensor.raw().map_or(0, Bytes::len) as u64;
    assert_eq!(num_bytes, expected["tensor_content_bytes"].as_u64().unwrap(), "{expected}");
    let num_strings = tensor.strings().map_or(0, <[String]>::len) as u64;
    assert_eq!(num_strings, expected["string_val_count"].as_u64().unwrap(), "{expected}");
}

fn check_stamp(event: &Event, expected: &Json) {
    check_number(event.wall_time, &expected["wall_time"]);
    assert_eq!(event.step, expected["step"].as_i64().unwrap(), "{expected}");
    assert_eq!(event.values.len(), 1, "{expected}");
    assert_eq!(event.values[0].tag, expected["tag"].as_str().unwrap());
}

fn numpy_name(code: &Json) -> &'static str {
    match code.as_u64().unwrap() {
        0 => "str",
        1 => "float32",
        2 => "float64",
        3 => "int32",
        4 => "uint8",
        5 => "int16",
        6 => "int8",
        8 => "complex64",
        9 => "int64",
        10 => "bool",
        17 => "uint16",
        18 => "complex128",
        19 => "float16",
        22 => "uint32",
        23 => "uint64",
        other => panic!("code {other} is not in the fixtures' table"),
    }
}

#[test]
fn every_tensorboard_file_reads_as_recorded() {
    for_each_file("tensorboard_files", |path, file, expected| {
        let records = records(&file);
        assert_eq!(records.len(), expected.len(), "{path}");
        for (record, expected) in records.iter().zip(expected) {
            assert_eq!(record.check, PayloadCheck::TrueCrc, "{path}");
            let event = decode_event(&record.payload).unwrap();
            check_stamp(&event, expected);
            match (&event.values[0].content, &expected["histo"], &expected["simple_value"]) {
                (Content::Scalar(scalar), Json::Null, simple) => {
                    check_number(f64::from(*scalar), simple);
                }
                (Content::Histogram(histogram), histo, Json::Null) => check_histogram(histogram, histo),
                (other, _, _) => panic!("{expected}: {other:?}"),
            }
        }
    });
}

fn check_histogram(histogram: &Histogram, expected: &Json) {
    let Histogram { min, max, num, sum, sum_squares, bucket_limits, bucket_counts } = histogram;
    let fields = [("min", min), ("max", max), ("num", num), ("sum", sum), ("sum_squares", sum_squares)];
    for (field, value) in fields {
        check_number(*value, &expected[field]);
    }
    assert_eq!(bucket_limits.len() as u64, expected["buckets"].as_u64().unwrap());
    check_number(bucket_limits[0], &expected["bucket_limit_first_last"][0]);
    check_number(bucket_limits[bucket_limits.len() - 1], &expected["bucket_limit_first_last"][1]);
    let nonzero: Vec<_> =
        bucket_limits.iter().zip(bucket_counts).filter(|(_, count)| **count != 0.0).collect();
    let recorded = expected["nonzero_buckets"].as_array().unwrap();
    assert_eq!(nonzero.len().min(40), recorded.len(), "the first 40 are recorded");
    for ((limit, count), recorded) in nonzero.into_iter().zip(recorded) {
        check_number(*limit, &recorded[0]);
        check_number(*count, &recorded[1]);
    }
}

/// Bit by bit, but for the many forms of NaN.
#[track_caller]
fn check_number(value: f64, recorded: &Json) {
    let recorded = match recorded {
        Json::Bool(truth) => f64::from(u8::from(*truth)),
        Json::String(name) => name.parse().unwrap(),
        number => number.as_f64().unwrap(),
    };
    assert!(
        value.to_bits() == recorded.to_bits() || value.is_nan() && recorded.is_nan(),
        "{value} != {recorded}"
    );
}

/// The values themselves, where the original could read them and the tree records all of them.
#[test]
fn recorded_values_of_the_dtype_tree_read_back() {
    let Some(trees) = trees() else { return };
    let folder = trees.join("writer-dtypes");
    let expected: Json =
        serde_json::from_slice(&std::fs::read(folder.join("expected.json")).unwrap()).unwrap();
    let file = folder.join("trial/events/000000000000/000000000000_worker_0.tfevents");
    let mut num_checked = 0;
    for record in records(&std::fs::read(file).unwrap().into()) {
        let event = decode_event(&record.payload).unwrap();
        let Content::Tensor(tensor) = &event.values[0].content else { continue };
        let recorded = &expected["tensors"][&event.values[0].tag]["values"]["0"]["worker_0"];
        if recorded["dtype"] == tensor.dtype().name() && recorded["values"].is_array() {
            num_checked += usize::from(check_values(tensor, recorded["values"].as_array().unwrap()));
        }
    }
    assert!(num_checked >= 15, "{num_checked} tensors were compared");
}

fn check_values(tensor: &Tensor, recorded: &[Json]) -> bool {
    if let Some(strings) = tensor.strings() {
        assert_eq!(strings, recorded.iter().map(|text| text.as_str().unwrap()).collect::<Vec<_>>());
        return true;
    }
    let Ok(values) = tensor.to_f64() else { return false };
    assert_eq!(values.len(), recorded.len());
    for (value, recorded) in values.into_iter().zip(recorded) {
        check_number(value, recorded);
    }
    true
}
