//! Where a trial's files live: one door to a local folder and to the stores of the `object_store` crate.
//!
//! Paths are relative to the trial and use `/`. A write is whole or not there: a rename on a local disk, one PUT on an
//! object store.

use std::{
    io,
    path::{Path, PathBuf},
};

use bytes::Bytes;
use url::Url;

use crate::{
    error::{Error, not_utf8},
    local_place::LocalPlace,
    mapping,
    object_place::{ObjectPlace, root_cause},
};

/// Local files smaller than this are read; larger ones are mapped.
const MAP_FROM_BYTES: u64 = 64 * 1024;

/// A folder or URL prefix that holds one trial.
#[derive(Debug, Clone)]
pub struct Storage {
    backend: Backend,
    location: String,
}

#[derive(Debug, Clone)]
enum Backend {
    Local(LocalPlace),
    Object(ObjectPlace),
}

/// A file found by listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFile {
    /// Path relative to the trial.
    pub path: String,
    /// Size.
    pub size_bytes: u64,
    /// Another number when the file is replaced: made of the `ETag`, time of modification and size.
    pub revision: u64,
}

impl Storage {
    /// Opens a place that should hold a trial. Nothing is created.
    ///
    /// `location` is a local path (`~` is the home folder) or a URL: `file`, `memory`, and with the `cloud` feature
    /// `s3`, `gs`, `az`. Credentials and endpoints of object stores come from their usual environment variables.
    ///
    /// # Errors
    /// [`Error::Location`] for a URL nobody can open, [`Error::NotATrial`] where a local folder is not there.
    pub fn open(location: &str) -> Result<Self, Error> {
        match Place::parse(location)? {
            Place::Folder(folder) => {
                if !folder.is_dir() {
                    let reason = if folder.exists() { "it is a file" } else { "there is no such folder" };
                    return Err(Error::NotATrial {
                        location: location.to_owned(),
                        reason: reason.to_owned(),
                    });
                }
                Self::local(&folder)
            }
            Place::Url(url) => Self::url(&url),
        }
    }

    /// Opens a place to write to, and makes the folder where it is local.
    ///
    /// # Errors
    /// [`Error::Location`] for a URL nobody can open, [`Error::Storage`] where the folder cannot be made.
    pub fn create(location: &str) -> Result<Self, Error> {
        match Place::parse(location)? {
            Place::Folder(folder) => {
                std::fs::create_dir_all(&folder).map_err(|source| Error::Storage {
                    action: "make the folder",
                    location: location.to_owned(),
                    path: ".".to_owned(),
                    source: source.into(),
                })?;
                Self::local(&folder)
            }
            Place::Url(url) => Self::url(&url),
        }
    }

    /// A trial in memory; clones share it, nothing else does.
    pub fn memory() -> Self {
        Self { backend: Backend::Object(ObjectPlace::memory()), location: "memory:///".to_owned() }
    }

    fn local(folder: &Path) -> Result<Self, Error> {
        let root = folder.canonicalize().map_err(|source| Error::Location {
            location: folder.display().to_string(),
            reason: source.to_string(),
        })?;
        let location = root.to_str().ok_or_else(|| not_utf8(&root))?.to_owned();
        Ok(Self { backend: Backend::Local(LocalPlace::new(root)), location })
    }

    fn url(url: &Url) -> Result<Self, Error> {
        if url.scheme() == "memory" {
            return Ok(Self::memory());
        }
        let location = url.to_string();
        match ObjectPlace::open(url) {
            Ok(place) => Ok(Self { backend: Backend::Object(place), location }),
            Err(source) => Err(Error::Location { location, reason: source.to_string() }),
        }
    }

    /// The place, as messages show it.
    pub fn location(&self) -> &str {
        &self.location
    }

    /// The folder, where the trial is on a local disk.
    pub fn local_root(&self) -> Option<&Path> {
        match &self.backend {
            Backend::Local(place) => Some(place.root()),
            Backend::Object(_) => None,
        }
    }

    /// Writes a file, whole or not at all, replacing one of that name. The chunks follow each other; they are not
    /// copied together.
    ///
    /// # Errors
    /// [`Error::Storage`] naming the file.
    pub fn put(&self, path: &str, chunks: Vec<Bytes>) -> Result<(), Error> {
        self.told(
            "write",
            path,
            match &self.backend {
                Backend::Local(place) => place.put(path, &chunks).map_err(Failure::from),
                Backend::Object(place) => place.put(path, chunks).map_err(Failure::from),
            },
        )
    }

    /// Reads a file whole.
    ///
    /// # Errors
    /// [`Error::FileMissing`], or [`Error::Storage`] naming the file.
    pub fn get(&self, path: &str) -> Result<Bytes, Error> {
        self.told(
            "read",
            path,
            match &self.backend {
                Backend::Local(place) => place.get(path).map_err(Failure::from),
                Backend::Object(place) => place.get(path).map_err(Failure::from),
            },
        )
    }

    /// Reads `length_bytes` bytes of a file from `offset` on.
    ///
    /// # Errors
    /// [`Error::FileMissing`], or [`Error::Storage`] where the file is shorter or cannot be read.
    pub fn get_range(&self, path: &str, offset: u64, length_bytes: u64) -> Result<Bytes, Error> {
        self.told(
            "read",
            path,
            match &self.backend {
                Backend::Local(place) => place.get_range(path, offset, length_bytes).map_err(Failure::from),
                Backend::Object(place) => place.get_range(path, offset, length_bytes).map_err(Failure::from),
            },
        )
    }

