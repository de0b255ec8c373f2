//! A trial of smdebug with what its reader returned.

use std::{
    collections::BTreeMap,
    fmt::Write,
    path::{Path, PathBuf},
};

use serde_json::Value as Json;
use sha2::{Digest, Sha256};
use trialscope_store::{OpenOptions, Storage, Trial};
use trialscope_tensor::{Mode, Step};

pub(crate) struct Fixture {
    pub(crate) name: String,
    pub(crate) expected: Json,
    folder: PathBuf,
}

impl Fixture {
    pub(crate) fn bundled(name: &str) -> Self {
        Self::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures"), name)
    }

    pub(crate) fn shared(name: &str) -> Option<Self> {
        let shared = std::env::var_os("TRIALSCOPE_SHARED")
            .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
        let fixtures = shared.join("fixtures/smdebug-1.0.34");
        fixtures.join(name).is_dir().then(|| Self::load(&fixtures, name))
    }

    fn load(fixtures: &Path, name: &str) -> Self {
        let folder = fixtures.join(name);
        let text = std::fs::read(folder.join("expected.json")).unwrap();
        Self { name: name.to_owned(), expected: serde_json::from_slice(&text).unwrap(), folder }
    }

    pub(crate) fn open(&self) -> Trial {
        let storage = Storage::open(self.folder.join("trial").to_str().unwrap()).unwrap();
        Trial::open(storage, OpenOptions::default()).unwrap()
    }

    /// The tree is the one that smdebug wrote.
    pub(crate) fn check_files(&self) {
        for (path, expected) in self.expected["files"].as_object().unwrap() {
            let bytes = std::fs::read(self.folder.join("trial").join(path)).unwrap();
            assert_eq!(sha256(&bytes), expected["sha256"], "{path}");
        }
    }

    /// A table of steps per mode; modes that are not there have none.
    pub(crate) fn steps_by_mode(table: &Json) -> BTreeMap<Mode, Vec<u64>> {
        Mode::ALL
            .into_iter()
            .map(|mode| {
                let steps = table.get(mode.name()).and_then(Json::as_array);
                (mode, steps.into_iter().flatten().map(|step| step.as_u64().unwrap()).collect())
            })
            .collect()
    }
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut digits, byte| {
        write!(digits, "{byte:02x}").unwrap();
        digits
    })
}

pub(crate) fn strings(list: &Json) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
}

pub(crate) fn numbers(steps: &[Step]) -> Vec<u64> {
    steps.iter().map(|step| step.0).collect()
}
