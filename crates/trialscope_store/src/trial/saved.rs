//! What one worker saved at one step, in the form a trial keeps in memory: 24 bytes a value.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use trialscope_tensor::{Mode, Shape, Step};

use super::names::{NameId, Names};
use crate::{error::Error, index::IndexFile};

/// One index file.
#[derive(Debug)]
pub(super) struct SavedStep {
    pub(super) mode: Mode,
    pub(super) mode_step: Step,
    pub(super) event_file: Option<Box<str>>,
    /// Names of the values, sorted; one table serves all steps with the same names.
    names: Arc<[NameId]>,
    /// Where they lie, in the order of `names`.
    locations: Box<[Location]>,
    /// Sorted by name.
    shapes: Arc<[SavedShape]>,
}

/// Where a value lies in its event file.
#[derive(Debug)]
pub(super) struct Location {
    pub(super) start_bytes: u64,
    pub(super) length_bytes: u32,
    pub(super) crc32c: Option<u32>,
    verified: AtomicBool,
}

/// A shape that was saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SavedShape {
    name: NameId,
    pub(super) original_name: Box<str>,
    pub(super) shape: Shape,
}

/// Tables that steps share. Steps mostly save the same names, and with them the same shapes.
#[derive(Debug, Default)]
pub(super) struct SharedTables {
    names: HashSet<Arc<[NameId]>>,
    latest_shapes: Option<Arc<[SavedShape]>>,
}

impl SavedStep {
    /// Takes over an index file. `path` is for messages.
    pub(super) fn new(
        index: IndexFile,
        path: &str,
        names: &mut Names,
        shared: &mut SharedTables,
    ) -> Result<Self, Error> {
        let mut values = Vec::with_capacity(index.tensors.len());
        for entry in index.tensors {
            let length_bytes = u32::try_from(entry.length_bytes).map_err(|_| Error::Damaged {
                path: path.to_owned(),
                offset: 0,
                reason: format!("the record of {:?} is longer than the format allows", entry.name.as_str()),
            })?;
            let location = Location {
                start_bytes: entry.start_bytes,
                length_bytes,
                crc32c: entry.crc32c,
                verified: AtomicBool::new(false),
            };
            values.push((names.intern(&entry.name), location));
        }
        // The sort is stable, so the last entry of a name is the last in the file: the one that counts.
        values.sort_by_key(|(name, _)| *name);
        let (mut ids, mut locations) = (Vec::with_capacity(values.len()), Vec::with_capacity(values.len()));
        for (name, location) in values {
            if ids.last() == Some(&name) {
                locations.pop();
            } else {
                ids.push(name);
            }
            locations.push(location);
        }
        let mut shapes: Vec<SavedShape> = index
            .shapes
            .into_iter()
            .map(|entry| SavedShape {
                name: names.intern(&entry.name),
                original_name: entry.original_name.into_boxed_str(),
                shape: entry.shape,
            })
            .collect();
        shapes.reverse();
        shapes.sort_by_key(|shape| shape.name);
        shapes.dedup_by_key(|shape| shape.name);
        Ok(Self {
            mode: index.mode,
            mode_step: index.mode_step,
            event_file: index.event_file.map(String::into_boxed_str),
            names: shared.names(ids),
            locations: locations.into_boxed_slice(),
            shapes: shared.shapes(shapes),
        })
    }

    pub(super) fn location(&self, name: NameId) -> Option<&Location> {
        self.locations.get(self.names.binary_search(&name).ok()?)
    }

    pub(super) fn shape(&self, name: NameId) -> Option<&SavedShape> {
        self.shapes.get(self.shapes.binary_search_by_key(&name, |shape| shape.name).ok()?)
    }

    /// Whether a value or a shape was saved under the name.
    pub(super) fn has(&self, name: NameId) -> bool {
        self.location(name).is_some() || self.shape(name).is_some()
    }

    /// The names of values and shapes, each possibly twice.
    pub(super) fn names(&self) -> impl Iterator<Item = NameId> {
        self.names.iter().copied().chain(self.shapes.iter().map(|shape| shape.name))
    }

    /// Equal for steps that are known to list the same names.
    pub(super) fn names_key(&self) -> (usize, usize) {
        (self.names.as_ptr().addr(), self.shapes.as_ptr().addr())
    }
}

impl Location {
    pub(super) fn is_verified(&self) -> bool {
        self.verified.load(Ordering::Relaxed)
    }

    pub(super) fn set_verified(&self) {
        self.verified.store(true, Ordering::Relaxed);
    }
}

impl SharedTables {
    fn names(&mut self, ids: Vec<NameId>) -> Arc<[NameId]> {
        if let Some(table) = self.names.get(ids.as_slice()) {
            return Arc::clone(table);
        }
        let table: Arc<[NameId]> = ids.into();
        self.names.insert(Arc::clone(&table));
        table
    }

    fn shapes(&mut self, shapes: Vec<SavedShape>) -> Arc<[SavedShape]> {
        if let Some(latest) = &self.latest_shapes
            && **latest == *shapes
        {
            return Arc::clone(latest);
        }
        let table: Arc<[SavedShape]> = shapes.into();
        self.latest_shapes = Some(Arc::clone(&table));
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn saved(text: &str, names: &mut Names, shared: &mut SharedTables) -> Result<SavedStep, Error> {
        SavedStep::new(IndexFile::parse(text.as_bytes(), "i").unwrap(), "i", names, shared)
    }

    #[test]
    fn a_value_is_kept_in_24_bytes() {
        assert_eq!(size_of::<Location>(), 24);
    }

    #[test]
    fn the_later_of_two_entries_counts_and_value_and_shape_go_together() {
        let text = r#"{"meta": {"mode": "TRAIN", "mode_step": 0, "event_file_name": "e"},
            "tensor_payload": [{"tensorname": "b", "start_idx": 0, "length": 10},
                               {"tensorname": "a", "start_idx": 10, "length": 10},
                               {"tensorname": "b", "start_idx": 20, "length": 10}],
            "shape_payload": [{"tensorname": "b", "originalname": "B:0", "shape": [9]},
                              {"tensorname": "b", "originalname": "B:0", "shape": [2, 3]}]}"#;
        let (mut names, mut shared) = (Names::default(), SharedTables::default());
        let first = saved(text, &mut names, &mut shared).unwrap();
        let b = names.find("b").unwrap();
        assert_eq!(first.location(b).unwrap().start_bytes, 20);
        assert_eq!(first.shape(b).unwrap().shape, Shape::from([2, 3]));
        let second = saved(text, &mut names, &mut shared).unwrap();
        assert_eq!(first.names_key(), second.names_key());
    }

    #[test]
    fn a_record_beyond_two_gibibytes_is_damage() {
        let text = r#"{"meta": {"mode": "TRAIN", "mode_step": 0, "event_file_name": "e"},
            "tensor_payload": [{"tensorname": "b", "start_idx": 0, "length": 5000000000}]}"#;
        let error = saved(text, &mut Names::default(), &mut SharedTables::default()).unwrap_err();
        assert!(error.to_string().contains("longer than the format allows"), "{error}");
    }
}
