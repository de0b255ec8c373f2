use bytes::Bytes;
use trialscope_tensor::{Mode, Tensor};

use crate::{
    Error, Histogram, histogram, schema,
    tensor_proto::{self, FillBudget},
    wire::{Data, Message},
};

/// The most values one event may have. smdebug writes one, `TensorBoard` writers up to some hundreds.
const MAX_VALUES: usize = 1 << 20;

/// What one record holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Seconds since 1970-01-01 UTC, as the writer's clock had it.
    pub wall_time: f64,
    /// Global step. Signed because the format is; a writer closed before its first step leaves -1.
    pub step: i64,
    /// What was saved. One value in event files; none in records that hold something else than a summary.
    pub values: Vec<Value>,
}

/// One named value of an event.
#[derive(Debug, Clone, PartialEq)]
pub struct Value {
    /// Tensor name; empty where the writer gave none.
    pub tag: String,
    /// The value itself.
    pub content: Content,
    /// Mode of the step; `None` where the record does not say it, or says something that is no mode.
    pub mode: Option<Mode>,
    /// Step within the mode; `None` where the record does not say it, or says something that is no step.
    pub mode_step: Option<u64>,
}

/// The forms a value has.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// A tensor.
    Tensor(Tensor),
    /// A `TensorBoard` scalar.
    Scalar(f32),
    /// A `TensorBoard` histogram.
    Histogram(Histogram),
    /// Nothing, or a form that is not read: images, audio.
    Absent,
}

/// Reads the event in a record's payload. Fields it does not know are skipped.
///
/// Tensor values are slices of `payload`, not copies, except those stored as lists of numbers, the form of
/// TensorFlow-era tools. There, fewer numbers than elements mean that the last is repeated; one event may grow by at
/// most 64 MiB this way. Everything else takes memory in proportion to `payload`. Of a field that should occur once
/// but occurs again, the last counts.
///
/// # Errors
/// [`Error::Malformed`] for a payload that is no protobuf message; the variants that name a tensor for a value that
/// cannot be read.
pub fn decode_event(payload: &Bytes) -> Result<Event, Error> {
    use schema::{event, summary};
    let mut event = Event { wall_time: 0.0, step: 0, values: Vec::new() };
    let mut fill = FillBudget::default();
    let mut message = Message::new(payload);
    while let Some((number, data)) = message.next_field()? {
        match (number, data) {
            (event::WALL_TIME, Data::Fixed64(bytes)) => event.wall_time = f64::from_le_bytes(bytes),
            (event::STEP, Data::Varint(step)) => event.step = step.cast_signed(),
            (event::SUMMARY, Data::Delimited(mut summary)) => {
                while let Some((number, data)) = summary.next_field()? {
                    if let (summary::VALUE, Data::Delimited(value)) = (number, data) {
                        if event.values.len() == MAX_VALUES {
                            return Err(Error::TooManyValues { limit: MAX_VALUES });
                        }
                        event.values.push(decode_value(payload, value, &mut fill)?);
                    }
                }
            }
            _ => {}
        }
    }
    Ok(event)
}

/// What a value holds, before the tag is known that errors have to name.
enum Unread<'a> {
    Tensor(Message<'a>),
    Histogram(Message<'a>),
    Scalar(f32),
    Absent,
}

fn decode_value(payload: &Bytes, mut message: Message<'_>, fill: &mut FillBudget) -> Result<Value, Error> {
    use schema::value as field;
    let mut tag = "";
    let mut unread = Unread::Absent;
    let (mut mode, mut mode_step) = (None, None);
    while let Some((number, data)) = message.next_field()? {
        match (number, data) {
            (field::TAG, Data::Delimited(text)) => tag = text.text()?,
            (field::SIMPLE_VALUE, Data::Fixed32(bytes)) => unread = Unread::Scalar(f32::from_le_bytes(bytes)),
            (field::HISTO, Data::Delimited(histogram)) => unread = Unread::Histogram(histogram),
            (field::TENSOR, Data::Delimited(tensor)) => unread = Unread::Tensor(tensor),
            (field::METADATA, Data::Delimited(metadata)) => {
                read_metadata(metadata, &mut mode, &mut mode_step)?;
            }
            _ => {}
        }
    }
    let content = match unread {
        Unread::Tensor(tensor) => Content::Tensor(tensor_proto::decode(payload, tag, tensor, fill)?),
        Unread::Histogram(histogram) => Content::Histogram(histogram::decode(tag, histogram)?),
        Unread::Scalar(scalar) => Content::Scalar(scalar),
        Unread::Absent => Content::Absent,
    };
    Ok(Value { tag: tag.to_owned(), content, mode, mode_step })
}

fn read_metadata(
    mut metadata: Message<'_>,
    mode: &mut Option<Mode>,
    mode_step: &mut Option<u64>,
) -> Result<(), Error> {
    use schema::{metadata, plugin_data as field};
    while let Some((number, data)) = metadata.next_field()? {
        let (metadata::PLUGIN_DATA, Data::Delimited(mut plugin)) = (number, data) else { continue };
        let (mut name, mut content) = (&b""[..], &b""[..]);
        while let Some((number, data)) = plugin.next_field()? {
            match (number, data) {
                (field::PLUGIN_NAME, Data::Delimited(text)) => name = text.bytes(),
                (field::CONTENT, Data::Delimited(bytes)) => content = bytes.bytes(),
                _ => {}
            }
        }
        // Plugins of other tools keep binary data here, so what is not ours is not an error.
        let decimal = str::from_utf8(content).ok();
        if name == field::MODE_STEP.as_bytes() {
            *mode_step = decimal.and_then(|text| text.parse().ok());
        } else if name == field::MODE.as_bytes() {
            *mode = decimal.and_then(|text| text.parse().ok()).and_then(Mode::from_number);
        }
    }
    Ok(())
}
