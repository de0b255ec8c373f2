//! Reads index files, many at a time.

use std::thread;

use super::tail::Sighting;
use crate::{error::Error, index::IndexFile, storage::Storage};

/// Files read before they are handed on: bounds the memory that parsed files take.
pub(super) const BATCH_FILES: usize = 512;

/// Fewer files than this are read on the calling thread.
const MIN_FILES_PER_THREAD: usize = 16;

/// A disk is read by as many threads as there are processors, up to this number.
const MAX_THREADS_LOCAL: usize = 8;

/// Requests to a network store wait; more of them wait at once.
const MAX_THREADS_REMOTE: usize = 32;

/// Reads index files. The results are in the order of `files`.
pub(super) fn read_index_files(storage: &Storage, files: &[Sighting]) -> Vec<Result<IndexFile, Error>> {
    let read = |file: &Sighting| IndexFile::parse(&storage.get(&file.path)?, &file.path);
    let num_threads = if storage.is_remote() {
        MAX_THREADS_REMOTE.min(files.len())
    } else {
        let processors = thread::available_parallelism().map_or(1, usize::from).min(MAX_THREADS_LOCAL);
        processors.min(files.len() / MIN_FILES_PER_THREAD)
    };
    if num_threads < 2 {
        return files.iter().map(read).collect();
    }
    thread::scope(|scope| {
        let threads: Vec<_> = files
            .chunks(files.len().div_ceil(num_threads))
            .map(|chunk| (chunk, scope.spawn(move || chunk.iter().map(read).collect::<Vec<_>>())))
            .collect();
        threads
            .into_iter()
            // Reading does not panic; if it did, doing it again here would show it.
            .flat_map(|(chunk, thread)| thread.join().unwrap_or_else(|_| chunk.iter().map(read).collect()))
            .collect()
    })
}
