//! Finds the index files that are new, were replaced or went away, without reading any twice.
//!
//! Listing everything at every look would cost more the longer a training runs; looking only behind the last step, as
//! smdebug does, loses what comes late or out of order. So a look lists the two newest index folders (of 1,000 steps
//! each), every folder not seen before, and of the remaining ones the next in turn: a late file is found after as many
//! looks as there are older folders. The first look, and the first one that finds the training ended, list everything.
//!
//! A replaced file is known by its revision. On a local disk that is its inode, time and size, on an object store its
//! `ETag`; a store that offers neither is trusted for time of modification and size.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use trialscope_tensor::{Step, Worker};

use crate::{error::Error, layout, storage::Storage};

/// Folders that are listed at every look.
const NEWEST_FOLDERS: usize = 2;

/// An index file to read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Sighting {
    pub(super) step: Step,
    pub(super) worker: Worker,
    pub(super) path: String,
    revision: u64,
}

/// What a look found.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// New and replaced files, by step and worker.
    pub(super) to_read: Vec<Sighting>,
    /// Files that are no longer there, by step and worker.
    pub(super) gone: Vec<(Step, Worker)>,
}

type Files = BTreeMap<(Step, Worker), u64>;

/// The index files known.
#[derive(Debug, Default)]
pub(super) struct Tail {
    /// Steps to look at; `None` for all.
    range: Option<Range<Step>>,
    /// Revisions by folder, of the files that were read.
    read: BTreeMap<String, Files>,
    /// The older folder listed last.
    cursor: String,
    /// Folders with files that could not be read at the last look.
    unfinished: BTreeSet<String>,
    /// Whether everything was listed since the training ended.
    swept_after_end: bool,
}

impl Tail {
    pub(super) fn new(range: Option<Range<Step>>) -> Self {
        Self { range, ..Self::default() }
    }

    /// Looks for changes. `ended` says whether the end marker was there before.
    pub(super) fn look(&mut self, storage: &Storage, ended: bool) -> Result<Changes, Error> {
        let folders: Vec<String> = storage
            .list_folders(layout::INDEX)?
            .into_iter()
            .filter(|folder| {
                self.range.as_ref().is_none_or(|range| layout::index_folder_meets(folder, range))
            })
            .collect();
        let to_list = self.choose(&folders, ended);
        self.unfinished.clear();
        let mut changes = Changes::default();
        for folder in to_list {
            let found = self.list(storage, folder)?;
            self.compare(folder, found, &mut changes);
        }
        // `folders` is sorted.
        self.read.retain(|folder, files| {
            let is_there = folders.binary_search(folder).is_ok();
            if !is_there {
                changes.gone.extend(files.keys().cloned());
            }
            is_there
        });
        self.swept_after_end = ended;
        changes.to_read.sort();
        changes.gone.sort();
        Ok(changes)
    }

