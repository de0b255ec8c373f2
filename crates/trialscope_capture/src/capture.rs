use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::JoinHandle,
    time::Duration,
};

use trialscope_store::{ExistingStep, Storage, TrialWriter};
use trialscope_tensor::{Mode, Step, Tensor, TensorName};

use crate::{
    background::{self, Job, SharedSummary},
    config::CaptureConfig,
    error::Error,
    plan::{PlannedStep, PlannedTensor},
    queue::Queue,
    selection::{Form, Selection},
    summary::Summary,
    termination,
};

/// The open write side of a training.
///
/// Shared between the training thread and whoever flushes at the end of the process. In a forked child it does
/// nothing: the writer thread lives in the parent.
#[derive(Debug)]
pub struct Capture {
    selection: Mutex<SelectionState>,
    queue: Arc<Queue<Job>>,
    summary: SharedSummary,
    thread: Mutex<Option<JoinHandle<TrialWriter>>>,
    process: u32,
}

#[derive(Debug)]
struct SelectionState {
    selection: Selection,
    /// The collections file is behind what was assigned.
    stale: bool,
}

/// Something a hook has to save.
#[derive(Debug, Clone, PartialEq)]
pub enum Entry {
    /// One value under all these names; those that no collection asks for at the step are dropped.
    Tensor(Vec<TensorName>, Tensor),
    /// A value saved as it is, whatever the save configuration says.
    Always(TensorName, Tensor),
}

impl Capture {
    /// Opens a trial for writing and starts the writer thread.
    ///
    /// # Errors
    /// [`Error::UnknownCollection`] and [`Error::Pattern`] for what cannot be saved, [`Error::Store`] where the place
    /// is taken or cannot be written.
    pub fn open(location: &str, config: &CaptureConfig) -> Result<Arc<Self>, Error> {
        let selection = Selection::new(config)?;
        let storage = Storage::create(location)?;
        let writer = TrialWriter::open(storage, config.worker.clone(), config.num_workers, config.if_exists)?;
        if let Some(names) = &config.feature_names {
            writer.write_feature_names(names)?;
        }
        let queue = Arc::new(Queue::new(config.queue_bytes));
        let summary = SharedSummary::default();
        let thread = background::spawn(writer, Arc::clone(&queue), Arc::clone(&summary))?;
        let capture = Arc::new(Self {
            selection: Mutex::new(SelectionState { selection, stale: true }),
            queue,
            summary,
            thread: Mutex::new(Some(thread)),
            process: std::process::id(),
        });
        termination::register(&capture);
        Ok(capture)
    }

    /// Names of the saved collections that save at a step, sorted; empty where there is nothing to do.
    pub fn collections_at(&self, step: Step, mode: Mode) -> Vec<String> {
        lock(&self.selection).selection.at(step, mode).into_iter().map(str::to_owned).collect()
    }

    /// Whether any collection asks for a tensor at a step.
    pub fn wants(&self, name: &str, step: Step, mode: Mode) -> bool {
        lock(&self.selection).selection.form(name, 1, step, mode).is_some()
    }

    /// Makes a tensor a member of a collection, and the collection where it is new.
    pub fn assign(&self, collection: &str, tensor: &str) {
        let mut state = lock(&self.selection);
        if state.selection.assign(collection, tensor) {
            state.stale = true;
        }
    }

    /// Hands a step over. Waits only while more than the queue's bytes are on their way to disk.
    ///
    /// # Errors
    /// [`Error::Closed`] after [`Capture::close`].
    pub fn save_step(
        &self,
        step: Step,
        mode: Mode,
        mode_step: Step,
        wall_time_secs: f64,
        entries: Vec<Entry>,
        existing: ExistingStep,
    ) -> Result<(), Error> {
        if self.is_forked() {
            return Ok(());
        }
        let (planned, collections) = {
            let mut state = lock(&self.selection);
            let tensors =
                entries.into_iter().filter_map(|e| plan(e, &mut state.selection, step, mode)).collect();
            let collections = std::mem::take(&mut state.stale).then(|| state.selection.to_collections());
            (PlannedStep { step, mode, mode_step, wall_time_secs, tensors }, collections)
        };
        let closed = |what: &str| Error::Closed { what: what.to_owned(), step: step.0 };
        if let Some(collections) = collections {
            self.queue.send(Job::Collections(collections), 0).map_err(|_| closed("the collections file"))?;
        }
        if planned.tensors.is_empty() {
            return Ok(());
        }
        let size_bytes = planned.size_bytes();
        self.queue.send(Job::Step(planned, existing), size_bytes).map_err(|_| closed("what was captured"))
    }

    /// Waits until everything handed over is on disk.
    pub fn flush(&self) {
        if !self.is_forked() {
            self.queue.drain(None);
        }
    }

    pub(crate) fn flush_within(&self, timeout: Duration) -> bool {
        self.is_forked() || self.queue.drain(Some(timeout))
    }

    /// Writes what is left and stops. With `end_of_job` the trial is marked as finished; without, it stays open to be
    /// continued, as after an interruption. Closing twice is fine.
    pub fn close(&self, end_of_job: bool) -> Summary {
        if !self.is_forked() {
            self.stop(end_of_job);
        }
        self.summary()
    }

    /// What is on disk so far.
    pub fn summary(&self) -> Summary {
        background::lock(&self.summary).clone()
    }

    fn stop(&self, end_of_job: bool) {
        let Some(thread) = lock(&self.thread).take() else { return };
        let stale = {
            let mut state = lock(&self.selection);
            std::mem::take(&mut state.stale).then(|| state.selection.to_collections())
        };
        if let Some(collections) = stale {
            // Refused only where the queue is closed, and this is the one place that closes it.
            let _ = self.queue.send(Job::Collections(collections), 0);
        }
        self.queue.close();
        let problem = match thread.join() {
            Ok(writer) if end_of_job => writer.finish().err().map(|error| error.to_string()),
            Ok(_) => None,
            Err(_) => Some("the writer thread died".to_owned()),
        };
        background::lock(&self.summary).problems.extend(problem);
    }

    fn is_forked(&self) -> bool {
        std::process::id() != self.process
    }
}

fn plan(entry: Entry, selection: &mut Selection, step: Step, mode: Mode) -> Option<PlannedTensor> {
    match entry {
        Entry::Always(name, tensor) => {
            let form = Form { values: true, ..Form::default() };
            Some(PlannedTensor { name, aliases: Vec::new(), tensor, form })
        }
        Entry::Tensor(names, tensor) => {
            let mut union: Option<Form> = None;
            let mut wanted = Vec::new();
            for name in names {
                let Some(form) = selection.form(name.as_str(), tensor.num_elements(), step, mode) else {
                    continue;
                };
                wanted.push(name);
                match &mut union {
                    None => union = Some(form),
                    Some(union) => union.merge(form),
                }
            }
            let mut wanted = wanted.into_iter();
            Some(PlannedTensor { name: wanted.next()?, aliases: wanted.collect(), tensor, form: union? })
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
