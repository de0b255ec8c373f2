//! Everything a trial says, as text to compare.

use std::fmt::Write;

use trialscope_store::{NameQuery, Trial};
use trialscope_tensor::Mode;

pub(crate) fn picture(trial: &Trial) -> String {
    let mut text = String::new();
    let mut line = |what: &dyn std::fmt::Debug| writeln!(text, "{what:?}").unwrap();
    line(&trial.problems());
    line(&(trial.is_complete(), trial.last_complete_step(), trial.num_workers(), trial.workers()));
    line(&(trial.collections(), trial.last_saved_steps(), trial.modes(), trial.feature_names()));
    for mode in Mode::ALL {
        line(&(mode, trial.steps(mode, false), trial.steps(mode, true)));
        line(&trial.tensor_names(&NameQuery { mode, ..NameQuery::default() }));
        for step in trial.steps(mode, true) {
            line(&(trial.global_step(mode, step), trial.availability(step, mode)));
        }
    }
    for step in trial.steps(Mode::Global, true) {
        line(&(trial.mode_step(step), trial.workers_at(step)));
    }
    for collection in trial.collections().by_name.keys() {
        line(
            &trial.tensor_names(&NameQuery { collection: Some(collection.clone()), ..NameQuery::default() }),
        );
    }
    for name in trial.tensor_names(&NameQuery::default()).unwrap() {
        let tensor = trial.tensor(name.as_str()).unwrap();
        line(&(&name, tensor.original_name()));
        for step in tensor.steps(Mode::Global, true) {
            for worker in tensor.workers(step, Mode::Global).unwrap() {
                line(&(step, &worker, tensor.value(step, Mode::Global, Some(&worker))));
                line(&tensor.saved_reductions(step, Mode::Global, Some(&worker)));
            }
        }
    }
    text
}