    fn choose<'a>(&mut self, folders: &'a [String], ended: bool) -> Vec<&'a String> {
        if ended && !self.swept_after_end {
            return folders.iter().collect();
        }
        let (older, newest) = folders.split_at(folders.len().saturating_sub(NEWEST_FOLDERS));
        let next = older.iter().find(|folder| **folder > self.cursor).or(older.first());
        let chosen = older
            .iter()
            .filter(|folder| {
                Some(*folder) == next || !self.read.contains_key(*folder) || self.unfinished.contains(*folder)
            })
            .chain(newest)
            .collect();
        self.cursor = next.cloned().unwrap_or_default();
        chosen
    }

    fn list(&self, storage: &Storage, folder: &str) -> Result<Vec<Sighting>, Error> {
        let files = storage.list(folder)?;
        Ok(files
            .into_iter()
            .filter_map(|file| {
                let (step, worker) = layout::parse_step_file(&file.path, ".json")?;
                let wanted = self.range.as_ref().is_none_or(|range| range.contains(&step));
                let canonical = file.path == layout::index_path(step, &worker);
                (wanted && canonical).then_some(Sighting {
                    step,
                    worker,
                    path: file.path,
                    revision: file.revision,
                })
            })
            .collect())
    }

    fn compare(&mut self, folder: &str, found: Vec<Sighting>, changes: &mut Changes) {
        let mut missing = self.read.remove(folder).unwrap_or_default();
        let mut still_there = Files::new();
        for sighting in found {
            let key = (sighting.step, sighting.worker.clone());
            let known = missing.remove(&key);
            if let Some(revision) = known {
                still_there.insert(key, revision);
            }
            if known != Some(sighting.revision) {
                changes.to_read.push(sighting);
            }
        }
        changes.gone.extend(missing.into_keys());
        self.read.insert(folder.to_owned(), still_there);
    }

    /// Has a file found again by the next look: it could not be read.
    pub(super) fn retry(&mut self, sighting: &Sighting) {
        self.unfinished.insert(layout::index_folder(sighting.step));
    }

    /// Remembers that a file was read, or found to be damaged for good.
    pub(super) fn remember(&mut self, sighting: Sighting) {
        let folder = self.read.entry(layout::index_folder(sighting.step)).or_default();
        folder.insert((sighting.step, sighting.worker), sighting.revision);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(storage: &Storage, step: u64) {
        storage.put(&layout::index_path(Step(step), &Worker::rank(0)), vec!["x".into()]).unwrap();
    }

    /// The steps a look finds, all of which are remembered.
    fn look(tail: &mut Tail, storage: &Storage, ended: bool) -> Vec<u64> {
        let changes = tail.look(storage, ended).unwrap();
        let steps = changes.to_read.iter().map(|sighting| sighting.step.0).collect();
        changes.to_read.into_iter().for_each(|sighting| tail.remember(sighting));
        steps
    }

    fn storage_with_four_folders() -> Storage {
        let storage = Storage::memory();
        for step in [0, 1000, 2000, 3000] {
            put(&storage, step);
        }
        storage
    }

    #[test]
    fn nothing_is_found_twice() {
        let storage = storage_with_four_folders();
        let mut tail = Tail::default();
        assert_eq!(look(&mut tail, &storage, false), [0, 1000, 2000, 3000]);
        put(&storage, 3001);
        assert_eq!(look(&mut tail, &storage, false), [3001]);
        assert!(look(&mut tail, &storage, true).is_empty());
    }

    #[test]
    fn a_late_step_is_found_as_its_folder_comes_round_or_at_the_end() {
        let storage = storage_with_four_folders();
        let mut tail = Tail::default();
        look(&mut tail, &storage, false);
        put(&storage, 5);
        put(&storage, 1005);
        let mut found = look(&mut tail, &storage, false);
        found.extend(look(&mut tail, &storage, false));
        found.sort_unstable();
        assert_eq!(found, [5, 1005]);
        put(&storage, 6);
        put(&storage, 1006);
        assert_eq!(look(&mut tail, &storage, true), [6, 1006]);
    }

    #[test]
    fn a_late_folder_is_found_at_once() {
        let storage = storage_with_four_folders();
        let mut tail = Tail::default();
        put(&storage, 9000);
        look(&mut tail, &storage, false);
        put(&storage, 4000);
        put(&storage, 5000);
        assert_eq!(look(&mut tail, &storage, false), [4000, 5000]);
    }

    #[test]
    fn replaced_and_deleted_files_are_noticed() {
        let storage = storage_with_four_folders();
        let mut tail = Tail::default();
        look(&mut tail, &storage, false);
        put(&storage, 3000);
        storage.delete(&[layout::index_path(Step(2000), &Worker::rank(0))]).unwrap();
        let changes = tail.look(&storage, false).unwrap();
        assert_eq!(changes.to_read.iter().map(|sighting| sighting.step.0).collect::<Vec<_>>(), [3000]);
        assert_eq!(changes.gone, [(Step(2000), Worker::rank(0))]);
    }

    #[test]
    fn a_file_that_could_not_be_read_is_found_again_at_once() {
        let storage = storage_with_four_folders();
        let mut tail = Tail::default();
        let changes = tail.look(&storage, false).unwrap();
        for sighting in changes.to_read {
            if sighting.step == Step(0) { tail.retry(&sighting) } else { tail.remember(sighting) }
        }
        // The next older folder in turn is the other one.
        assert_eq!(look(&mut tail, &storage, false), [0]);
    }

    #[test]
    fn a_range_leaves_the_rest_unread() {
        let storage = storage_with_four_folders();
        put(&storage, 1001);
        let mut tail = Tail::new(Some(Step(1001)..Step(3000)));
        assert_eq!(look(&mut tail, &storage, true), [1001, 2000]);
    }
}
