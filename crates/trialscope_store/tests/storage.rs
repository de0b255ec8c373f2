//! What every storage promises, checked on each kind.
#![expect(clippy::unwrap_used, reason = "a test that meets the unexpected fails")]

use bytes::Bytes;
use trialscope_store::{Error, Storage};

#[test]
fn memory_conforms() {
    conforms(&Storage::memory());
}

#[test]
fn a_local_folder_conforms() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("runs/a trial__with (odd) näme");
    conforms(&Storage::create(place.to_str().unwrap()).unwrap());
}

#[test]
fn a_file_url_conforms() {
    let folder = tempfile::tempdir().unwrap();
    conforms(&Storage::create(&format!("file://{}/trial", folder.path().display())).unwrap());
}

fn conforms(storage: &Storage) {
    an_empty_place(storage);
    what_is_put_is_found(storage);
    ranges(storage);
    replacing(storage);
    listing(storage);
    odd_names(storage);
    deleting(storage);
}

fn an_empty_place(storage: &Storage) {
    assert_eq!(storage.list("index").unwrap(), []);
    assert_eq!(storage.list_folders("index").unwrap(), Vec::<String>::new());
    assert!(!storage.exists("training_job_end.ts").unwrap());
    assert_eq!(storage.size_bytes("training_job_end.ts").unwrap(), None);
    let missing = |error: Error| matches!(error, Error::FileMissing { path, .. } if path == "a/b");
    assert!(missing(storage.get("a/b").unwrap_err()));
    assert!(missing(storage.map("a/b").unwrap_err()));
    assert!(missing(storage.get_range("a/b", 0, 1).unwrap_err()));
}

fn what_is_put_is_found(storage: &Storage) {
    let chunks = vec![Bytes::from_static(b"one "), Bytes::new(), Bytes::from_static(b"two")];
    storage.put("events/1/_job-x_GPU-0.tfevents", chunks).unwrap();
    assert_eq!(storage.get("events/1/_job-x_GPU-0.tfevents").unwrap(), "one two");
    assert_eq!(storage.size_bytes("events/1/_job-x_GPU-0.tfevents").unwrap(), Some(7));
    storage.put("training_job_end.ts", Vec::new()).unwrap();
    assert_eq!(storage.get("training_job_end.ts").unwrap(), "");
    assert_eq!(storage.map("training_job_end.ts").unwrap(), "");
    assert!(storage.exists("training_job_end.ts").unwrap());
    // Large enough for a map on a local disk.
    let large = Bytes::from(vec![7_u8; 3_000_000]);
    storage.put("events/2/large", vec![large.clone()]).unwrap();
    assert_eq!(storage.map("events/2/large").unwrap(), large);
    assert_eq!(storage.get("events/2/large").unwrap(), large);
}

fn ranges(storage: &Storage) {
    storage.put("r", vec![Bytes::from_static(b"0123456789")]).unwrap();
    assert_eq!(storage.get_range("r", 3, 4).unwrap(), "3456");
    assert_eq!(storage.get_range("r", 0, 10).unwrap(), "0123456789");
    // Stores may hand out what there is or refuse; nothing may be made up.
    match storage.get_range("r", 8, 4) {
        Ok(bytes) => assert_eq!(bytes, "89"),
        Err(error) => assert!(matches!(error, Error::Storage { .. }), "{error}"),
    }
}

fn replacing(storage: &Storage) {
    storage.put("x/file", vec!["old, longer".into()]).unwrap();
    let before = storage.list("x").unwrap();
    assert_eq!(before, storage.list("x").unwrap());
    let mapped = storage.map("x/file").unwrap();
    storage.put("x/file", vec!["new".into()]).unwrap();
    assert_eq!(storage.get("x/file").unwrap(), "new");
    assert_eq!(mapped, "old, longer", "who holds the old content keeps it");
    // Of the same length, so that only the revision can tell.
    let after = storage.list("x").unwrap();
    storage.put("x/file", vec!["net".into()]).unwrap();
    let last = storage.list("x").unwrap();
    assert_eq!(after.first().unwrap().size_bytes, last.first().unwrap().size_bytes);
    assert_ne!(after.first().unwrap().revision, last.first().unwrap().revision);
    assert_ne!(before.first().unwrap().revision, after.first().unwrap().revision);
}

fn listing(storage: &Storage) {
    for path in ["index/000000001/b", "index/000000000/c", "index/000000000/a", "index_of_something_else/x"] {
        storage.put(path, vec!["12345".into()]).unwrap();
    }
    let files = storage.list("index").unwrap();
    let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(paths, ["index/000000000/a", "index/000000000/c", "index/000000001/b"]);
    assert!(files.iter().all(|file| file.size_bytes == 5));
    assert_eq!(storage.list_folders("index").unwrap(), ["index/000000000", "index/000000001"]);
    assert_eq!(storage.list("index/000000001").unwrap().len(), 1);
}

/// Names are kept as they are: workers may be called anything that a file can.
fn odd_names(storage: &Storage) {
    let path = "odd/000000000001_algo-1 [x]~{y}%20#ü.json";
    storage.put(path, vec!["odd".into()]).unwrap();
    assert_eq!(storage.get(path).unwrap(), "odd");
    let files = storage.list("odd").unwrap();
    assert_eq!(files.iter().map(|file| file.path.as_str()).collect::<Vec<_>>(), [path]);
    storage.delete(&[path.to_owned()]).unwrap();
    assert!(!storage.exists(path).unwrap());
}

fn deleting(storage: &Storage) {
    let paths = ["index/000000000/a".to_owned(), "index/000000000/is-not-there".to_owned()];
    storage.delete(&paths).unwrap();
    assert_eq!(storage.list("index/000000000").unwrap().len(), 1);
    storage.delete(&[]).unwrap();
}
