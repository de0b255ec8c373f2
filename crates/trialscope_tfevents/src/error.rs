use crate::record::MAX_PAYLOAD_BYTES;

/// What can be wrong with a record or an event, or with a tensor that is to become one.
///
/// `offset` counts from the start of the file, `payload_offset` from the start of the record's payload.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The bytes end inside a record. The ordinary state of a file that is being written.
    #[error("the record at byte {offset} needs {needed} bytes, {available} are there")]
    Truncated {
        /// Where the record starts.
        offset: u64,
        /// Bytes the record takes, or its framing alone while its length is not yet known.
        needed: u64,
        /// Bytes there are from `offset` on.
        available: u64,
    },
    /// The length of a record does not match its check, so nothing after it can be found.
    #[error(
        "the record at byte {offset} has a corrupt length: check {stored:#010x}, expected {computed:#010x}"
    )]
    LengthCheck {
        /// Where the record starts.
        offset: u64,
        /// Check in the file.
        stored: u32,
        /// Check of the length in the file.
        computed: u32,
    },
    /// The length of a record is larger than any protobuf message.
    #[error(
        "the record at byte {offset} claims {length} bytes, more than the {MAX_PAYLOAD_BYTES} a message may have"
    )]
    RecordLength {
        /// Where the record starts.
        offset: u64,
        /// Length of the payload as the file has it.
        length: u64,
    },
    /// The check after a payload is neither smdebug's constant nor the CRC of the payload.
    #[error(
        "the record at byte {offset} has a corrupt payload: check {stored:#010x}, expected {computed:#010x}"
    )]
    PayloadCheck {
        /// Where the record starts.
        offset: u64,
        /// Check in the file.
        stored: u32,
        /// Masked CRC-32C of the payload in the file.
        computed: u32,
    },
    /// A payload is not a well-formed protobuf message.
    #[error("malformed event at byte {payload_offset} of the payload: {problem}")]
    Malformed {
        /// Where in the payload.
        payload_offset: u64,
        /// What is wrong there.
        problem: &'static str,
    },
    /// An event has more values than any writer puts there.
    #[error("the event has more than {limit} values")]
    TooManyValues {
        /// The most that is read.
        limit: usize,
    },
    /// The element type of a tensor is one that cannot be read.
    #[error("tensor {tag:?} has element type code {code}, which cannot be read")]
    UnsupportedDtype {
        /// The tensor.
        tag: String,
        /// `DataType` number.
        code: i64,
    },
    /// An axis of a tensor has a negative length.
    #[error("tensor {tag:?} has an axis of length {size}")]
    NegativeDim {
        /// The tensor.
        tag: String,
        /// Length in the file.
        size: i64,
    },
    /// The values of a tensor do not fill its shape, or the shape is impossible.
    #[error("tensor {tag:?}: {source}")]
    Tensor {
        /// The tensor.
        tag: String,
        /// What does not fit.
        source: trialscope_tensor::Error,
    },
    /// A number in a typed array is outside the range of the element type.
    #[error("tensor {tag:?} of {dtype} values holds {value} at index {index}")]
    ValueRange {
        /// The tensor.
        tag: String,
        /// Its element type.
        dtype: trialscope_tensor::Dtype,
        /// Which element, in C order.
        index: u64,
        /// Number in the file.
        value: i64,
    },
    /// A string tensor holds bytes that are not text.
    #[error("tensor {tag:?} holds a string that is not UTF-8 at index {index}")]
    StringNotUtf8 {
        /// The tensor.
        tag: String,
        /// Which element, in C order.
        index: u64,
    },
    /// A tensor stored as a few values that are to be repeated would take more memory than is granted.
    #[error("tensor {tag:?} repeats one value over {bytes} bytes; an event may repeat up to {limit}")]
    FillTooLarge {
        /// The tensor.
        tag: String,
        /// Bytes its values would take.
        bytes: u64,
        /// The most one event may take this way.
        limit: u64,
    },
    /// A histogram has unequal numbers of bucket limits and bucket counts.
    #[error("histogram {tag:?} has {limits} bucket limits and {counts} bucket counts")]
    HistogramBuckets {
        /// The histogram.
        tag: String,
        /// Number of limits.
        limits: usize,
        /// Number of counts.
        counts: usize,
    },
    /// A tensor is too large for one record.
    #[error(
        "tensor {tensor:?} takes a record of {bytes} bytes, more than the {MAX_PAYLOAD_BYTES} a message may have"
    )]
    RecordTooLarge {
        /// The tensor.
        tensor: String,
        /// Bytes of the message it would become.
        bytes: u64,
    },
    /// A step or axis length does not fit the signed 64-bit field it is written to.
    #[error("tensor {tensor:?}: {field} {value} does not fit 63 bits")]
    NumberTooLarge {
        /// The tensor.
        tensor: String,
        /// Which number.
        field: &'static str,
        /// The number.
        value: u64,
    },
}

impl Error {
    /// Whether more bytes may turn this into a record: the input is unfinished, not damaged.
    pub const fn is_truncated(&self) -> bool {
        matches!(self, Self::Truncated { .. })
    }
}
