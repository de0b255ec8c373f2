//! Where the files of a trial lie: names and paths relative to the trial folder.
//!
//! Source: smdebug 1.0.34's layout. Steps are padded to 12 digits, index folders hold 1,000 steps each.

use std::ops::Range;

use trialscope_tensor::{Error as TensorError, Step, Worker};

/// Present when no more data will come.
pub(crate) const END_OF_JOB: &str = "training_job_end.ts";
/// Present (and locked) while a hook of a single-worker training is open.
pub(crate) const CLAIM: &str = "claim.smd";
/// Real feature names, where the user chose to keep them beside the trial.
pub(crate) const FEATURE_NAMES: &str = "feature_names.json";
pub(crate) const EVENTS: &str = "events";
pub(crate) const INDEX: &str = "index";
pub(crate) const COLLECTIONS: &str = "collections/000000000";

const STEPS_PER_INDEX_FOLDER: u64 = 1000;

pub(crate) fn event_path(step: Step, worker: &Worker) -> String {
    format!("{EVENTS}/{:012}/{}.tfevents", step.0, file_stem(step, worker))
}

pub(crate) fn index_path(step: Step, worker: &Worker) -> String {
    format!("{}/{}.json", index_folder(step), file_stem(step, worker))
}

pub(crate) fn index_folder(step: Step) -> String {
    format!("{INDEX}/{:09}", step.0 / STEPS_PER_INDEX_FOLDER)
}

/// Whether an index folder may hold steps of `range`. A folder that is none of ours may hold anything.
pub(crate) fn index_folder_meets(folder: &str, range: &Range<Step>) -> bool {
    let Ok(number) = file_name(folder).parse::<u64>() else { return true };
    let first = number.saturating_mul(STEPS_PER_INDEX_FOLDER);
    first < range.end.0 && first.saturating_add(STEPS_PER_INDEX_FOLDER) > range.start.0
}

pub(crate) fn collections_path(worker: &Worker) -> String {
    format!("{COLLECTIONS}/{}_collections.json", worker.file_part())
}

/// The step and worker an index or event file belongs to, from its file name alone; `None` for a foreign file.
///
/// Only the file name counts: a `__` elsewhere in a path says nothing about the worker.
pub(crate) fn parse_step_file(path: &str, suffix: &str) -> Option<(Step, Worker)> {
    let (step, worker) = file_name(path).strip_suffix(suffix)?.split_once('_')?;
    let all_digits = !step.is_empty() && step.bytes().all(|b| b.is_ascii_digit());
    if !all_digits {
        return None;
    }
    Some((Step(step.parse().ok()?), Worker::from_file_part(worker).ok()?))
}

/// The worker a collections file belongs to; `None` for a foreign file.
pub(crate) fn parse_collections_file(path: &str) -> Option<Result<Worker, TensorError>> {
    let worker = file_name(path).strip_suffix("_collections.json")?;
    Some(Worker::from_file_part(worker))
}

fn file_stem(step: Step, worker: &Worker) -> String {
    format!("{:012}_{}", step.0, worker.file_part())
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_of_smdebug() {
        let worker = Worker::rank(0);
        assert_eq!(event_path(Step(1234), &worker), "events/000000001234/000000001234_worker_0.tfevents");
        assert_eq!(index_path(Step(1234), &worker), "index/000000001/000000001234_worker_0.json");
        assert_eq!(collections_path(&worker), "collections/000000000/worker_0_collections.json");
    }

    #[test]
    fn device_workers_have_a_double_underscore() {
        let device = Worker::parse("/job:worker/replica:0/task:1/device:GPU:0").unwrap();
        let path = event_path(Step(5), &device);
        assert!(path.ends_with("/000000000005__job-worker_replica-0_task-1_device-GPU-0.tfevents"));
        assert_eq!(parse_step_file(&path, ".tfevents"), Some((Step(5), device)));
    }

    #[test]
    fn index_folders_outside_a_range_are_told() {
        let range = Step(1001)..Step(3000);
        let meets: Vec<bool> =
            (0..4).map(|n| index_folder_meets(&index_folder(Step(n * 1000)), &range)).collect();
        assert_eq!(meets, [false, true, true, false]);
    }

    #[test]
    fn foreign_files_are_passed_over() {
        for path in ["index/000000000/.DS_Store", "a/-00000000001_w.json", "a/12.json", "a/x_worker_0.json"] {
            assert_eq!(parse_step_file(path, ".json"), None, "{path}");
        }
        assert_eq!(
            parse_step_file("a__b/000000000007_worker_0.json", ".json"),
            Some((Step(7), Worker::rank(0)))
        );
    }
}
