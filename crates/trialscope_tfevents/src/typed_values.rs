//! The lists of numbers in which TensorFlow-era tools keep small tensors (`float_val`, `int_val`, ...), packed or
//! not.

use bytes::Bytes;
use trialscope_tensor::{Dtype, Shape};

use crate::{
    Error, schema,
    tensor_proto::FillBudget,
    wire::{Data, Message},
};

/// A tensor whose values are to be gathered from a list.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TypedValues<'a> {
    pub(crate) tag: &'a str,
    pub(crate) dtype: Dtype,
    pub(crate) shape: &'a Shape,
}

impl TypedValues<'_> {
    /// The values as little-endian bytes in C order. A list shorter than the shape is filled with its last number; an
    /// empty one stays empty.
    pub(crate) fn decode(self, mut message: Message<'_>, fill: &mut FillBudget) -> Result<Bytes, Error> {
        let Some((field, size)) = field_and_size(self.dtype) else { return Ok(Bytes::new()) };
        let mut raw = Vec::new();
        while let Some((number, data)) = message.next_field()? {
            if number != field {
                continue;
            }
            match data {
                Data::Varint(value) => self.push_varint(&mut raw, value)?,
                Data::Fixed32(bytes) if is_fixed32(field) => raw.extend_from_slice(&bytes),
                Data::Fixed64(bytes) if is_fixed64(field) => raw.extend_from_slice(&bytes),
                Data::Delimited(packed) if is_fixed32(field) => {
                    raw.extend_from_slice(packed.packed::<4>()?.as_flattened());
                }
                Data::Delimited(packed) if is_fixed64(field) => {
                    raw.extend_from_slice(packed.packed::<8>()?.as_flattened());
                }
                Data::Delimited(mut packed) => {
                    while let Some(value) = packed.next_varint()? {
                        self.push_varint(&mut raw, value)?;
                    }
                }
                _ => {}
            }
        }
        self.fill(&mut raw, size, fill)?;
        Ok(raw.into())
    }

    fn push_varint(self, raw: &mut Vec<u8>, value: u64) -> Result<(), Error> {
        // `int32` fields keep the low 32 bits of their varint, whatever the writer put above.
        #[expect(clippy::cast_possible_truncation, reason = "the protobuf rule for int32 fields")]
        let narrow = value as i32;
        let out_of_range = |raw: &[u8]| Error::ValueRange {
            tag: self.tag.to_owned(),
            dtype: self.dtype,
            index: raw.len() as u64 / self.dtype.size_bytes().unwrap_or(1),
            value: i64::from(narrow),
        };
        match self.dtype {
            Dtype::Bool => raw.push(u8::from(value != 0)),
            Dtype::I8 => raw.extend(i8::try_from(narrow).map_err(|_| out_of_range(raw))?.to_le_bytes()),
            Dtype::U8 => raw.extend(u8::try_from(narrow).map_err(|_| out_of_range(raw))?.to_le_bytes()),
            Dtype::I16 => raw.extend(i16::try_from(narrow).map_err(|_| out_of_range(raw))?.to_le_bytes()),
            Dtype::U16 | Dtype::F16 | Dtype::Bf16 => {
                raw.extend(u16::try_from(narrow).map_err(|_| out_of_range(raw))?.to_le_bytes());
            }
            Dtype::I32 | Dtype::U32 => raw.extend(narrow.to_le_bytes()),
            Dtype::I64 | Dtype::U64 => raw.extend(value.to_le_bytes()),
            Dtype::F32 | Dtype::F64 | Dtype::C64 | Dtype::C128 | Dtype::Str => {}
        }
        Ok(())
    }

    fn fill(self, raw: &mut Vec<u8>, size: usize, fill: &mut FillBudget) -> Result<(), Error> {
        let wanted = self.shape.num_elements().and_then(|count| count.checked_mul(size as u64));
        let Some(wanted) = wanted.filter(|&wanted| wanted > raw.len() as u64) else { return Ok(()) };
        let Some(last) = raw.len().checked_sub(size).and_then(|start| raw.get(start..)).map(<[u8]>::to_vec)
        else {
            return Ok(());
        };
        let wanted = fill.claim(self.tag, wanted)?;
        raw.reserve_exact(wanted - raw.len());
        while raw.len() < wanted {
            raw.extend_from_slice(&last);
        }
        Ok(())
    }
}

/// The list that holds elements of `dtype`, and the bytes of one element.
fn field_and_size(dtype: Dtype) -> Option<(u32, usize)> {
    use schema::tensor as field;
    let number = match dtype {
        Dtype::F32 => field::FLOAT_VAL,
        Dtype::F64 => field::DOUBLE_VAL,
        Dtype::I8 | Dtype::U8 | Dtype::I16 | Dtype::U16 | Dtype::I32 => field::INT_VAL,
        Dtype::C64 => field::SCOMPLEX_VAL,
        Dtype::I64 => field::INT64_VAL,
        Dtype::Bool => field::BOOL_VAL,
        Dtype::C128 => field::DCOMPLEX_VAL,
        Dtype::F16 | Dtype::Bf16 => field::HALF_VAL,
        Dtype::U32 => field::UINT32_VAL,
        Dtype::U64 => field::UINT64_VAL,
        Dtype::Str => return None,
    };
    Some((number, usize::try_from(dtype.size_bytes()?).ok()?))
}

/// Whether a list holds binary32 numbers.
fn is_fixed32(field: u32) -> bool {
    matches!(field, schema::tensor::FLOAT_VAL | schema::tensor::SCOMPLEX_VAL)
}

/// Whether a list holds binary64 numbers.
fn is_fixed64(field: u32) -> bool {
    matches!(field, schema::tensor::DOUBLE_VAL | schema::tensor::DCOMPLEX_VAL)
}
