//! Raw little-endian elements to float64. Every real element type is exact but int64 and uint64 beyond 2^53.

use half::{bf16, f16};

use crate::Dtype;

/// The elements of `raw` as float64, in order. Empty for types that are not real numbers.
pub(crate) fn to_f64(dtype: Dtype, raw: &[u8]) -> Vec<f64> {
    fn each<const N: usize>(raw: &[u8], read: impl Fn([u8; N]) -> f64) -> Vec<f64> {
        raw.as_chunks::<N>().0.iter().map(|&chunk| read(chunk)).collect()
    }
    #[expect(clippy::cast_precision_loss, reason = "float64 is the documented result type")]
    match dtype {
        Dtype::Bool => each(raw, |[b]| f64::from(u8::from(b != 0))),
        Dtype::I8 => each(raw, |b| f64::from(i8::from_le_bytes(b))),
        Dtype::I16 => each(raw, |b| f64::from(i16::from_le_bytes(b))),
        Dtype::I32 => each(raw, |b| f64::from(i32::from_le_bytes(b))),
        Dtype::I64 => each(raw, |b| i64::from_le_bytes(b) as f64),
        Dtype::U8 => each(raw, |[b]| f64::from(b)),
        Dtype::U16 => each(raw, |b| f64::from(u16::from_le_bytes(b))),
        Dtype::U32 => each(raw, |b| f64::from(u32::from_le_bytes(b))),
        Dtype::U64 => each(raw, |b| u64::from_le_bytes(b) as f64),
        Dtype::F16 => each(raw, |b| f16::from_le_bytes(b).to_f64()),
        Dtype::Bf16 => each(raw, |b| bf16::from_le_bytes(b).to_f64()),
        Dtype::F32 => each(raw, |b| f64::from(f32::from_le_bytes(b))),
        Dtype::F64 => each(raw, f64::from_le_bytes),
        Dtype::C64 | Dtype::C128 | Dtype::Str => Vec::new(),
    }
}
