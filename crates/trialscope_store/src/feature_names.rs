//! The real names of features, where the user chose to keep them beside the trial.

use serde::Deserialize;

use crate::{error::Error, json, layout, storage::Storage};

#[derive(Deserialize)]
struct RawFile {
    feature_names: Vec<String>,
}

/// The names of `f0`, `f1`, ...
///
/// [`Error::FileMissing`] where they were not kept, [`Error::Damaged`] where the file cannot be understood.
pub(crate) fn read(storage: &Storage) -> Result<Vec<String>, Error> {
    let path = layout::FEATURE_NAMES;
    let text = storage.get(path)?;
    let file: RawFile = serde_json::from_slice(&text).map_err(|e| Error::Damaged {
        path: path.to_owned(),
        offset: json::error_offset(&text, &e),
        reason: e.to_string(),
    })?;
    Ok(file.feature_names)
}
