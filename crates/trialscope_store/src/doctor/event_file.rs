//! Goes through an event file record by record, and compares it with what its index file says.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use trialscope_tensor::Step;
use trialscope_tfevents::{Error as RecordError, Record, decode_event, read_record};

use super::observation::{Observation, ObservationKind};
use crate::{error::Error, index::TensorEntry, storage::Storage};

/// Read at a time from a store that is not a local disk.
const CHUNK_BYTES: u64 = 8 << 20;

/// An event file being checked.
pub(super) struct EventFile<'a> {
    pub(super) storage: &'a Storage,
    pub(super) path: &'a str,
    pub(super) size_bytes: u64,
    /// The step it should hold, where its name or index tells.
    pub(super) step: Option<Step>,
}

impl EventFile<'_> {
    /// Checks the file. `entries` are those of the index that point into it; `None` where no index counts.
    ///
    /// Returns the number of records that are whole.
    pub(super) fn check(&self, entries: Option<&[TensorEntry]>, observations: &mut Vec<Observation>) -> u64 {
        match self.scan(entries, observations) {
            Ok(num_records) => num_records,
            Err(error) => {
                observations.push(Observation::new(
                    ObservationKind::Unreadable,
                    self.path,
                    error.to_string(),
                ));
                0
            }
        }
    }

    fn scan(
        &self,
        entries: Option<&[TensorEntry]>,
        observations: &mut Vec<Observation>,
    ) -> Result<u64, Error> {
        let mut by_start: BTreeMap<u64, Vec<&TensorEntry>> = BTreeMap::new();
        for entry in entries.unwrap_or_default() {
            by_start.entry(entry.start_bytes).or_default().push(entry);
        }
        let mut num_records = 0;
        // Where a record was found, be it a damaged one.
        let mut met = BTreeSet::new();
        let mut window = Window::open(self)?;
        let mut offset = 0;
        while offset < self.size_bytes {
            met.insert(offset);
            let named = by_start.get(&offset).map_or(&[][..], Vec::as_slice);
            match window.read(self, offset)? {
                Ok((record, bytes)) => {
                    num_records += 1;
                    self.check_record(&record, &bytes, named, entries.is_some(), observations);
                    offset += record.length();
                }
                Err(error) => {
                    observations.push(self.damage(offset, named, &error.to_string()));
                    // Only the index tells where the next record starts.
                    let Some((&next, _)) = by_start.range(offset + 1..).next() else { break };
                    offset = next;
                }
            }
        }
        for (start, named) in by_start {
            if start >= self.size_bytes {
                let reason = format!("the file ends at byte {}", self.size_bytes);
                observations.push(self.damage(start, &named, &reason));
            } else if !met.contains(&start) {
                let message =
                    format!("the index has {} at byte {start}, where no record starts", names(&named));
                observations
                    .push(Observation::new(ObservationKind::IndexMismatch, self.path, message).at(start));
            }
        }
        Ok(num_records)
    }

    fn check_record(
        &self,
        record: &Record,
        bytes: &Bytes,
        named: &[&TensorEntry],
        is_indexed: bool,
        observations: &mut Vec<Observation>,
    ) {
        let offset = record.offset;
        for entry in named {
            if entry.length_bytes != record.length() {
                let message = format!(
                    "the record of {:?} at byte {offset} is {} bytes long, the index says {}",
                    entry.name.as_str(),
                    record.length(),
                    entry.length_bytes
                );
                observations
                    .push(Observation::new(ObservationKind::IndexMismatch, self.path, message).at(offset));
                return;
            }
        }
        if let Some(stored) = named.iter().find_map(|entry| entry.crc32c) {
            let computed = crc32c::crc32c(bytes);
            if computed != stored {
                let reason = format!("its checksum is {computed:08x}, the index says {stored:08x}");
                observations.push(self.damage(offset, named, &reason));
                return;
            }
        }
        let event = match decode_event(&record.payload) {
            Ok(event) => event,
            Err(error) => {
                observations.push(self.damage(offset, named, &error.to_string()));
                return;
            }
        };
        let tag = event.values.first().map_or("", |value| value.tag.as_str());
        if is_indexed && named.is_empty() {
            let message = format!("the index has no entry for the record of {tag:?} at byte {offset}");
            observations
                .push(Observation::new(ObservationKind::UnindexedRecord, self.path, message).at(offset));
        } else if is_indexed && !named.iter().any(|entry| entry.name.as_str() == tag) {
            let message =
                format!("the index has {} at byte {offset}, the record is of {tag:?}", names(named));
            observations
                .push(Observation::new(ObservationKind::IndexMismatch, self.path, message).at(offset));
        }
        if let Some(step) = self.step
            && u64::try_from(event.step) != Ok(step.0)
        {
            let message = format!(
                "the record of {tag:?} at byte {offset} is of step {}, the file of step {step}",
                event.step
            );
            observations
                .push(Observation::new(ObservationKind::IndexMismatch, self.path, message).at(offset));
        }
    }

    fn damage(&self, offset: u64, named: &[&TensorEntry], reason: &str) -> Observation {
        let whose = if named.is_empty() { String::new() } else { format!(" of {}", names(named)) };
        let message = format!("the record{whose} at byte {offset} is damaged: {reason}");
        Observation::new(ObservationKind::DamagedRecord, self.path, message).at(offset)
    }
}

/// A stretch of the file that is in memory.
struct Window {
    start: u64,
    bytes: Bytes,
}

impl Window {
    /// The file whole, where it costs nothing: mapped from a local disk, or in memory already.
    fn open(file: &EventFile<'_>) -> Result<Self, Error> {
        let bytes = if file.storage.is_remote() { Bytes::new() } else { file.storage.map(file.path)? };
        Ok(Self { start: 0, bytes })
    }

    /// The record at `offset`, with its bytes, framing included; fetches what is missing.
    fn read(&mut self, file: &EventFile<'_>, offset: u64) -> Result<Read, Error> {
        loop {
            let view = self.bytes.slice(position(offset - self.start).min(self.bytes.len())..);
            match read_record(&view, offset) {
                Ok(record) => {
                    let bytes = view.slice(..position(record.length()));
                    return Ok(Ok((record, bytes)));
                }
                Err(RecordError::Truncated { needed, available, .. })
                    if file.storage.is_remote() && offset + available < file.size_bytes =>
                {
                    let length = needed.max(CHUNK_BYTES).min(file.size_bytes - offset);
                    self.bytes = file.storage.get_range(file.path, offset, length)?;
                    self.start = offset;
                    // A store that hands out less than there is would have us ask for ever.
                    if self.bytes.len() <= position(available) {
                        return Ok(Err(RecordError::Truncated { offset, needed, available }));
                    }
                }
                Err(error) => return Ok(Err(error)),
            }
        }
    }
}

type Read = Result<(Record, Bytes), RecordError>;

fn position(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

fn names(entries: &[&TensorEntry]) -> String {
    match entries {
        [] => "nothing".to_owned(),
        [only] => format!("{:?}", only.name.as_str()),
        [first, others @ ..] => format!("{:?} and {} more", first.name.as_str(), others.len()),
    }
}
