//! Reductions as `reduction_value` gives them: saved ones to the bit, computed ones to a tolerance.

use serde_json::Value as Json;
use trialscope_store::{Error, Trial};
use trialscope_tensor::{Dtype, Mode, Reduction, ReductionKind};

use crate::{fixture::Fixture, known, tensors::check_equal};

/// NumPy adds float64 pairwise, we add in order.
pub(crate) const TOLERANCE_F64: f64 = 1e-12;
/// NumPy adds float32 in float32, we in float64.
const TOLERANCE_F32: f64 = 1e-5;
/// NumPy takes float16 through float16 between the steps of a variance; a result has 11 bits.
const TOLERANCE_F16: f64 = 2e-3;

pub(crate) fn check(fixture: &Fixture, trial: &Trial) {
    let mut compared = 0;
    for (name, expected) in fixture.expected["tensors"].as_object().unwrap() {
        if known::find(&fixture.name, name).is_some() {
            continue;
        }
        let tensor = trial.tensor(name).unwrap();
        let step = *tensor.steps(Mode::Global, true).last().unwrap();
        let worker = tensor.workers(step, Mode::Global).unwrap().remove(0);
        let saved = tensor.saved_reductions(step, Mode::Global, Some(&worker)).unwrap();
        let table = &expected["reduction_value_at_last_step"];
        for (word, expected) in table.as_object().unwrap() {
            let what = format!("{word} of {name}");
            let reduction: Reduction = word.parse().unwrap();
            let found = tensor.reduction(step, Mode::Global, Some(&worker), reduction);
            if saved.iter().any(|(kind, _)| *kind == reduction) {
                check_equal(&found.unwrap(), expected, &what);
                compared += 1;
                continue;
            }
            if is_not_ours(reduction, &tensor.value(step, Mode::Global, Some(&worker)), expected) {
                continue;
            }
            match found {
                Ok(found) => {
                    let scale = magnitude(&table[&Reduction { abs: true, ..reduction }.to_string()]);
                    let (found, expected) =
                        (found.as_scalar().unwrap(), (found.dtype(), number(&expected["values"][0])));
                    check_close(found, expected.1, expected.0, scale, &what);
                }
                Err(Error::TensorUnavailableForStep { .. }) => {
                    assert_eq!(expected["error"], "TensorUnavailableForStep", "{what}");
                }
                Err(error) => panic!("{what}: {error}"),
            }
            compared += 1;
        }
    }
    assert!(compared > 0, "{}", fixture.name);
}

/// What smdebug takes otherwise, or cannot take: norms of matrices and of higher ranks, norms of scalars without axes,
/// norms of float16; statistics of complex numbers and of text.
fn is_not_ours(
    reduction: Reduction,
    value: &Result<trialscope_tensor::Tensor, Error>,
    expected: &Json,
) -> bool {
    let Ok(value) = value else { return false };
    if !value.dtype().is_real() {
        return true;
    }
    let is_norm = matches!(reduction.kind, ReductionKind::L1 | ReductionKind::L2);
    is_norm && (value.shape().rank() != 1 || expected.get("error").is_some())
}

fn check_close(found: f64, expected: f64, dtype: Dtype, scale: f64, what: &str) {
    if !expected.is_finite() {
        assert_eq!(found.to_string(), expected.to_string(), "{what}");
        return;
    }
    let tolerance = match dtype {
        Dtype::F16 => TOLERANCE_F16,
        Dtype::F32 => TOLERANCE_F32,
        _ => TOLERANCE_F64,
    };
    let scale = scale.max(expected.abs());
    assert!((found - expected).abs() <= tolerance * scale, "{what}: {found} instead of {expected}");
}

/// The size of what was added up: where terms cancel, the error is relative to it.
fn magnitude(expected: &Json) -> f64 {
    let size = number(&expected["values"][0]).abs();
    if size.is_finite() { size } else { 0.0 }
}

fn number(printed: &Json) -> f64 {
    match printed {
        Json::Bool(flag) => f64::from(u8::from(*flag)),
        Json::String(text) => text.parse().unwrap(),
        Json::Null => f64::NAN,
        other => other.as_f64().unwrap(),
    }
}
