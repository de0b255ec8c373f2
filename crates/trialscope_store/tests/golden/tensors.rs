//! Every tensor at every step of every worker.

use serde_json::{Value as Json, json};
use trialscope_store::{Error, TensorHandle, Trial};
use trialscope_tensor::{Dtype, Mode, Step, Tensor, Worker};

use crate::{
    fixture::{Fixture, numbers, sha256},
    known,
};

/// Compares all tensors, and returns those that differ.
pub(crate) fn check(fixture: &Fixture, trial: &Trial) -> Vec<String> {
    let mut differing = Vec::new();
    for (name, expected) in fixture.expected["tensors"].as_object().unwrap() {
        let tensor = trial.tensor(name).unwrap();
        assert_eq!(tensor.name().as_str(), name);
        assert_eq!(tensor.original_name(), expected["original_name"].as_str(), "{name}");
        for (key, include_incomplete) in [("steps", false), ("steps_including_incomplete", true)] {
            for (mode, mut steps) in Fixture::steps_by_mode(&expected[key]) {
                // smdebug compares the number of a mode step with a global step here, and so takes incomplete steps of
                // a mode for complete ones; `Trial.steps` does not.
                let complete = trial.steps(mode, include_incomplete);
                steps.retain(|&step| complete.contains(&Step(step)));
                assert_eq!(numbers(&tensor.steps(mode, include_incomplete)), steps, "{name} {key} {mode}");
            }
        }
        for (step, by_worker) in expected["values"].as_object().unwrap() {
            let step = Step(step.parse().unwrap());
            let workers: Vec<Worker> = tensor.workers(step, Mode::Global).unwrap();
            let names: Vec<&str> = workers.iter().map(Worker::as_str).collect();
            let by_worker = by_worker.as_object().unwrap();
            assert_eq!(names, by_worker.keys().collect::<Vec<_>>(), "{name} {step}");
            for worker in &workers {
                let expected = &by_worker[worker.as_str()];
                if let Some(known) = known::find(&fixture.name, name) {
                    let value = tensor.value(step, Mode::Global, Some(worker)).unwrap();
                    known.check(trial, step, &value);
                    differing.push(name.clone());
                } else {
                    check_value(&tensor, step, worker, expected);
                    check_shape(&tensor, step, worker, &expected["shape_method"]);
                }
                check_reductions(&tensor, step, worker, expected.get("saved_reductions"));
            }
            check_mode_step(trial, &tensor, step);
        }
    }
    differing.dedup();
    differing
}

fn check_value(tensor: &TensorHandle<'_>, step: Step, worker: &Worker, expected: &Json) {
    let name = tensor.name();
    match tensor.value(step, Mode::Global, Some(worker)) {
        Ok(value) => check_equal(&value, expected, &format!("{name} at {step} of {worker}")),
        Err(error @ Error::TensorUnavailableForStep { has_reductions, .. }) => {
            assert_eq!(expected["error"], "TensorUnavailableForStep", "{error}");
            let message = expected["message"].as_str().unwrap();
            assert_eq!(has_reductions, message.contains("has reductions saved"), "{error}");
        }
        Err(error) => panic!("{name} at {step}: {error}"),
    }
}

/// The same element type, shape and bytes, and the same printed values.
pub(crate) fn check_equal(value: &Tensor, expected: &Json, what: &str) {
    assert_eq!(value.dtype().name(), expected["dtype"], "{what}");
    assert_eq!(json!(value.shape().dims()), expected["shape"], "{what}");
    let digest = match value.strings() {
        Some(strings) => sha256(serde_json::to_string(strings).unwrap().as_bytes()),
        None => sha256(value.raw().unwrap()),
    };
    assert_eq!(digest, expected["sha256"], "{what}");
    let Some(elements) = elements(value) else { return };
    if let Some(all) = expected.get("values") {
        check_printed(&elements, all, what);
    } else {
        check_printed(&elements[..6], &expected["head"], what);
        check_printed(&elements[elements.len() - 3..], &expected["tail"], what);
    }
}

/// The bytes are compared already; reading decimals back may be off by a last bit.
fn check_printed(elements: &[Json], printed: &Json, what: &str) {
    let printed = printed.as_array().unwrap();
    assert_eq!(elements.len(), printed.len(), "{what}");
    for (element, printed) in elements.iter().zip(printed) {
        match (element.as_f64(), printed.as_f64()) {
            (Some(a), Some(b)) => {
                assert!((a - b).abs() <= f64::EPSILON * b.abs(), "{what}: {a} instead of {b}");
            }
            _ => assert_eq!(element, printed, "{what}"),
        }
    }
}

/// The elements as the fixtures print them; `None` for complex numbers.
fn elements(value: &Tensor) -> Option<Vec<Json>> {
    if let Some(strings) = value.strings() {
        return Some(strings.iter().map(|text| json!(text)).collect());
    }
    let numbers = value.to_f64().ok()?;
    Some(numbers.into_iter().map(|number| element(value.dtype(), number)).collect())
}

fn element(dtype: Dtype, number: f64) -> Json {
    if number.is_nan() {
        return json!("NaN");
    }
    if number.is_infinite() {
        return json!(if number > 0.0 { "Infinity" } else { "-Infinity" });
    }
    match dtype {
        Dtype::Bool => json!(number != 0.0),
        _ if dtype.is_float() => json!(number),
        // Every integer in the fixtures is below 2^53, so its text is that of a whole float64.
        _ => serde_json::from_str(&format!("{number:.0}")).unwrap(),
    }
}

fn check_shape(tensor: &TensorHandle<'_>, step: Step, worker: &Worker, expected: &Json) {
    match tensor.shape(step, Mode::Global, Some(worker)) {
        Ok(shape) => assert_eq!(json!(shape.dims()), *expected, "{}", tensor.name()),
        Err(Error::ShapeUnavailableForStep { .. }) => {
            assert_eq!(expected["error"], "ShapeUnavailableForStep", "{}", tensor.name());
        }
        Err(error) => panic!("{}: {error}", tensor.name()),
    }
}

fn check_reductions(tensor: &TensorHandle<'_>, step: Step, worker: &Worker, expected: Option<&Json>) {
    let saved = tensor.saved_reductions(step, Mode::Global, Some(worker)).unwrap();
    let expected = expected.and_then(Json::as_object).cloned().unwrap_or_default();
    assert_eq!(saved.len(), expected.len(), "{}", tensor.name());
    for (reduction, value) in saved {
        check_equal(&value, &expected[&reduction.to_string()], &format!("{reduction} of {}", tensor.name()));
    }
}

/// A step is the same, whether counted globally or in its mode.
fn check_mode_step(trial: &Trial, tensor: &TensorHandle<'_>, global: Step) {
    let (mode, mode_step) = trial.mode_step(global).unwrap();
    let text = |value: Result<Tensor, Error>| value.map_err(|_| ());
    let by_mode = text(tensor.value(mode_step, mode, None));
    // NaN differs from itself, bytes do not.
    assert!(
        by_mode == text(tensor.value(global, Mode::Global, None)),
        "{} {mode} {mode_step}",
        tensor.name()
    );
}
