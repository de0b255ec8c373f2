//! Lengths of the nested messages of one record, found before the first byte is written.
//!
//! Every message carries its length in front, so where the values land depends on how long the padding is, which
//! depends on where the values land.

use trialscope_tensor::Tensor;

use crate::{
    TensorEvent,
    record::{FRAMING_BYTES, HEADER_BYTES},
    schema::plugin_data,
    wire::{delimited_len, varint_len},
};

/// From this many bytes on, values start at a multiple of a cache line.
const WIDE_FROM_BYTES: u64 = 4096;
const WIDE_ALIGNMENT: u64 = 64;
const ALIGNMENT: u64 = 8;

/// The padding field's own bytes before its length: a two-byte tag.
const PADDING_TAG_BYTES: u64 = 2;

/// Lengths in bytes of the messages, without the tags and lengths that stand in front of them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sizes {
    pub(crate) event: u64,
    pub(crate) summary: u64,
    pub(crate) value: u64,
    pub(crate) metadata: u64,
    pub(crate) mode_step_digits: u64,
    pub(crate) tensor: u64,
    pub(crate) shape: u64,
    /// Zeros in the padding field; `None` for no such field.
    pub(crate) padding: Option<u64>,
    pub(crate) content: u64,
}

impl Sizes {
    /// Sizes of the record that starts at `file_offset`.
    pub(crate) fn of(event: &TensorEvent<'_>, file_offset: u64) -> Self {
        let unpadded = Self::unpadded(event);
        if unpadded.content == 0 {
            return unpadded;
        }
        let alignment = if unpadded.content >= WIDE_FROM_BYTES { WIDE_ALIGNMENT } else { ALIGNMENT };
        let is_aligned = |sizes: &Self| {
            // Wrapping keeps the remainder: the alignment is a power of two.
            file_offset
                .wrapping_add(HEADER_BYTES as u64 + sizes.event - sizes.content)
                .is_multiple_of(alignment)
        };
        // One zero more moves the values by one byte, and by two where a length in front grows by a byte. Four
        // lengths can do that once each, so that 5 rounds of all remainders hit the wanted one at least once.
        std::iter::once(unpadded)
            .chain((0..5 * WIDE_ALIGNMENT).map(|zeros| unpadded.with_padding(event, zeros)))
            .find(is_aligned)
            .unwrap_or(unpadded)
    }

    /// Bytes of the whole record.
    pub(crate) fn record(&self) -> u64 {
        self.event + FRAMING_BYTES
    }

    fn unpadded(event: &TensorEvent<'_>) -> Self {
        let mode_step_digits = 1 + u64::from(event.mode_step.0.checked_ilog10().unwrap_or(0));
        let mode_step = plugin_len(plugin_data::MODE_STEP, mode_step_digits);
        let metadata = delimited_len(mode_step) + delimited_len(plugin_len(plugin_data::MODE, 1));
        let shape = event.tensor.shape().dims().iter().map(|&dim| 2 + dim_len(dim)).sum();
        let content = event.tensor.raw().map_or(0, |raw| raw.len() as u64);
        let fields = strings_len(event.tensor)
            + if event.tensor.raw().is_some() { 2 } else { 0 }
            + delimited_len(shape)
            + if content == 0 { 0 } else { delimited_len(content) };
        Self {
            event: 0,
            summary: 0,
            value: 0,
            metadata,
            mode_step_digits,
            tensor: fields,
            shape,
            padding: None,
            content,
        }
        .enclose(event)
    }

    fn with_padding(mut self, event: &TensorEvent<'_>, zeros: u64) -> Self {
        self.tensor += PADDING_TAG_BYTES + varint_len(zeros) + zeros;
        self.padding = Some(zeros);
        self.enclose(event)
    }

    /// Sizes of the messages around the tensor.
    fn enclose(mut self, event: &TensorEvent<'_>) -> Self {
        let step = if event.step.0 == 0 { 0 } else { 1 + varint_len(event.step.0) };
        let tag = delimited_len(event.name.len() as u64);
        self.value = tag + delimited_len(self.metadata) + delimited_len(self.tensor);
        self.summary = delimited_len(self.value);
        self.event = 1 + 8 + step + delimited_len(self.summary);
        self
    }
}

/// Bytes of a plugin entry.
pub(crate) fn plugin_len(name: &str, digits: u64) -> u64 {
    delimited_len(name.len() as u64) + delimited_len(digits)
}

/// Bytes of an axis; its length is left out where it is 0, as protobuf has it.
pub(crate) fn dim_len(dim: u64) -> u64 {
    if dim == 0 { 0 } else { 1 + varint_len(dim) }
}

fn strings_len(tensor: &Tensor) -> u64 {
    tensor.strings().unwrap_or_default().iter().map(|text| delimited_len(text.len() as u64)).sum()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use trialscope_tensor::{Dtype, Mode, Shape, Step};

    use super::*;

    /// Where the values start in the file, for a tensor of `raw` bytes.
    fn values_at(raw: Bytes, name: &str, file_offset: u64) -> u64 {
        let tensor = Tensor::from_raw(Dtype::U8, Shape::from([raw.len() as u64]), raw).unwrap();
        let (mode, mode_step) = (Mode::Train, Step(9));
        let event = TensorEvent { wall_time: 0.0, step: Step(1), mode, mode_step, name, tensor: &tensor };
        let sizes = Sizes::of(&event, file_offset);
        file_offset + sizes.record() - 4 - sizes.content
    }

    /// Padding can make a length in front of it one byte longer, which moves the values once more. That happens where
    /// a message is about to reach 2^7, 2^14, 2^21 or 2^28 bytes.
    #[test]
    fn values_are_aligned_also_where_padding_lengthens_the_lengths() {
        let memory = Bytes::from(vec![0; (1 << 28) + 100]);
        let names: Vec<String> = [1, 3, 20, 27, 64, 100].into_iter().map(|len| "n".repeat(len)).collect();
        for boundary in [1 << 7, 1 << 14, 1 << 21, 1 << 28] {
            for below in (0..usize::min(500, boundary)).step_by(3) {
                for (file_offset, name) in (below as u64..).step_by(11).zip(&names) {
                    let len = boundary - below;
                    let alignment = if len < 4096 { 8 } else { 64 };
                    let at = values_at(memory.slice(..len), name, file_offset);
                    assert_eq!(at % alignment, 0, "{len} bytes of {name:?} at {file_offset}");
                }
            }
        }
    }

    /// Here the tensor grows a length 64 bytes of padding after the value does, and each time the aligned place is
    /// jumped over.
    #[test]
    fn values_are_aligned_where_the_aligned_place_is_jumped_over_twice() {
        let raw = Bytes::from(vec![0; 16_304]);
        assert_eq!(values_at(raw, &"n".repeat(25), 22) % 64, 0);
    }

    #[test]
    fn padding_is_left_out_where_the_values_are_aligned_anyway() {
        let raw = Bytes::from_static(&[0; 8]);
        let lengths: Vec<u64> = (0..8).map(|offset| values_at(raw.clone(), "n", offset) - offset).collect();
        let unpadded = lengths.iter().min().unwrap();
        // A field takes at least 3 bytes, so that 1 and 2 bytes become 9 and 10.
        let mut added: Vec<u64> = lengths.iter().map(|length| length - unpadded).collect();
        added.sort_unstable();
        assert_eq!(added, [0, 3, 4, 5, 6, 7, 9, 10]);
    }
}
