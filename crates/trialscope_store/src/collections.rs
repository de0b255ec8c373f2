//! The collections file: which tensors belong together, and when and in what form they are saved.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use trialscope_tensor::{Mode, Reduction, ReductionKind, Step};

use crate::{error::Error, json};

/// What a hook was asked to save: all defined collections and the number of workers that save.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Collections {
    /// By name.
    pub by_name: BTreeMap<String, Collection>,
    /// How many workers save; a step is complete when all of them have.
    pub num_workers: u64,
}

/// A named group of tensors.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Collection {
    /// Patterns in Python's syntax, searched for anywhere in a tensor name.
    pub include_regex: Vec<String>,
    /// Names that belong to it whatever the patterns say.
    pub tensor_names: BTreeSet<String>,
    /// Form in which tensors are saved; `None` for values as they are.
    pub reduction_config: Option<ReductionConfig>,
    /// When tensors are saved; `None` for the default of the hook.
    pub save_config: Option<SaveConfig>,
    /// Whether histograms are exported for TensorBoard.
    pub save_histogram: bool,
}

/// Form in which the tensors of a collection are saved.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReductionConfig {
    /// Whether the values are saved beside the reductions.
    pub save_raw_tensor: bool,
    /// Reductions to save.
    pub reductions: Vec<Reduction>,
    /// Whether the shape is saved.
    pub save_shape: bool,
}

/// When to save, by mode; a mode that is not there takes the default of the hook.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SaveConfig(pub BTreeMap<Mode, ModeSaveConfig>);

/// When to save in one mode.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModeSaveConfig {
    /// Steps divisible by it are saved; 0 saves none of them.
    pub save_interval: u64,
    /// Steps saved besides.
    #[serde(default)]
    pub save_steps: Vec<u64>,
    /// First step the interval counts for.
    #[serde(default)]
    pub start_step: u64,
    /// First step the interval no longer counts for; `None` for no end.
    #[serde(default)]
    pub end_step: Option<u64>,
}

impl ModeSaveConfig {
    /// Whether a step of this mode is saved: it is listed, or lies in the range and is divisible by the interval.
    pub fn saves(&self, step: Step) -> bool {
        let step = step.0;
        self.save_steps.contains(&step)
            || (step >= self.start_step
                && self.end_step.is_none_or(|end| step < end)
                && step.checked_rem(self.save_interval) == Some(0))
    }
}

impl SaveConfig {
    /// The same configuration for every mode.
    pub fn every_mode(config: &ModeSaveConfig) -> Self {
        Self(Mode::ALL.into_iter().map(|mode| (mode, config.clone())).collect())
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    collections: BTreeMap<String, RawCollection>,
    #[serde(rename = "_meta")]
    meta: RawMeta,
}

#[derive(Serialize, Deserialize)]
struct RawMeta {
    num_workers: u64,
    #[serde(default, skip_serializing)]
    crc32c: Option<String>,
}

/// A collection as JSON has it.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct RawCollection {
    name: String,
    #[serde(default)]
    include_regex: Vec<String>,
    #[serde(default)]
    tensor_names: BTreeSet<String>,
    #[serde(default)]
    reduction_config: Option<RawReductionConfig>,
    #[serde(default)]
    save_config: Option<BTreeMap<String, Option<ModeSaveConfig>>>,
    #[serde(default = "yes")]
    save_histogram: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct RawReductionConfig {
    #[serde(default)]
    save_raw_tensor: bool,
    #[serde(default)]
    reductions: String,
    #[serde(default)]
    save_shape: bool,
}

const CLOSING: &str = "}}";

impl Collections {
    /// Reads a collections file. `path` is for messages.
    ///
    /// # Errors
    /// [`Error::Damaged`] for text that is not JSON, not in the schema or does not match its own checksum.
    pub fn parse(text: &[u8], path: &str) -> Result<Self, Error> {
        let raw: RawFile =
            json::parse_sealed(text, path, CLOSING, |raw: &RawFile| raw.meta.crc32c.is_some())?;
        let damaged = |reason: String| Error::Damaged { path: path.to_owned(), offset: 0, reason };
        let mut by_name = BTreeMap::new();
        for (name, collection) in raw.collections {
            let collection =
                collection.check().map_err(|reason| damaged(format!("collection {name:?}: {reason}")))?;
            by_name.insert(name, collection);
        }
        Ok(Self { by_name, num_workers: raw.meta.num_workers.max(1) })
    }

    /// Reads one collection in the form it has in a collections file.
    ///
    /// # Errors
    /// [`Error::Damaged`] with "configuration" as the path and the place of the fault.
    pub fn parse_one(text: &str) -> Result<(String, Collection), Error> {
        let damaged =
            |offset: u64, reason: String| Error::Damaged { path: "configuration".to_owned(), offset, reason };
        let raw: RawCollection = serde_json::from_str(text)
            .map_err(|e| damaged(json::error_offset(text.as_bytes(), &e), e.to_string()))?;
        let name = raw.name.clone();
        Ok((name, raw.check().map_err(|reason| damaged(0, reason))?))
    }

