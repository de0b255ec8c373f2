//! Every file in the folder of a trial, sorted into what it is.

use std::{collections::BTreeMap, fs, path::Path};

use trialscope_tensor::{Step, Worker};

use crate::{error::Error, layout, storage::Storage};

/// The files of a trial.
#[derive(Debug, Default)]
pub(super) struct Inventory {
    pub(super) index_files: BTreeMap<(Step, Worker), String>,
    /// With their sizes.
    pub(super) event_files: BTreeMap<String, u64>,
    pub(super) collections_files: BTreeMap<String, Worker>,
    pub(super) tensorboard_files: BTreeMap<String, u64>,
    pub(super) has_end_marker: bool,
    pub(super) has_feature_names: bool,
    pub(super) claims: Vec<String>,
    /// Files that were being written when their writer died.
    pub(super) leftovers: Vec<String>,
    /// Files that are none of a trial's: how many, by the part of the path they share.
    pub(super) foreign: BTreeMap<String, u64>,
    pub(super) num_files: u64,
    pub(super) num_bytes: u64,
}

impl Inventory {
    pub(super) fn take(storage: &Storage) -> Result<Self, Error> {
        let mut inventory = Self::default();
        match storage.local_root() {
            Some(root) => inventory.walk(storage, root, "")?,
            None => storage.list("")?.iter().for_each(|file| inventory.add(&file.path, file.size_bytes)),
        }
        Ok(inventory)
    }

    /// Goes through a folder itself: listing by way of the storage leaves unfinished files out.
    fn walk(&mut self, storage: &Storage, folder: &Path, path: &str) -> Result<(), Error> {
        let failed = |source: std::io::Error| Error::Storage {
            action: "list",
            location: storage.location().to_owned(),
            path: path.to_owned(),
            source: source.into(),
        };
        for entry in fs::read_dir(folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let path = if path.is_empty() { name.into_owned() } else { format!("{path}/{name}") };
            // A file that vanishes meanwhile was a file being written.
            let Ok(metadata) = entry.metadata() else { continue };
            if metadata.is_dir() {
                self.walk(storage, &entry.path(), &path)?;
            } else {
                self.add(&path, metadata.len());
            }
        }
        Ok(())
    }

    fn add(&mut self, path: &str, size_bytes: u64) {
        self.num_files += 1;
        self.num_bytes += size_bytes;
        let file = path.to_owned();
        if is_leftover(path) {
            self.leftovers.push(file);
        } else if let Some((step, worker)) = layout::parse_step_file(path, ".json")
            && path == layout::index_path(step, &worker)
        {
            self.index_files.insert((step, worker), file);
        } else if path.starts_with("events/") && path.ends_with(".tfevents") {
            self.event_files.insert(file, size_bytes);
        } else if let Some(Ok(worker)) = layout::parse_collections_file(path)
            && path == layout::collections_path(&worker)
        {
            self.collections_files.insert(file, worker);
        } else if path.starts_with("tensorboard/") && path.ends_with(".tfevents") {
            self.tensorboard_files.insert(file, size_bytes);
        } else if path == layout::END_OF_JOB {
            self.has_end_marker = true;
        } else if path == layout::FEATURE_NAMES {
            self.has_feature_names = true;
        } else if is_claim(path) {
            self.claims.push(file);
        } else {
            let shared = path.split_once('/').map_or(path, |(folder, _)| folder);
            *self.foreign.entry(shared.to_owned()).or_default() += 1;
        }
    }

    /// Whether there is nothing of a trial.
    pub(super) fn is_no_trial(&self) -> bool {
        self.index_files.is_empty()
            && self.event_files.is_empty()
            && self.collections_files.is_empty()
            && self.claims.is_empty()
            && !self.has_end_marker
    }
}

/// smdebug and we write to `<name>.tmp`, generic object stores to `<name>#<number>`.
fn is_leftover(path: &str) -> bool {
    let is_staged = path
        .rsplit_once('#')
        .is_some_and(|(_, number)| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()));
    is_staged || Path::new(path).extension().is_some_and(|extension| extension == "tmp")
}

fn is_claim(path: &str) -> bool {
    let of_a_worker = path.strip_prefix("claim_").and_then(|rest| rest.strip_suffix(".smd"));
    path == layout::CLAIM || of_a_worker.is_some_and(|worker| !worker.contains('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_sorted_in() {
        let mut inventory = Inventory::default();
        for path in [
            "index/000000000/000000000005_worker_0.json",
            "index/000000000/000000000005_worker_0.json.tmp",
            "index/000000007/000000000005_worker_0.json",
            "events/000000000005/000000000005_worker_0.tfevents",
            "events/000000000005/000000000005_worker_0.tfevents#1",
            "collections/000000000/worker_0_collections.json",
            "tensorboard/TRAIN/000000000005_1_host.tfevents",
            "training_job_end.ts",
            "claim.smd",
            "claim_worker_1.smd",
            "checkpoints/a",
            "checkpoints/b/c",
        ] {
            inventory.add(path, 1);
        }
        assert_eq!(inventory.index_files.len(), 1);
        assert_eq!((inventory.event_files.len(), inventory.tensorboard_files.len()), (1, 1));
        assert_eq!((inventory.leftovers.len(), inventory.claims.len()), (2, 2));
        // An index file in the wrong folder is never looked for.
        assert_eq!(inventory.foreign, [("checkpoints".to_owned(), 2), ("index".to_owned(), 1)].into());
        assert_eq!((inventory.num_files, inventory.num_bytes), (12, 12));
    }
}
