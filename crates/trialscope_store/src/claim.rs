//! One writer per trial: the claim file, held under an OS lock while a hook is open.
//!
//! smdebug creates `claim.smd` and refuses to write where it exists, so a killed process blocks the folder for ever.
//! Ours is the same file with a lock on it: the lock dies with its process, whatever killed it, and tells a live
//! writer from a dead one. Object stores have no locks, and no claims.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read, Write},
    path::{Path, PathBuf},
};

use trialscope_tensor::Worker;

use crate::{error::Error, layout, storage::Storage};

/// Whether somebody is still writing a trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriterState {
    /// A live process holds the claim.
    Active,
    /// The process that held the claim is gone and left no end marker: the training was interrupted.
    Gone,
    /// Nothing can be said: an object store, or a writer that is not ours.
    Unknown,
}

/// A held claim. Dropping it gives the trial free, but leaves the file: a trial with a claim that nobody holds was
/// interrupted.
#[derive(Debug)]
pub(crate) struct Claim {
    // Held open for its lock.
    _file: File,
    path: PathBuf,
}

impl Claim {
    /// Claims a trial for a worker; `None` where the place has no locks.
    pub(crate) fn take(storage: &Storage, worker: &Worker, num_workers: u64) -> Result<Option<Self>, Error> {
        let Some(root) = storage.local_root() else { return Ok(None) };
        let path = root.join(file_name(worker, num_workers));
        let failed = |source: std::io::Error| Error::Storage {
            action: "write",
            location: storage.location().to_owned(),
            path: file_name(worker, num_workers),
            source: source.into(),
        };
        loop {
            let mut file = OpenOptions::new()
                .create(true)
                .truncate(false)
                .read(true)
                .write(true)
                .open(&path)
                .map_err(failed)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    let mut holder = String::new();
                    // The name of the holder is a courtesy; without it the refusal stands all the same.
                    let _ = file.read_to_string(&mut holder);
                    let holder = Some(holder.trim().to_owned()).filter(|text| !text.is_empty());
                    return Err(Error::TrialInUse { location: storage.location().to_owned(), holder });
                }
                Err(TryLockError::Error(source)) if source.kind() == std::io::ErrorKind::Unsupported => {
                    return Ok(None);
                }
                Err(TryLockError::Error(source)) => return Err(failed(source)),
            }
            // The former holder removes the file while we wait for its lock: then ours is on a file nobody can find.
            if !is_same_file(&file, &path) {
                continue;
            }
            file.set_len(0).map_err(failed)?;
            writeln!(file, "process {}", std::process::id()).map_err(failed)?;
            return Ok(Some(Self { _file: file, path }));
        }
    }

    /// Gives the trial free and removes the file: the training has ended.
    pub(crate) fn release(self) {
        // One that stays behind is harmless: its lock is free, and the end marker says the rest.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Whether a live writer holds a claim on the trial.
pub(crate) fn probe(storage: &Storage) -> WriterState {
    let Some(root) = storage.local_root() else { return WriterState::Unknown };
    let Ok(entries) = std::fs::read_dir(root) else { return WriterState::Unknown };
    let mut state = WriterState::Unknown;
    for entry in entries.flatten() {
        let name = entry.file_name();
        let is_claim = name.to_str().is_some_and(|name| {
            name == layout::CLAIM
                || name.strip_prefix("claim_").is_some_and(|rest| rest.strip_suffix(".smd").is_some())
        });
        if !is_claim {
            continue;
        }
        let Ok(file) = File::open(entry.path()) else { continue };
        match file.try_lock_shared() {
            Err(TryLockError::WouldBlock) => return WriterState::Active,
            // smdebug leaves the file empty and holds no lock: it says nothing about life or death.
            Ok(()) if file.metadata().is_ok_and(|meta| meta.len() > 0) => state = WriterState::Gone,
            Ok(()) | Err(TryLockError::Error(_)) => {}
        }
    }
    state
}

fn file_name(worker: &Worker, num_workers: u64) -> String {
    if num_workers == 1 { layout::CLAIM.to_owned() } else { format!("claim_{}.smd", worker.file_part()) }
}

#[cfg(unix)]
fn is_same_file(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (file.metadata(), std::fs::metadata(path)) {
        (Ok(held), Ok(found)) => (held.dev(), held.ino()) == (found.dev(), found.ino()),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_same_file(_file: &File, path: &Path) -> bool {
    // An open file cannot be removed here.
    path.exists()
}
