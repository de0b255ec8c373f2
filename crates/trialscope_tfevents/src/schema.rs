//! Field numbers of the messages in event files, equal in smdebug's and TensorFlow's schemas.
//!
//! # Source
//! TensorFlow's `event.proto`, `summary.proto`, `tensor.proto`, `tensor_shape.proto`.

pub(crate) mod event {
    pub(crate) const WALL_TIME: u32 = 1;
    pub(crate) const STEP: u32 = 2;
    pub(crate) const SUMMARY: u32 = 5;
}

pub(crate) mod summary {
    pub(crate) const VALUE: u32 = 1;
}

pub(crate) mod value {
    pub(crate) const TAG: u32 = 1;
    pub(crate) const SIMPLE_VALUE: u32 = 2;
    pub(crate) const HISTO: u32 = 5;
    pub(crate) const TENSOR: u32 = 8;
    pub(crate) const METADATA: u32 = 9;
}

pub(crate) mod metadata {
    /// Repeated in smdebug's schema, single in TensorFlow's.
    pub(crate) const PLUGIN_DATA: u32 = 1;
}

pub(crate) mod plugin_data {
    pub(crate) const PLUGIN_NAME: u32 = 1;
    /// Text in smdebug's schema, bytes in TensorFlow's.
    pub(crate) const CONTENT: u32 = 2;
    /// The plugin name under which smdebug keeps the mode step, as decimal text.
    pub(crate) const MODE_STEP: &str = "mode_step";
    /// The plugin name under which smdebug keeps the mode's number, as decimal text.
    pub(crate) const MODE: &str = "mode";
}

pub(crate) mod histogram {
    pub(crate) const MIN: u32 = 1;
    pub(crate) const MAX: u32 = 2;
    pub(crate) const NUM: u32 = 3;
    pub(crate) const SUM: u32 = 4;
    pub(crate) const SUM_SQUARES: u32 = 5;
    pub(crate) const BUCKET_LIMIT: u32 = 6;
    pub(crate) const BUCKET: u32 = 7;
}

pub(crate) mod tensor {
    pub(crate) const DTYPE: u32 = 1;
    pub(crate) const TENSOR_SHAPE: u32 = 2;
    pub(crate) const TENSOR_CONTENT: u32 = 4;
    pub(crate) const FLOAT_VAL: u32 = 5;
    pub(crate) const DOUBLE_VAL: u32 = 6;
    pub(crate) const INT_VAL: u32 = 7;
    pub(crate) const STRING_VAL: u32 = 8;
    pub(crate) const SCOMPLEX_VAL: u32 = 9;
    pub(crate) const INT64_VAL: u32 = 10;
    pub(crate) const BOOL_VAL: u32 = 11;
    pub(crate) const DCOMPLEX_VAL: u32 = 12;
    pub(crate) const HALF_VAL: u32 = 13;
    pub(crate) const UINT32_VAL: u32 = 16;
    pub(crate) const UINT64_VAL: u32 = 17;
    /// Ours: zeros that move the values to an aligned offset of the file. Far from every number TensorFlow uses, so
    /// that its parsers and smdebug's skip it as unknown.
    pub(crate) const PADDING: u32 = 1000;
}

pub(crate) mod shape {
    pub(crate) const DIM: u32 = 2;
}

pub(crate) mod dim {
    pub(crate) const SIZE: u32 = 1;
}
