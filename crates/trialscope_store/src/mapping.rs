//! Memory maps of event files: values reach the reader without a copy.
#![expect(unsafe_code, reason = "a memory map is unsafe by nature; the argument stands at its one use")]

use std::{
    fs::File,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
};

use bytes::Bytes;
use memmap2::Mmap;

/// Maps that may exist at a time. The kernel grants a process 65,530 by default, and allocators need some of them too.
const MAX_MAPS: usize = 16_384;

static NUM_MAPS: AtomicUsize = AtomicUsize::new(0);

/// Maps a file of at least `from_bytes` bytes.
///
/// `None` where it is smaller, not there or cannot be mapped (too many maps, a file system without them): the caller
/// then reads it, and gets the proper error from that.
pub(crate) fn map_file(path: &Path, from_bytes: u64) -> Option<Bytes> {
    let file = File::open(path).ok()?;
    if file.metadata().ok()?.len() < from_bytes.max(1) || NUM_MAPS.load(Ordering::Relaxed) >= MAX_MAPS {
        return None;
    }
    // SAFETY: a map is unsound if the file shrinks or changes under it. Event files are written under another name
    // and renamed when whole; a resumed run replaces them by another rename, which leaves the mapped inode as it is.
    // Nobody who follows the format changes one in place.
    let map = unsafe { Mmap::map(&file) }.ok()?;
    NUM_MAPS.fetch_add(1, Ordering::Relaxed);
    Some(Bytes::from_owner(CountedMap(map)))
}

/// A map that gives its place free when the last tensor in it is dropped.
struct CountedMap(Mmap);

impl AsRef<[u8]> for CountedMap {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for CountedMap {
    fn drop(&mut self) {
        NUM_MAPS.fetch_sub(1, Ordering::Relaxed);
    }
}
