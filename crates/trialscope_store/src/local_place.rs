//! A trial in a folder of a local disk, by plain file calls.
//!
//! A generic store reaches the same files through URLs, with several more system calls each, and changes some
//! characters of their names. A tail that looks every second must cost next to nothing.

use std::{
    fs::{self, File, Metadata},
    hash::{DefaultHasher, Hash, Hasher},
    io::{self, ErrorKind, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

use bytes::Bytes;

use crate::{local_write, storage::StoredFile};

/// A folder.
#[derive(Debug, Clone)]
pub(crate) struct LocalPlace {
    root: PathBuf,
}

impl LocalPlace {
    pub(crate) fn new(root: PathBuf) -> Self {
        Self { root }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn put(&self, path: &str, chunks: &[Bytes]) -> io::Result<()> {
        local_write::write_whole(&self.root.join(path), chunks)
    }

    pub(crate) fn get(&self, path: &str) -> io::Result<Bytes> {
        fs::read(self.root.join(path)).map(Bytes::from)
    }

    /// Fails with [`ErrorKind::UnexpectedEof`] where the file is shorter.
    pub(crate) fn get_range(&self, path: &str, offset: u64, length_bytes: u64) -> io::Result<Bytes> {
        let mut file = File::open(self.root.join(path))?;
        // What is asked for comes from a file, and so may be anything: nothing is reserved for bytes that are not there.
        if file.metadata()?.len() < offset.saturating_add(length_bytes) {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        file.seek(SeekFrom::Start(offset))?;
        let mut bytes = Vec::new();
        file.take(length_bytes).read_to_end(&mut bytes)?;
        Ok(bytes.into())
    }

    pub(crate) fn size_bytes(&self, path: &str) -> io::Result<u64> {
        fs::metadata(self.root.join(path)).map(|metadata| metadata.len())
    }

    pub(crate) fn list(&self, folder: &str) -> io::Result<Vec<StoredFile>> {
        let mut files = Vec::new();
        let folder = folder.trim_matches('/');
        self.list_into(folder, &mut files)?;
        Ok(files)
    }

    fn list_into(&self, folder: &str, files: &mut Vec<StoredFile>) -> io::Result<()> {
        let Some(entries) = self.entries(folder)? else { return Ok(()) };
        for entry in entries {
            let entry = entry?;
            // Nothing in the format is called by a name that is no text.
            let Ok(name) = entry.file_name().into_string() else { continue };
            let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
            let kind = entry.file_type()?;
            if kind.is_dir() {
                self.list_into(&path, files)?;
                continue;
            }
            // Only a link has to be followed to say how large the file is.
            let metadata = if kind.is_symlink() { fs::metadata(entry.path()) } else { entry.metadata() };
            match metadata {
                Ok(metadata) if metadata.is_file() => {
                    let revision = revision(&metadata);
                    files.push(StoredFile { path, size_bytes: metadata.len(), revision });
                }
                // Renamed or deleted since its folder was read.
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                Ok(_) | Err(_) => {}
            }
        }
        Ok(())
    }

    pub(crate) fn list_folders(&self, folder: &str) -> io::Result<Vec<String>> {
        let folder = folder.trim_matches('/');
        let Some(entries) = self.entries(folder)? else { return Ok(Vec::new()) };
        let mut folders = Vec::new();
        for entry in entries {
            let entry = entry?;
            if entry.file_type()?.is_dir()
                && let Ok(name) = entry.file_name().into_string()
            {
                folders.push(if folder.is_empty() { name } else { format!("{folder}/{name}") });
            }
        }
        Ok(folders)
    }

    /// `None` where there is no such folder.
    fn entries(&self, folder: &str) -> io::Result<Option<fs::ReadDir>> {
        match fs::read_dir(self.root.join(folder)) {
            Ok(entries) => Ok(Some(entries)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(crate) fn delete(&self, paths: &[String]) -> io::Result<()> {
        for path in paths {
            match fs::remove_file(self.root.join(path)) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// A file is replaced by renaming another over it, which has an inode of its own.
fn revision(metadata: &Metadata) -> u64 {
    let mut hasher = DefaultHasher::new();
    #[cfg(unix)]
    std::os::unix::fs::MetadataExt::ino(metadata).hash(&mut hasher);
    (metadata.modified().ok(), metadata.len()).hash(&mut hasher);
    hasher.finish()
}
