use bytes::Bytes;
use trialscope_tensor::{Mode, Step, Tensor};

use crate::{
    Error, SMDEBUG_PAYLOAD_CHECK, dtype_code, masked_crc32c,
    record::MAX_PAYLOAD_BYTES,
    schema,
    sizes::{Sizes, dim_len, plugin_len},
    wire::{Layout, put_bytes, put_delimited, put_tag, put_varint},
};

/// A tensor and what is saved with it.
#[derive(Debug, Clone, Copy)]
pub struct TensorEvent<'a> {
    /// Seconds since 1970-01-01 UTC.
    pub wall_time: f64,
    /// Global step.
    pub step: Step,
    /// Mode of the step.
    pub mode: Mode,
    /// Step within the mode.
    pub mode_step: Step,
    /// Tensor name.
    pub name: &'a str,
    /// The values.
    pub tensor: &'a Tensor,
}

/// A record ready to be written, framing included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncodedRecord {
    head: Bytes,
    values: Bytes,
    crc32c: u32,
}

/// What follows the values: the payload check.
static TAIL: [u8; 4] = SMDEBUG_PAYLOAD_CHECK.to_le_bytes();

impl EncodedRecord {
    /// Bytes of the record.
    #[expect(clippy::len_without_is_empty, reason = "a record has at least its framing")]
    pub fn len(&self) -> u64 {
        (self.head.len() + self.values.len() + TAIL.len()) as u64
    }

    /// CRC-32C of the whole record, framing included, not masked.
    pub fn crc32c(&self) -> u32 {
        self.crc32c
    }

    /// The record in three pieces to be written one after the other: what precedes the values, the values, and what
    /// follows them. The values are the tensor's own memory; strings lie in the first piece, and the second is empty.
    pub fn chunks(&self) -> Vec<Bytes> {
        vec![self.head.clone(), self.values.clone(), Bytes::from_static(&TAIL)]
    }
}

/// Turns a tensor into the record that is to start at byte `file_offset` of an event file.
///
/// The record is as smdebug writes it, without names of axes and with one field more, of zeros, that other readers
/// skip: it makes the values start at a multiple of 8 bytes in the file, and of 64 from 4096 bytes of values on.
///
/// # Errors
/// [`Error::RecordTooLarge`] where the record would be 2 GiB or more; [`Error::NumberTooLarge`] where the step or the
/// length of an axis does not fit 63 bits.
pub fn encode_tensor_event(event: &TensorEvent<'_>, file_offset: u64) -> Result<EncodedRecord, Error> {
    check_numbers(event)?;
    let sizes = Sizes::of(event, file_offset);
    if sizes.event > MAX_PAYLOAD_BYTES {
        return Err(Error::RecordTooLarge { tensor: event.name.to_owned(), bytes: sizes.event });
    }
    let values = event.tensor.raw().cloned().unwrap_or_default();
    let head_len = sizes.record() - sizes.content - TAIL.len() as u64;
    let mut head = Vec::with_capacity(usize::try_from(head_len).unwrap_or_default());
    let length = sizes.event.to_le_bytes();
    head.extend_from_slice(&length);
    head.extend_from_slice(&masked_crc32c(&length).to_le_bytes());
    put_event(&mut head, event, &sizes);
    debug_assert_eq!(head.len() as u64, head_len, "sizes and bytes of one record must agree");
    let crc32c =
        [&values[..], &TAIL].iter().fold(crc32c::crc32c(&head), |crc, part| crc32c::crc32c_append(crc, part));
    Ok(EncodedRecord { head: head.into(), values, crc32c })
}

fn check_numbers(event: &TensorEvent<'_>) -> Result<(), Error> {
    let fits = |field, value| match i64::try_from(value) {
        Ok(_) => Ok(()),
        Err(_) => Err(Error::NumberTooLarge { tensor: event.name.to_owned(), field, value }),
    };
    fits("step", event.step.0)?;
    event.tensor.shape().dims().iter().try_for_each(|&dim| fits("axis length", dim))
}

/// Writes everything up to the values. The tensor stands last in every message so that nothing but the check follows
/// them.
fn put_event(out: &mut Vec<u8>, event: &TensorEvent<'_>, sizes: &Sizes) {
    use schema::{event as event_field, summary, value};
    put_tag(out, event_field::WALL_TIME, Layout::Fixed64);
    out.extend_from_slice(&event.wall_time.to_le_bytes());
    if event.step.0 != 0 {
        put_tag(out, event_field::STEP, Layout::Varint);
        put_varint(out, event.step.0);
    }
    put_delimited(out, event_field::SUMMARY, sizes.summary);
    put_delimited(out, summary::VALUE, sizes.value);
    put_bytes(out, value::TAG, event.name.as_bytes());
    put_delimited(out, value::METADATA, sizes.metadata);
    put_plugin(out, schema::plugin_data::MODE_STEP, event.mode_step.0, sizes.mode_step_digits);
    put_plugin(out, schema::plugin_data::MODE, u64::from(event.mode.number()), 1);
    put_delimited(out, value::TENSOR, sizes.tensor);
    put_tensor(out, event.tensor, sizes);
}

fn put_plugin(out: &mut Vec<u8>, name: &str, content: u64, digits: u64) {
    use schema::{metadata, plugin_data as field};
    put_delimited(out, metadata::PLUGIN_DATA, plugin_len(name, digits));
    put_bytes(out, field::PLUGIN_NAME, name.as_bytes());
    put_delimited(out, field::CONTENT, digits);
    let mut unit = content.checked_ilog10().map_or(1, |exponent| 10_u64.pow(exponent));
    while unit > 0 {
        let [digit, ..] = (content / unit % 10).to_le_bytes();
        out.push(b'0' + digit);
        unit /= 10;
    }
}

fn put_tensor(out: &mut Vec<u8>, tensor: &Tensor, sizes: &Sizes) {
    use schema::{dim as dim_field, shape, tensor as field};
    if let Some(code) = dtype_code::to_code(tensor.dtype()) {
        put_tag(out, field::DTYPE, Layout::Varint);
        out.push(code);
    }
    put_delimited(out, field::TENSOR_SHAPE, sizes.shape);
    for &dim in tensor.shape().dims() {
        put_delimited(out, shape::DIM, dim_len(dim));
        if dim != 0 {
            put_tag(out, dim_field::SIZE, Layout::Varint);
            put_varint(out, dim);
        }
    }
    for text in tensor.strings().unwrap_or_default() {
        put_bytes(out, field::STRING_VAL, text.as_bytes());
    }
    if let Some(zeros) = sizes.padding {
        put_delimited(out, field::PADDING, zeros);
        out.extend(std::iter::repeat_n(0, usize::try_from(zeros).unwrap_or_default()));
    }
    if sizes.content > 0 {
        put_delimited(out, field::TENSOR_CONTENT, sizes.content);
    }
}