    /// The content of a file without copying it, where it is a large file on a local disk; else as [`Storage::get`].
    ///
    /// The file must not be changed in place afterwards; files of a trial are only ever replaced by rename.
    ///
    /// # Errors
    /// As [`Storage::get`].
    pub fn map(&self, path: &str) -> Result<Bytes, Error> {
        if let Some(root) = self.local_root()
            && let Some(mapped) = mapping::map_file(&root.join(path), MAP_FROM_BYTES)
        {
            return Ok(mapped);
        }
        self.get(path)
    }

    /// The content of a file on a local disk, mapped; `None` elsewhere, and where it cannot be mapped.
    pub(crate) fn map_local(&self, path: &str) -> Option<Bytes> {
        mapping::map_file(&self.local_root()?.join(path), 1)
    }

    /// Whether every access is a request over a network.
    pub fn is_remote(&self) -> bool {
        match &self.backend {
            Backend::Local(_) => false,
            Backend::Object(place) => place.is_remote(),
        }
    }

    /// Size of a file; `None` where it is not there.
    ///
    /// # Errors
    /// [`Error::Storage`] where the storage fails otherwise.
    pub fn size_bytes(&self, path: &str) -> Result<Option<u64>, Error> {
        let size = match &self.backend {
            Backend::Local(place) => place.size_bytes(path).map_err(Failure::from),
            Backend::Object(place) => place.size_bytes(path).map_err(Failure::from),
        };
        match size {
            Err(Failure::Missing) => Ok(None),
            size => self.told("read", path, size).map(Some),
        }
    }

    /// Whether a file is there.
    ///
    /// # Errors
    /// As [`Storage::size_bytes`].
    pub fn exists(&self, path: &str) -> Result<bool, Error> {
        Ok(self.size_bytes(path)?.is_some())
    }

    /// The files below a folder, at any depth, sorted by path. Empty where the folder is not there.
    ///
    /// # Errors
    /// [`Error::Storage`] naming the folder.
    pub fn list(&self, folder: &str) -> Result<Vec<StoredFile>, Error> {
        let listed = match &self.backend {
            Backend::Local(place) => place.list(folder).map_err(Failure::from),
            Backend::Object(place) => place.list(folder).map_err(Failure::from),
        };
        let mut files = self.told("list", folder, listed)?;
        files.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        Ok(files)
    }

    /// The folders directly below a folder, as paths relative to the trial, sorted.
    ///
    /// # Errors
    /// [`Error::Storage`] naming the folder.
    pub fn list_folders(&self, folder: &str) -> Result<Vec<String>, Error> {
        let listed = match &self.backend {
            Backend::Local(place) => place.list_folders(folder).map_err(Failure::from),
            Backend::Object(place) => place.list_folders(folder).map_err(Failure::from),
        };
        let mut folders = self.told("list", folder, listed)?;
        folders.sort_unstable();
        Ok(folders)
    }

    /// Deletes files; those that are not there are passed over.
    ///
    /// # Errors
    /// [`Error::Storage`] naming the first of the files.
    pub fn delete(&self, paths: &[String]) -> Result<(), Error> {
        let deleted = match &self.backend {
            Backend::Local(place) => place.delete(paths).map_err(Failure::from),
            Backend::Object(place) => place.delete(paths).map_err(Failure::from),
        };
        self.told("delete", paths.first().map_or("", String::as_str), deleted)
    }

    /// Says in an error what was tried, where.
    fn told<T>(&self, action: &'static str, path: &str, result: Result<T, Failure>) -> Result<T, Error> {
        result.map_err(|failure| {
            let location = self.location.clone();
            let path = path.to_owned();
            match failure {
                Failure::Missing => Error::FileMissing { location, path },
                Failure::Other(source) => Error::Storage { action, location, path, source },
            }
        })
    }
}

/// What a backend could not do.
enum Failure {
    Missing,
    Other(Box<dyn std::error::Error + Send + Sync>),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::NotFound { Self::Missing } else { Self::Other(error.into()) }
    }
}

impl From<object_store::Error> for Failure {
    fn from(error: object_store::Error) -> Self {
        match error {
            object_store::Error::NotFound { .. } => Self::Missing,
            other => Self::Other(root_cause(&other)),
        }
    }
}

enum Place {
    Folder(PathBuf),
    Url(Url),
}

impl Place {
    fn parse(location: &str) -> Result<Self, Error> {
        let location = location.trim();
        let wrong =
            |reason: &str| Error::Location { location: location.to_owned(), reason: reason.to_owned() };
        if location.is_empty() {
            return Err(wrong("it is empty"));
        }
        if location.contains("://") {
            let url = Url::parse(location).map_err(|source| wrong(&source.to_string()))?;
            if url.scheme() == "file" {
                return url.to_file_path().map(Self::Folder).map_err(|()| wrong("it names no local path"));
            }
            return Ok(Self::Url(url));
        }
        if let Some(rest) = location.strip_prefix('~')
            && (rest.is_empty() || rest.starts_with('/'))
        {
            let home = std::env::home_dir().ok_or_else(|| wrong("the home folder is not known"))?;
            return Ok(Self::Folder(home.join(rest.trim_start_matches('/'))));
        }
        Ok(Self::Folder(PathBuf::from(location)))
    }
}