    /// The text of the file, sealed with its checksum.
    ///
    /// # Errors
    /// [`Error::Damaged`] never in practice: only where the JSON writer itself fails.
    pub fn to_json(&self, path: &str) -> Result<Vec<u8>, Error> {
        let raw = RawFile {
            collections: self
                .by_name
                .iter()
                .map(|(name, collection)| (name.clone(), RawCollection::new(name, collection)))
                .collect(),
            meta: RawMeta { num_workers: self.num_workers, crc32c: None },
        };
        json::to_sealed(&raw, path, CLOSING)
    }
}

impl RawCollection {
    fn new(name: &str, collection: &Collection) -> Self {
        Self {
            name: name.to_owned(),
            include_regex: collection.include_regex.clone(),
            tensor_names: collection.tensor_names.clone(),
            reduction_config: collection.reduction_config.as_ref().map(RawReductionConfig::from),
            save_config: collection.save_config.as_ref().map(|config| {
                Mode::ALL.iter().map(|mode| (mode.name().to_owned(), config.0.get(mode).cloned())).collect()
            }),
            save_histogram: collection.save_histogram,
        }
    }

    fn check(self) -> Result<Collection, String> {
        let save_config = match self.save_config {
            None => None,
            Some(by_mode) => {
                let mut config = BTreeMap::new();
                for (mode, mode_config) in by_mode {
                    let mode: Mode = mode.parse().map_err(|e: trialscope_tensor::Error| e.to_string())?;
                    if let Some(mode_config) = mode_config {
                        config.insert(mode, mode_config);
                    }
                }
                Some(SaveConfig(config))
            }
        };
        Ok(Collection {
            include_regex: self.include_regex,
            tensor_names: self.tensor_names,
            reduction_config: self.reduction_config.map(RawReductionConfig::check).transpose()?,
            save_config,
            save_histogram: self.save_histogram,
        })
    }
}

impl RawReductionConfig {
    fn check(self) -> Result<ReductionConfig, String> {
        let reductions = self
            .reductions
            .split(',')
            .map(str::trim)
            .filter(|word| !word.is_empty())
            .map(|word| word.parse().map_err(|e: trialscope_tensor::Error| e.to_string()))
            .collect::<Result<_, String>>()?;
        Ok(ReductionConfig { save_raw_tensor: self.save_raw_tensor, reductions, save_shape: self.save_shape })
    }
}

impl From<&ReductionConfig> for RawReductionConfig {
    fn from(config: &ReductionConfig) -> Self {
        let words: Vec<String> = config
            .reductions
            .iter()
            .map(|reduction| match reduction.kind {
                ReductionKind::L1 | ReductionKind::L2 => format!("{reduction}_norm"),
                _ => reduction.to_string(),
            })
            .collect();
        Self {
            save_raw_tensor: config.save_raw_tensor,
            reductions: words.join(","),
            save_shape: config.save_shape,
        }
    }
}

fn yes() -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMDEBUG: &str = r#"{"collections": {"losses": {"name": "losses", "include_regex": ["^[a-zA-z]+-.+(?<!(auc|map))$"], "tensor_names": ["train-logloss"], "reduction_config": {"save_raw_tensor": true, "reductions": "min,l1_norm,abs_mean,abs_l2_norm", "save_shape": false}, "save_config": {"TRAIN": {"save_interval": 5, "save_steps": [7], "start_step": 0, "end_step": null}, "EVAL": null}, "save_histogram": false}}, "_meta": {"num_workers": 2}}"#;

    #[test]
    fn a_file_of_smdebug_reads_and_survives_ours() {
        let read = Collections::parse(SMDEBUG.as_bytes(), "c").unwrap();
        assert_eq!(read.num_workers, 2);
        let losses = &read.by_name["losses"];
        let words: Vec<_> =
            losses.reduction_config.as_ref().unwrap().reductions.iter().map(ToString::to_string).collect();
        assert_eq!(words, ["min", "l1", "abs_mean", "abs_l2"]);
        assert_eq!(losses.save_config.as_ref().unwrap().0.len(), 1);
        let ours = read.to_json("c").unwrap();
        assert!(String::from_utf8(ours.clone()).unwrap().contains(r#""min,l1_norm,abs_mean,abs_l2_norm""#));
        assert_eq!(Collections::parse(&ours, "c").unwrap(), read);
    }

    #[test]
    fn foreign_keys_and_damage_are_refused() {
        assert!(
            Collections::parse(br#"{"collections": {}, "_meta": {"num_workers": 1}, "x": 1}"#, "c").is_err()
        );
        assert!(Collections::parse(&SMDEBUG.as_bytes()[..60], "c").is_err());
    }

    #[test]
    fn no_flipped_bit_passes() {
        let original = Collections::parse(SMDEBUG.as_bytes(), "c").unwrap();
        let text = original.to_json("c").unwrap();
        for bit in 0..text.len() * 8 {
            let mut flipped = text.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            if let Ok(read) = Collections::parse(&flipped, "c") {
                assert_eq!(read, original, "bit {bit}");
            }
        }
    }

    #[test]
    fn saved_steps_are_the_union_of_list_and_interval() {
        let config =
            ModeSaveConfig { save_interval: 4, save_steps: vec![1, 7], start_step: 0, end_step: Some(9) };
        let saved: Vec<u64> = (0..14).filter(|&step| config.saves(Step(step))).collect();
        assert_eq!(saved, [0, 1, 4, 7, 8]);
        let never = ModeSaveConfig { end_step: Some(0), save_steps: vec![], ..config };
        assert!(!(0..20).any(|step| never.saves(Step(step))));
    }
}
