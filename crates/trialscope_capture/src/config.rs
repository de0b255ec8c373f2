//! What a capture is told by the hook, as JSON.

use std::collections::BTreeMap;

use serde::Deserialize;
use trialscope_store::{Collection, Collections, IfExists, ModeSaveConfig, SaveConfig};
use trialscope_tensor::Worker;

use crate::error::Error;

/// Bytes that may wait for the disk unless the hook says otherwise.
const DEFAULT_QUEUE_BYTES: u64 = 256 * 1024 * 1024;

/// Boosting rounds between saved steps unless the hook says otherwise.
const DEFAULT_SAVE_INTERVAL: u64 = 10;

/// Everything a capture needs to know before the training starts.
#[derive(Debug, Clone)]
pub struct CaptureConfig {
    /// Who saves.
    pub worker: Worker,
    /// How many save.
    pub num_workers: u64,
    /// What to do where a trial is already.
    pub if_exists: IfExists,
    /// Bytes that may wait for the disk before the training waits too.
    pub queue_bytes: u64,
    /// Every defined collection, by name.
    pub collections: BTreeMap<String, Collection>,
    /// Names of the collections to save.
    pub include: Vec<String>,
    /// When to save collections that do not say so themselves.
    pub save_config: SaveConfig,
    /// Real feature names to keep beside the trial.
    pub feature_names: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawConfig {
    #[serde(default = "first_worker")]
    worker: String,
    #[serde(default = "one")]
    num_workers: u64,
    #[serde(default)]
    if_exists: RawIfExists,
    #[serde(default = "default_queue")]
    queue_bytes: u64,
    collections: serde_json::Map<String, serde_json::Value>,
    include: Vec<String>,
    #[serde(default)]
    save_config: Option<BTreeMap<String, Option<ModeSaveConfig>>>,
    #[serde(default)]
    feature_names: Option<Vec<String>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "lowercase")]
enum RawIfExists {
    #[default]
    Error,
    Resume,
    Overwrite,
}

impl CaptureConfig {
    /// Reads the configuration a hook hands over. Collections have the form they have in a collections file.
    ///
    /// # Errors
    /// [`Error::Config`] naming what is wrong.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        let config = |reason: String| Error::Config { reason };
        let raw: RawConfig = serde_json::from_str(text).map_err(|e| config(e.to_string()))?;
        let mut collections = BTreeMap::new();
        for (key, value) in &raw.collections {
            let (name, collection) = Collections::parse_one(&value.to_string())?;
            if name != *key {
                return Err(config(format!("collection {key:?} calls itself {name:?}")));
            }
            collections.insert(name, collection);
        }
        let default = ModeSaveConfig {
            save_interval: DEFAULT_SAVE_INTERVAL,
            save_steps: Vec::new(),
            start_step: 0,
            end_step: None,
        };
        let mut save_config = SaveConfig::every_mode(&default);
        for (mode, mode_config) in raw.save_config.unwrap_or_default() {
            if let Some(mode_config) = mode_config {
                save_config.0.insert(mode.parse()?, mode_config);
            }
        }
        Ok(Self {
            worker: Worker::parse(&raw.worker)?,
            num_workers: raw.num_workers.max(1),
            if_exists: match raw.if_exists {
                RawIfExists::Error => IfExists::Error,
                RawIfExists::Resume => IfExists::Resume,
                RawIfExists::Overwrite => IfExists::Overwrite,
            },
            queue_bytes: raw.queue_bytes,
            collections,
            include: raw.include,
            save_config,
            feature_names: raw.feature_names,
        })
    }
}

fn first_worker() -> String {
    "worker_0".to_owned()
}

fn one() -> u64 {
    1
}

fn default_queue() -> u64 {
    DEFAULT_QUEUE_BYTES
}
