//! What is written reads back, wherever in the file it stands.

use bytes::Bytes;
use proptest::prelude::*;
use trialscope_tensor::{Dtype, Mode, Shape, Step, Tensor};
use trialscope_tfevents::{
    Content, PayloadCheck, TensorEvent, decode_event, encode_tensor_event, read_record,
};

use crate::proto;

fn shapes() -> impl Strategy<Value = Vec<u64>> {
    prop::collection::vec(0..5_u64, 0..=5)
}

fn numbers() -> impl Strategy<Value = Tensor> {
    let dtypes: Vec<Dtype> = Dtype::ALL.into_iter().filter(|&dtype| dtype != Dtype::Str).collect();
    (prop::sample::select(dtypes), shapes(), any::<u64>()).prop_map(|(dtype, dims, seed)| {
        let num_bytes = dims.iter().product::<u64>() * dtype.size_bytes().unwrap();
        let mut noise = seed;
        let raw = std::iter::repeat_with(|| {
            noise = noise.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(1);
            noise.to_be_bytes()[0]
        });
        let raw: Bytes = raw.take(usize::try_from(num_bytes).unwrap()).collect();
        Tensor::from_raw(dtype, Shape::from(dims), raw).unwrap()
    })
}

fn strings() -> impl Strategy<Value = Tensor> {
    shapes().prop_flat_map(|dims| {
        let count = usize::try_from(dims.iter().product::<u64>()).unwrap().min(50);
        let dims = if count == 50 { vec![50] } else { dims };
        prop::collection::vec(".{0,5}", count)
            .prop_map(move |strings| Tensor::from_strings(Shape::from(dims.clone()), strings).unwrap())
    })
}

#[derive(Debug, Clone)]
struct Saved {
    wall_time: u64,
    step: u64,
    mode: Mode,
    mode_step: u64,
    name: String,
    tensor: Tensor,
    file_offset: u64,
}

impl Saved {
    fn event(&self) -> TensorEvent<'_> {
        TensorEvent {
            wall_time: f64::from_bits(self.wall_time),
            step: Step(self.step),
            mode: self.mode,
            mode_step: Step(self.mode_step),
            name: &self.name,
            tensor: &self.tensor,
        }
    }
}

/// Numbers of every width, small ones as often as large.
fn wide() -> impl Strategy<Value = u64> {
    (any::<u64>(), 1..64_u32).prop_map(|(value, shift)| value >> shift)
}

fn saved() -> impl Strategy<Value = Saved> {
    let tensor = prop_oneof![4 => numbers(), 1 => strings()];
    let mode = prop::sample::select(Mode::ALL.to_vec());
    (any::<u64>(), wide(), mode, wide(), ".{0,150}", tensor, wide()).prop_map(
        |(wall_time, step, mode, mode_step, name, tensor, file_offset)| Saved {
            wall_time,
            step,
            mode,
            mode_step,
            name,
            tensor,
            file_offset,
        },
    )
}

proptest! {
    #[test]
    fn what_is_written_reads_back(saved in saved()) {
        let encoded = encode_tensor_event(&saved.event(), saved.file_offset).unwrap();
        let bytes = Bytes::from(encoded.chunks().concat());
        let record = read_record(&bytes, saved.file_offset).unwrap();
        prop_assert_eq!(record.length(), encoded.len());
        prop_assert_eq!(record.length(), bytes.len() as u64);
        prop_assert_eq!(record.check, PayloadCheck::SmdebugConstant);
        prop_assert_eq!(encoded.crc32c(), proto::crc32c(&bytes));

        let event = decode_event(&record.payload).unwrap();
        prop_assert_eq!(event.wall_time.to_bits(), saved.wall_time);
        prop_assert_eq!(event.step, saved.step.cast_signed());
        let [value] = &event.values[..] else { panic!("{event:?}") };
        prop_assert_eq!(&value.tag, &saved.name);
        prop_assert_eq!((value.mode, value.mode_step), (Some(saved.mode), Some(saved.mode_step)));
        let Content::Tensor(tensor) = &value.content else { panic!("{value:?}") };
        prop_assert_eq!(tensor, &saved.tensor);
    }

    #[test]
    fn values_are_neither_copied_nor_misaligned(saved in saved()) {
        let encoded = encode_tensor_event(&saved.event(), saved.file_offset).unwrap();
        let [head, values, tail] = &encoded.chunks()[..] else { panic!("three pieces") };
        let raw = saved.tensor.raw().cloned().unwrap_or_default();
        prop_assert_eq!(tail.len(), 4);
        prop_assert_eq!(values, &raw);
        if !raw.is_empty() {
            prop_assert_eq!(values.as_ptr(), raw.as_ptr());
            prop_assert_eq!((saved.file_offset + head.len() as u64) % 8, 0);
        }
    }

    #[test]
    fn any_flipped_bit_changes_the_record_crc(saved in saved(), bit in any::<prop::sample::Index>()) {
        let encoded = encode_tensor_event(&saved.event(), saved.file_offset).unwrap();
        let mut bytes = encoded.chunks().concat();
        let bit = bit.index(bytes.len() * 8);
        bytes[bit / 8] ^= 1 << (bit % 8);
        prop_assert_ne!(encoded.crc32c(), proto::crc32c(&bytes));
    }
}

#[test]
fn large_values_start_at_a_cache_line() {
    for num_bytes in [4095, 4096, 4097, 16_200, 16_384, 100_000] {
        let raw = Bytes::from(vec![7; num_bytes]);
        let tensor = Tensor::from_raw(Dtype::U8, Shape::from([num_bytes as u64]), raw).unwrap();
        for file_offset in 0..64 {
            let event = TensorEvent {
                wall_time: 1.0,
                step: Step(3),
                mode: Mode::Global,
                mode_step: Step(3),
                name: "full_shap/f0",
                tensor: &tensor,
            };
            let head = &encode_tensor_event(&event, file_offset).unwrap().chunks()[0];
            let alignment = if num_bytes < 4096 { 8 } else { 64 };
            assert_eq!((file_offset + head.len() as u64) % alignment, 0, "{num_bytes} at {file_offset}");
        }
    }
}
