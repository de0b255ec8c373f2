//! Fetches values: the record an index entry points at, checked, as a tensor.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use bytes::Bytes;
use trialscope_tensor::Tensor;
use trialscope_tfevents::{Content, decode_event, read_record};

use super::saved::Location;
use crate::{error::Error, storage::Storage};

/// Maps kept for the next value. Reading one tensor through all steps opens every event file; the next tensor finds
/// them open.
const MAX_OPEN_MAPS: usize = 12_288;

/// Values below this size are copied out of the map, so that keeping a number does not keep a file mapped.
const COPY_BELOW_BYTES: usize = 4096;

/// How much of a value is checked before it is handed out. Each record is checked once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Verify {
    /// That the record is whole and stands where the index says.
    Framing,
    /// Also the CRC-32C of the record, where the index has one (smdebug's does not).
    #[default]
    Checksum,
}

/// Reads values, and keeps local event files mapped.
#[derive(Debug)]
pub(super) struct Values {
    verify: Verify,
    maps: Mutex<Maps>,
}

#[derive(Debug, Default)]
struct Maps {
    by_path: HashMap<Box<str>, Used>,
    now: u64,
}

#[derive(Debug)]
struct Used {
    map: Bytes,
    last: u64,
}

impl Values {
    pub(super) fn new(verify: Verify) -> Self {
        Self { verify, maps: Mutex::default() }
    }

    /// Reads the value at `location` of an event file.
    ///
    /// [`Error::FileMissing`] where the file is not there, [`Error::Damaged`] with the place in it where the record is
    /// not whole or not what the index says.
    pub(super) fn read(&self, storage: &Storage, path: &str, location: &Location) -> Result<Tensor, Error> {
        let map = self.map(storage, path);
        let is_mapped = map.is_some();
        let bytes = match map {
            Some(map) => cut(&map, location),
            None => fetch(storage, path, location)?,
        };
        let tensor = self.decode(&bytes, path, location)?;
        match tensor.raw() {
            Some(raw) if is_mapped && raw.len() < COPY_BELOW_BYTES => {
                let copy = Bytes::copy_from_slice(raw);
                Ok(Tensor::from_raw(tensor.dtype(), tensor.shape().clone(), copy)?)
            }
            _ => Ok(tensor),
        }
    }

    fn decode(&self, bytes: &Bytes, path: &str, location: &Location) -> Result<Tensor, Error> {
        let offset = location.start_bytes;
        let damaged = |reason: String| Error::Damaged { path: path.to_owned(), offset, reason };
        let record = read_record(bytes, offset).map_err(|e| damaged(e.to_string()))?;
        if record.length() != u64::from(location.length_bytes) {
            return Err(damaged(format!(
                "the record is {} bytes long, the index says {}",
                record.length(),
                location.length_bytes
            )));
        }
        if self.verify == Verify::Checksum
            && !location.is_verified()
            && let Some(stored) = location.crc32c
        {
            let computed = crc32c::crc32c(bytes);
            if computed != stored {
                return Err(damaged(format!(
                    "the checksum of the record is {computed:08x}, the index says {stored:08x}"
                )));
            }
            location.set_verified();
        }
        let event = decode_event(&record.payload).map_err(|e| damaged(e.to_string()))?;
        match event.values.into_iter().next().map(|value| value.content) {
            Some(Content::Tensor(tensor)) => Ok(tensor),
            _ => Err(damaged("the record holds no tensor".to_owned())),
        }
    }

    fn map(&self, storage: &Storage, path: &str) -> Option<Bytes> {
        storage.local_root()?;
        // A thread that panicked here left a map of bytes behind, not a broken one.
        let mut maps = self.maps.lock().unwrap_or_else(PoisonError::into_inner);
        maps.now += 1;
        let now = maps.now;
        if let Some(used) = maps.by_path.get_mut(path) {
            used.last = now;
            return Some(used.map.clone());
        }
        let map = storage.map_local(path)?;
        maps.make_room();
        maps.by_path.insert(path.into(), Used { map: map.clone(), last: now });
        Some(map)
    }

    /// Closes an event file: it was replaced.
    pub(super) fn forget(&mut self, path: &str) {
        self.maps.get_mut().unwrap_or_else(PoisonError::into_inner).by_path.remove(path);
    }
}

impl Maps {
    /// Closes the less recently used half of the maps when there are too many.
    fn make_room(&mut self) {
        if self.by_path.len() < MAX_OPEN_MAPS {
            return;
        }
        let mut last: Vec<u64> = self.by_path.values().map(|used| used.last).collect();
        let middle = last.len() / 2;
        let (_, &mut median, _) = last.select_nth_unstable(middle);
        self.by_path.retain(|_, used| used.last > median);
    }
}

/// The part of a whole file that should hold the record; shorter where the file ends before it.
fn cut(file: &Bytes, location: &Location) -> Bytes {
    let position = |bytes: u64| usize::try_from(bytes).map_or(file.len(), |bytes| bytes.min(file.len()));
    let end = location.start_bytes.saturating_add(location.length_bytes.into());
    file.slice(position(location.start_bytes)..position(end))
}

fn fetch(storage: &Storage, path: &str, location: &Location) -> Result<Bytes, Error> {
    let needed = u64::from(location.length_bytes);
    match storage.get_range(path, location.start_bytes, needed) {
        // Stores differ in how they refuse a range beyond the end.
        Err(error @ Error::Storage { .. }) => {
            let size = storage.size_bytes(path)?.unwrap_or(0);
            if size >= location.start_bytes.saturating_add(needed) {
                return Err(error);
            }
            let available = size.saturating_sub(location.start_bytes);
            Err(Error::Damaged {
                path: path.to_owned(),
                offset: location.start_bytes,
                reason: format!("the record needs {needed} bytes, {available} are there"),
            })
        }
        fetched => fetched,
    }
}
