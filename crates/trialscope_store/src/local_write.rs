//! Whole-file writes on a local disk: a file beside the final one, then a rename.
//!
//! The generic store does the same through URLs and numbered staging names, at four times the cost for the small
//! files a step consists of.

use std::{
    fs::{self, File},
    io::{self, IoSlice, Write},
    path::Path,
};

use bytes::Bytes;

/// As smdebug names an unfinished file; readers pass it over.
const UNFINISHED: &str = ".tmp";

/// Writes `chunks` one after the other to `path`, making its folder where needed. Afterwards the file is there whole,
/// or as it was before.
pub(crate) fn write_whole(path: &Path, chunks: &[Bytes]) -> io::Result<()> {
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(UNFINISHED);
    let unfinished = Path::new(&unfinished);
    let written = create(unfinished)
        .and_then(|mut file| {
            let mut slices: Vec<IoSlice<'_>> =
                chunks.iter().filter(|chunk| !chunk.is_empty()).map(|chunk| IoSlice::new(chunk)).collect();
            write_all_vectored(&mut file, &mut slices)
        })
        .and_then(|()| fs::rename(unfinished, path));
    if written.is_err() {
        // What is left of it has no value, and may be what fills the disk.
        let _ = fs::remove_file(unfinished);
    }
    written
}

fn create(path: &Path) -> io::Result<File> {
    match File::create(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            File::create(path)
        }
        result => result,
    }
}

fn write_all_vectored(file: &mut File, mut slices: &mut [IoSlice<'_>]) -> io::Result<()> {
    while !slices.is_empty() {
        match file.write_vectored(slices) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => IoSlice::advance_slices(&mut slices, count),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
