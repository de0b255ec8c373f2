//! What a trial says of itself: names, steps, modes, workers, collections, availability.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};
use trialscope_store::{Collection, NameQuery, StepState, Trial};
use trialscope_tensor::{Mode, Step, Worker};

use crate::fixture::{Fixture, numbers, strings};

pub(crate) fn check(fixture: &Fixture, trial: &Trial) {
    let expected = &fixture.expected["trial"];
    let name = &fixture.name;
    check_names(expected, trial);
    check_steps(expected, trial);
    assert_eq!(worker_names(&trial.workers()), strings(&expected["workers"]), "{name}");
    assert_eq!(trial.num_workers(), expected["num_workers"].as_u64(), "{name}");
    assert_eq!(trial.is_complete(), expected["loaded_all_steps"].as_bool().unwrap(), "{name}");
    // smdebug says -1 before there is one.
    assert_eq!(
        trial.last_complete_step().map(|step| step.0),
        expected["last_complete_step"].as_u64(),
        "{name}"
    );
    check_collections(&expected["collections"], trial);
    if let Some(states) = fixture.expected.get("has_passed_step") {
        check_states(states, trial);
    }
}

fn check_names(expected: &Json, trial: &Trial) {
    let check = |query: &NameQuery, names: &Json| {
        let found = trial.tensor_names(query).unwrap();
        let found: Vec<&str> = found.iter().map(AsRef::as_ref).collect();
        assert_eq!(found, strings(names), "{query:?}");
    };
    check(&NameQuery::default(), &expected["tensor_names"]);
    for (step, names) in expected["tensor_names_by_step"].as_object().unwrap() {
        let step = Step(step.parse().unwrap());
        check(&NameQuery { step: Some(step), ..NameQuery::default() }, names);
        let (mode, mode_step) = trial.mode_step(step).unwrap();
        check(&NameQuery { step: Some(mode_step), mode, ..NameQuery::default() }, names);
    }
    for (mode, names) in expected["tensor_names_by_mode"].as_object().unwrap() {
        check(&NameQuery { mode: mode.parse().unwrap(), ..NameQuery::default() }, names);
    }
    for (collection, names) in expected["tensor_names_by_collection"].as_object().unwrap() {
        check(&NameQuery { collection: Some(collection.clone()), ..NameQuery::default() }, names);
    }
}

fn check_steps(expected: &Json, trial: &Trial) {
    for (key, include_incomplete) in [("steps", false), ("steps_including_incomplete", true)] {
        for (mode, steps) in Fixture::steps_by_mode(&expected[key]) {
            assert_eq!(numbers(&trial.steps(mode, include_incomplete)), steps, "{key} {mode}");
        }
    }
    let modes: BTreeSet<&str> = trial.modes().into_iter().map(Mode::name).collect();
    assert_eq!(modes, strings(&expected["modes"]).into_iter().collect());
    for (global, mode_and_step) in expected["global_step_to_mode"].as_object().unwrap() {
        let global = Step(global.parse().unwrap());
        let mode: Mode = mode_and_step[0].as_str().unwrap().parse().unwrap();
        let mode_step = Step(mode_and_step[1].as_u64().unwrap());
        assert_eq!(trial.mode_step(global), Some((mode, mode_step)));
        let found = trial.global_step(mode, if mode == Mode::Global { global } else { mode_step });
        assert_eq!(found, Some(global));
    }
    for (global, workers) in expected["workers_for_global_step"].as_object().unwrap() {
        let found = trial.workers_at(Step(global.parse().unwrap()));
        assert_eq!(worker_names(&found), strings(workers), "step {global}");
    }
}

fn check_collections(expected: &Json, trial: &Trial) {
    let read: BTreeMap<&String, Json> =
        trial.collections().by_name.iter().map(|(name, read)| (name, collection(name, read))).collect();
    let expected: BTreeMap<&String, Json> =
        expected.as_object().unwrap().iter().map(|(name, collection)| (name, collection.clone())).collect();
    assert_eq!(read, expected);
}

/// A collection in the form of a collections file.
fn collection(name: &str, read: &Collection) -> Json {
    let save_config = read.save_config.as_ref().map(|config| {
        config.0.iter().map(|(mode, config)| (mode.name(), json!(config))).collect::<BTreeMap<_, _>>()
    });
    let reduction_config = read.reduction_config.as_ref().map(|config| {
        let reductions: Vec<String> = config
            .reductions
            .iter()
            .map(|reduction| match reduction.kind.name() {
                "l1" | "l2" => format!("{reduction}_norm"),
                _ => reduction.to_string(),
            })
            .collect();
        json!({
            "save_raw_tensor": config.save_raw_tensor,
            "reductions": reductions.join(","),
            "save_shape": config.save_shape,
        })
    });
    json!({
        "name": name,
        "include_regex": read.include_regex,
        "tensor_names": read.tensor_names,
        "reduction_config": reduction_config,
        "save_config": save_config,
        "save_histogram": read.save_histogram,
    })
}

fn check_states(expected: &Json, trial: &Trial) {
    for (mode, states) in expected.as_object().unwrap() {
        for (step, state) in states.as_object().unwrap() {
            let found = match trial.availability(Step(step.parse().unwrap()), mode.parse().unwrap()) {
                StepState::Available => "AVAILABLE",
                StepState::NotYetAvailable => "NOT_YET_AVAILABLE",
                StepState::Unavailable => "UNAVAILABLE",
            };
            assert_eq!(found, state, "{mode} {step}");
        }
    }
}

fn worker_names(workers: &[Worker]) -> Vec<&str> {
    workers.iter().map(Worker::as_str).collect()
}
