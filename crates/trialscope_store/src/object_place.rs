//! A trial in an object store, or in memory: one PUT per file, and a listing that is never stale.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Arc, OnceLock},
};

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use object_store::{
    Error, ObjectMeta, ObjectStore, ObjectStoreExt, PutPayload, Result,
    memory::InMemory,
    path::{Path as Key, PathPart},
};
use url::Url;

use crate::storage::StoredFile;

/// A prefix of keys in a store.
#[derive(Debug, Clone)]
pub(crate) struct ObjectPlace {
    store: Arc<dyn ObjectStore>,
    prefix: Key,
    is_remote: bool,
}

impl ObjectPlace {
    pub(crate) fn memory() -> Self {
        Self { store: Arc::new(InMemory::new()), prefix: Key::default(), is_remote: false }
    }

    pub(crate) fn open(url: &Url) -> Result<Self> {
        // AWS_REGION and its like. Variables that are no text configure nothing.
        let options = std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?.to_ascii_lowercase(), value.into_string().ok()?))
        });
        let (store, prefix) = object_store::parse_url_opts(url, options)?;
        Ok(Self { store: store.into(), prefix, is_remote: true })
    }

    /// Whether every access is a request over a network.
    pub(crate) fn is_remote(&self) -> bool {
        self.is_remote
    }

    pub(crate) fn put(&self, path: &str, chunks: Vec<Bytes>) -> Result<()> {
        let payload: PutPayload = chunks.into_iter().collect();
        self.block_on(self.store.put(&self.key(path), payload))?;
        Ok(())
    }

    pub(crate) fn get(&self, path: &str) -> Result<Bytes> {
        let key = self.key(path);
        self.block_on(async { self.store.get(&key).await?.bytes().await })
    }

    pub(crate) fn get_range(&self, path: &str, offset: u64, length_bytes: u64) -> Result<Bytes> {
        let key = self.key(path);
        self.block_on(self.store.get_range(&key, offset..offset.saturating_add(length_bytes)))
    }

    pub(crate) fn size_bytes(&self, path: &str) -> Result<u64> {
        Ok(self.block_on(self.store.head(&self.key(path)))?.size)
    }

    pub(crate) fn list(&self, folder: &str) -> Result<Vec<StoredFile>> {
        let key = self.key(folder);
        let listed: Vec<_> = self.block_on(self.store.list(Some(&key)).try_collect())?;
        let stored = |meta: ObjectMeta| {
            Some(StoredFile {
                path: self.relative(&meta.location)?,
                size_bytes: meta.size,
                revision: revision(&meta),
            })
        };
        Ok(listed.into_iter().filter_map(stored).collect())
    }

    pub(crate) fn list_folders(&self, folder: &str) -> Result<Vec<String>> {
        let key = self.key(folder);
        let listed = self.block_on(self.store.list_with_delimiter(Some(&key)))?;
        Ok(listed.common_prefixes.iter().filter_map(|location| self.relative(location)).collect())
    }

    pub(crate) fn delete(&self, paths: &[String]) -> Result<()> {
        let keys: Vec<_> = paths.iter().map(|path| Ok(self.key(path))).collect();
        let mut results = self.store.delete_stream(futures::stream::iter(keys).boxed());
        self.block_on(async {
            while let Some(result) = results.next().await {
                match result {
                    Ok(_) | Err(Error::NotFound { .. }) => {}
                    Err(source) => return Err(source),
                }
            }
            Ok(())
        })
    }

    fn key(&self, path: &str) -> Key {
        let parts = path.split('/').filter(|part| !part.is_empty());
        parts.fold(self.prefix.clone(), |key, part| match PathPart::parse(part) {
            // As it is: smdebug escapes nothing either.
            Ok(part) => key.join(part),
            Err(_) => key.join(part),
        })
    }

    fn relative(&self, location: &Key) -> Option<String> {
        let parts: Vec<_> =
            location.prefix_match(&self.prefix)?.map(|part| part.as_ref().to_owned()).collect();
        Some(parts.join("/"))
    }

    /// Memory answers at once on the calling thread; network stores need a runtime.
    fn block_on<T>(&self, future: impl Future<Output = Result<T>>) -> Result<T> {
        if self.is_remote {
            match runtime() {
                Ok(runtime) => runtime.block_on(future),
                Err(source) => Err(Error::Generic { store: "runtime", source: source.into() }),
            }
        } else {
            futures::executor::block_on(future)
        }
    }
}

/// The innermost cause says what the system said ("No space left on device"); the layers around it repeat the path.
pub(crate) fn root_cause(error: &Error) -> Box<dyn std::error::Error + Send + Sync> {
    let mut cause: &(dyn std::error::Error + 'static) = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string().into()
}

fn revision(meta: &ObjectMeta) -> u64 {
    let mut hasher = DefaultHasher::new();
    (&meta.e_tag, meta.last_modified.timestamp_micros(), meta.size).hash(&mut hasher);
    hasher.finish()
}

fn runtime() -> std::result::Result<&'static tokio::runtime::Runtime, String> {
    static RUNTIME: OnceLock<std::result::Result<tokio::runtime::Runtime, String>> = OnceLock::new();
    RUNTIME
        .get_or_init(|| {
            tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .thread_name("trialscope-io")
                .enable_all()
                .build()
                .map_err(|source| source.to_string())
        })
        .as_ref()
        .map_err(Clone::clone)
}
