//! Element types by their number in `TensorProto.dtype`.
//!
//! # Source
//! TensorFlow's `types.proto` (`DataType`).

use trialscope_tensor::Dtype;

/// `DT_STRING`. smdebug leaves the type of strings unset instead.
pub(crate) const STRING: i64 = 7;

/// The type left unset: how smdebug writes strings.
pub(crate) const UNSET: i64 = 0;

/// The number smdebug writes for `dtype`; `None` for strings, which have none.
pub(crate) const fn to_code(dtype: Dtype) -> Option<u8> {
    Some(match dtype {
        Dtype::F32 => 1,
        Dtype::F64 => 2,
        Dtype::I32 => 3,
        Dtype::U8 => 4,
        Dtype::I16 => 5,
        Dtype::I8 => 6,
        Dtype::C64 => 8,
        Dtype::I64 => 9,
        Dtype::Bool => 10,
        Dtype::Bf16 => 14,
        Dtype::U16 => 17,
        Dtype::C128 => 18,
        Dtype::F16 => 19,
        Dtype::U32 => 22,
        Dtype::U64 => 23,
        Dtype::Str => return None,
    })
}

/// The element type of a number; quantized integers become the plain integers they are stored as. `None` for a number
/// without a fixed-size element type here.
pub(crate) const fn from_code(code: i64) -> Option<Dtype> {
    Some(match code {
        1 => Dtype::F32,
        2 => Dtype::F64,
        3 | 13 => Dtype::I32,
        4 | 12 => Dtype::U8,
        5 | 15 => Dtype::I16,
        6 | 11 => Dtype::I8,
        8 => Dtype::C64,
        9 => Dtype::I64,
        10 => Dtype::Bool,
        14 => Dtype::Bf16,
        16 | 17 => Dtype::U16,
        18 => Dtype::C128,
        19 => Dtype::F16,
        22 => Dtype::U32,
        23 => Dtype::U64,
        _ => return None,
    })
}
