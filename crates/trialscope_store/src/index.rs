//! The index file of a step: which tensors it holds and where in the event file they lie.

use serde::{Deserialize, Serialize};
use trialscope_tensor::{Mode, Shape, Step, TensorName};

use crate::{error::Error, json};

/// One index file: what one worker saved at one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexFile {
    /// Mode of the step.
    pub mode: Mode,
    /// Step within that mode.
    pub mode_step: Step,
    /// The event file, relative to the trial; `None` where only shapes were saved.
    pub event_file: Option<String>,
    /// Saved values, in the order of the file. Where a name occurs twice the later entry counts.
    pub tensors: Vec<TensorEntry>,
    /// Saved shapes.
    pub shapes: Vec<ShapeEntry>,
}

/// Where a value lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TensorEntry {
    /// Tensor name. Several entries may point at one record.
    pub name: TensorName,
    /// Offset of the record in the event file.
    pub start_bytes: u64,
    /// Length of the record, framing included.
    pub length_bytes: u64,
    /// CRC-32C of the whole record; absent in files of smdebug.
    pub crc32c: Option<u32>,
}

/// A shape saved without, or beside, a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShapeEntry {
    /// Tensor name.
    pub name: TensorName,
    /// The framework's own name of the tensor.
    pub original_name: String,
    /// The shape.
    pub shape: Shape,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawIndex {
    meta: RawMeta,
    #[serde(default)]
    tensor_payload: Vec<RawTensor>,
    #[serde(default)]
    shape_payload: Vec<RawShape>,
    #[serde(default, skip_serializing)]
    crc32c: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct RawMeta {
    mode: String,
    mode_step: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    event_file_name: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct RawTensor {
    tensorname: String,
    start_idx: u64,
    length: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    crc32c: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct RawShape {
    tensorname: String,
    originalname: String,
    shape: Vec<u64>,
}

const CLOSING: &str = "}";

impl IndexFile {
    /// Reads an index file. `path` is for messages.
    ///
    /// # Errors
    /// [`Error::Damaged`] for text that is not JSON, not an index, refers outside the trial or does not match its own
    /// checksum.
    pub fn parse(text: &[u8], path: &str) -> Result<Self, Error> {
        let raw: RawIndex = json::parse_sealed(text, path, CLOSING, |raw: &RawIndex| raw.crc32c.is_some())?;
        let damaged = |reason: String| Error::Damaged { path: path.to_owned(), offset: 0, reason };
        raw.check().map_err(damaged)
    }

    /// The text of the file, sealed with its checksum.
    ///
    /// # Errors
    /// [`Error::Damaged`] never in practice: only where the JSON writer itself fails.
    pub fn to_json(&self, path: &str) -> Result<Vec<u8>, Error> {
        let raw = RawIndex::from(self);
        json::to_sealed(&raw, path, CLOSING)
    }
}

impl RawIndex {
    fn check(self) -> Result<IndexFile, String> {
        if self.tensor_payload.is_empty() && self.shape_payload.is_empty() {
            return Err("it lists neither values nor shapes".to_owned());
        }
        if !self.tensor_payload.is_empty() && self.meta.event_file_name.is_none() {
            return Err("it lists values but names no event file".to_owned());
        }
        if let Some(event_file) = &self.meta.event_file_name
            && !stays_inside(event_file)
        {
            return Err(format!("event file {event_file:?} does not lie in the trial"));
        }
        let mode = self.meta.mode.parse().map_err(|e: trialscope_tensor::Error| e.to_string())?;
        let tensors = self.tensor_payload.into_iter().map(RawTensor::check).collect::<Result<_, _>>()?;
        let shapes = self.shape_payload.into_iter().map(RawShape::check).collect::<Result<_, _>>()?;
        Ok(IndexFile {
            mode,
            mode_step: Step(self.meta.mode_step),
            event_file: self.meta.event_file_name,
            tensors,
            shapes,
        })
    }
}

impl RawTensor {
    fn check(self) -> Result<TensorEntry, String> {
        let crc32c = match self.crc32c {
            None => None,
            Some(digits) => Some(u32::from_str_radix(&digits, 16).map_err(|_| {
                format!("checksum {digits:?} of {:?} is not a hexadecimal number", self.tensorname)
            })?),
        };
        if self.start_idx.checked_add(self.length).is_none() {
            return Err(format!("the record of {:?} ends beyond 64 bits", self.tensorname));
        }
        Ok(TensorEntry {
            name: TensorName::parse(&self.tensorname).map_err(|e| e.to_string())?,
            start_bytes: self.start_idx,
            length_bytes: self.length,
            crc32c,
        })
    }
}

impl RawShape {
    fn check(self) -> Result<ShapeEntry, String> {
        Ok(ShapeEntry {
            name: TensorName::parse(&self.tensorname).map_err(|e| e.to_string())?,
            original_name: self.originalname,
            shape: Shape::from(self.shape),
        })
    }
}

impl From<&IndexFile> for RawIndex {
    fn from(index: &IndexFile) -> Self {
        Self {
            meta: RawMeta {
                mode: index.mode.name().to_owned(),
                mode_step: index.mode_step.0,
                event_file_name: index.event_file.clone(),
            },
            tensor_payload: index
                .tensors
                .iter()
                .map(|entry| RawTensor {
                    tensorname: entry.name.as_str().to_owned(),
                    start_idx: entry.start_bytes,
                    length: entry.length_bytes,
                    crc32c: entry.crc32c.map(|sum| format!("{sum:08x}")),
                })
                .collect(),
            shape_payload: index
                .shapes
                .iter()
                .map(|entry| RawShape {
                    tensorname: entry.name.as_str().to_owned(),
                    originalname: entry.original_name.clone(),
                    shape: entry.shape.dims().to_vec(),
                })
                .collect(),
            crc32c: None,
        }
    }
}

/// A path in a file is data: it must not lead out of the trial.
fn stays_inside(path: &str) -> bool {
    !path.is_empty()
        && !path.starts_with('/')
        && !path.contains('\\')
        && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMDEBUG: &str = r#"{"meta": {"mode": "EVAL", "mode_step": 7, "event_file_name": "events/000000000000/000000000000_worker_0.tfevents"}, "tensor_payload": [{"tensorname": "a", "start_idx": 0, "length": 102}], "shape_payload": []}"#;

    #[test]
    fn an_index_of_smdebug_reads_back() {
        let index = IndexFile::parse(SMDEBUG.as_bytes(), "i").unwrap();
        assert_eq!((index.mode, index.mode_step), (Mode::Eval, Step(7)));
        assert_eq!(index.tensors[0].name.as_str(), "a");
        assert_eq!((index.tensors[0].start_bytes, index.tensors[0].length_bytes), (0, 102));
    }

    #[test]
    fn ours_is_smdebugs_text_with_a_seal() {
        let text = IndexFile::parse(SMDEBUG.as_bytes(), "i").unwrap().to_json("i").unwrap();
        let text = String::from_utf8(text).unwrap();
        assert_eq!(text.split(", \"crc32c\"").next().unwrap(), &SMDEBUG[..SMDEBUG.len() - 1]);
        assert_eq!(
            IndexFile::parse(text.as_bytes(), "i").unwrap(),
            IndexFile::parse(SMDEBUG.as_bytes(), "i").unwrap()
        );
    }

    #[test]
    fn damage_is_named_with_its_place() {
        let check = |text: &str, expected: &str| {
            let error = IndexFile::parse(text.as_bytes(), "index/1").unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        };
        check(&SMDEBUG[..100], "index/1 is damaged at byte ");
        check("", "damaged at byte 0");
        check(&SMDEBUG.replace("EVAL", "EVIL"), "unknown mode \"EVIL\"");
        check(&SMDEBUG.replace("events/0", "../events/0"), "does not lie in the trial");
        check(r#"{"meta": {"mode": "EVAL", "mode_step": 7}}"#, "neither values nor shapes");
    }

    #[test]
    fn no_flipped_bit_passes() {
        let original = IndexFile::parse(SMDEBUG.as_bytes(), "i").unwrap();
        let text = original.to_json("i").unwrap();
        for bit in 0..text.len() * 8 {
            let mut flipped = text.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            // What little passes (a bit in the key of the checksum) leaves the content as it was.
            if let Ok(read) = IndexFile::parse(&flipped, "i") {
                assert_eq!(read, original, "bit {bit}");
            }
        }
    }
}
