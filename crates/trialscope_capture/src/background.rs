//! The writer thread.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
};

use trialscope_store::{Collections, ExistingStep, TrialWriter};

use crate::{
    error::Error,
    plan::PlannedStep,
    queue::Queue,
    summary::{LostStep, Summary},
};

/// What the writer thread is asked to do.
#[derive(Debug)]
pub(crate) enum Job {
    Collections(Collections),
    Step(PlannedStep, ExistingStep),
}

/// A summary that the writer thread fills and anybody may read.
pub(crate) type SharedSummary = Arc<Mutex<Summary>>;

/// Starts the thread; it gives the writer back when the queue is closed and empty.
pub(crate) fn spawn(
    mut writer: TrialWriter,
    queue: Arc<Queue<Job>>,
    summary: SharedSummary,
) -> Result<JoinHandle<TrialWriter>, Error> {
    thread::Builder::new()
        .name("trialscope-writer".to_owned())
        .spawn(move || {
            while let Some(job) = queue.receive() {
                perform(job, &mut writer, &summary);
            }
            writer
        })
        .map_err(|source| Error::Thread { reason: source.to_string() })
}

pub(crate) fn lock(summary: &SharedSummary) -> MutexGuard<'_, Summary> {
    summary.lock().unwrap_or_else(PoisonError::into_inner)
}

fn perform(job: Job, writer: &mut TrialWriter, summary: &SharedSummary) {
    match job {
        Job::Collections(collections) => {
            let result = writer.write_collections(&collections);
            let mut summary = lock(summary);
            match result {
                Ok(written) => summary.add(written),
                Err(error) => summary.problems.push(error.to_string()),
            }
        }
        Job::Step(planned, existing) => {
            let step = planned.step.0;
            let (record, problems) = planned.into_record();
            let result = writer.write_step(&record, existing);
            let mut summary = lock(summary);
            summary.problems.extend(problems.into_iter().map(|problem| format!("step {step}: {problem}")));
            match result {
                Ok(written) => {
                    summary.add(written);
                    if existing == ExistingStep::Replace && written.files > 0 {
                        summary.steps += 1;
                    }
                }
                Err(error) => summary.lost.push(LostStep { step, error: error.to_string() }),
            }
        }
    }
}
