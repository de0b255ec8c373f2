//! The collections of a trial: found, read again when they change, and applied to names.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    sync::{Mutex, PoisonError},
};

use trialscope_tensor::{Pattern, Worker};

use super::{
    names::{NameId, Names, Role},
    problem::{Problem, ProblemKind, Problems},
};
use crate::{
    collections::{Collection, Collections},
    error::Error,
    layout,
    storage::{Storage, StoredFile},
};

/// What the collections files say.
#[derive(Debug, Default)]
pub(super) struct Definitions {
    /// The files last read.
    files: Vec<StoredFile>,
    workers: BTreeSet<Worker>,
    collections: Collections,
    /// Whether `collections` comes from a file.
    is_read: bool,
    members: BTreeMap<String, Members>,
}

/// Which names a collection takes in. Names are only ever added, so each is matched once.
#[derive(Debug, Default)]
struct Members {
    patterns: Vec<Pattern>,
    matched: Mutex<Matched>,
}

#[derive(Debug, Default)]
struct Matched {
    num_checked: usize,
    names: HashSet<NameId>,
}

impl Definitions {
    /// Reads the collections files if they have changed, and says whether they had.
    pub(super) fn refresh(&mut self, storage: &Storage, problems: &mut Problems) -> Result<bool, Error> {
        let files = storage.list(layout::COLLECTIONS)?;
        if files == self.files {
            return Ok(false);
        }
        for file in self.files.iter().chain(&files) {
            problems.clear_file(&file.path);
        }
        self.workers.clear();
        let mut found = None;
        let mut retry = false;
        for file in &files {
            let Some(worker) = layout::parse_collections_file(&file.path) else { continue };
            self.workers.extend(worker);
            if found.is_some() {
                continue;
            }
            match storage.get(&file.path).and_then(|text| Collections::parse(&text, &file.path)) {
                Ok(collections) => found = Some((collections, file.path.as_str())),
                Err(error) => {
                    retry |= !matches!(error, Error::Damaged { .. });
                    problems.add(Problem::unreadable(&file.path, ProblemKind::DamagedCollections, &error));
                }
            }
        }
        self.is_read = found.is_some();
        let (collections, path) = found.unwrap_or_default();
        self.members = collections
            .by_name
            .iter()
            .map(|(name, collection)| (name.clone(), Members::new(name, collection, path, problems)))
            .collect();
        self.collections = collections;
        self.files = if retry { Vec::new() } else { files };
        Ok(true)
    }

    pub(super) fn collections(&self) -> &Collections {
        &self.collections
    }

    /// Whether there are collections files, readable or not.
    pub(super) fn has_files(&self) -> bool {
        !self.workers.is_empty()
    }

    /// Workers that have a collections file.
    pub(super) fn workers(&self) -> &BTreeSet<Worker> {
        &self.workers
    }

    /// How many workers save; `None` while no collections file could be read.
    pub(super) fn num_workers(&self) -> Option<u64> {
        self.is_read.then_some(self.collections.num_workers)
    }

    /// Whether a tensor belongs to a collection: it is listed there, or one of the patterns occurs in its name.
    ///
    /// Returns the members among all names of the trial; `None` for a collection that is not defined.
    pub(super) fn members(&self, collection: &str, names: &Names) -> Result<Option<HashSet<NameId>>, Error> {
        let (Some(definition), Some(members)) =
            (self.collections.by_name.get(collection), self.members.get(collection))
        else {
            return Ok(None);
        };
        // A thread that panicked here left an older, shorter list behind.
        let mut matched = members.matched.lock().unwrap_or_else(PoisonError::into_inner);
        for (id, name) in names.since(matched.num_checked) {
            let belongs = names.role(id) == Role::Tensor
                && (definition.tensor_names.contains(name.as_str()) || members.match_any(name.as_str())?);
            if belongs {
                matched.names.insert(id);
            }
            matched.num_checked += 1;
        }
        Ok(Some(matched.names.clone()))
    }
}

impl Members {
    fn new(name: &str, collection: &Collection, path: &str, problems: &mut Problems) -> Self {
        let mut patterns = Vec::new();
        for pattern in &collection.include_regex {
            match Pattern::parse(pattern) {
                Ok(pattern) => patterns.push(pattern),
                Err(error) => problems.add(Problem {
                    path: path.to_owned(),
                    kind: ProblemKind::InvalidPattern,
                    offset: None,
                    message: format!("{path}: collection {name:?}: {error}"),
                    step: None,
                    worker: None,
                }),
            }
        }
        Self { patterns, matched: Mutex::default() }
    }

    fn match_any(&self, name: &str) -> Result<bool, Error> {
        for pattern in &self.patterns {
            if pattern.occurs_in(name)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
