//! Where we read more than smdebug's reader does.

use trialscope_store::Trial;
use trialscope_tensor::{Dtype, Mode, Step, Tensor};

use crate::reductions::TOLERANCE_F64;

/// A tensor smdebug's reader gets wrong, or cannot read. The values are those in the event file, taken out of its bytes
/// by hand; `None` where something else in the fixture tells them.
pub(crate) struct Known {
    fixture: &'static str,
    pub(crate) tensor: &'static str,
    dtype: Dtype,
    shape: &'static [u64],
    values: Option<&'static [f64]>,
}

const KNOWN: &[Known] = &[
    // Saved with its shape too, which hides the value from smdebug's reader. Its saved reductions tell the values.
    Known { fixture: "generic-hook", tensor: "m/both", dtype: Dtype::F64, shape: &[6], values: None },
    Known {
        fixture: "writer-dtypes",
        tensor: "t/complex64",
        dtype: Dtype::C64,
        shape: &[2],
        values: Some(&[1.0, 2.0, -0.0, -3.5]),
    },
    Known {
        fixture: "writer-dtypes",
        tensor: "t/empty_float",
        dtype: Dtype::F64,
        shape: &[0, 3],
        values: Some(&[]),
    },
    Known {
        fixture: "writer-dtypes",
        tensor: "t/empty_int32",
        dtype: Dtype::I32,
        shape: &[0],
        values: Some(&[]),
    },
    Known {
        fixture: "writer-dtypes",
        tensor: "t/int16",
        dtype: Dtype::I16,
        shape: &[2, 3],
        values: Some(&[0.0, 1.0, -2.0, 300.0, -301.0, 302.0]),
    },
    // smdebug returns uint8: 254 for -2.
    Known {
        fixture: "writer-dtypes",
        tensor: "t/int8",
        dtype: Dtype::I8,
        shape: &[2, 3],
        values: Some(&[0.0, 1.0, -2.0, 100.0, -101.0, 102.0]),
    },
    Known {
        fixture: "writer-dtypes",
        tensor: "t/uint16",
        dtype: Dtype::U16,
        shape: &[2, 3],
        values: Some(&[0.0, 1.0, 2.0, 60000.0, 60001.0, 65535.0]),
    },
    Known {
        fixture: "writer-dtypes",
        tensor: "t/uint32",
        dtype: Dtype::U32,
        shape: &[2, 3],
        values: Some(&[0.0, 1.0, 2.0, 4_000_000_000.0, 7.0, 8.0]),
    },
    Known {
        fixture: "writer-dtypes",
        tensor: "t/uint64",
        dtype: Dtype::U64,
        shape: &[2, 3],
        values: Some(&[0.0, 1.0, 2.0, 9_223_372_036_854_775_808.0, 7.0, 8.0]),
    },
];

pub(crate) fn tensors(fixture: &str) -> Vec<&'static str> {
    KNOWN.iter().filter(|known| known.fixture == fixture).map(|known| known.tensor).collect()
}

pub(crate) fn find(fixture: &str, tensor: &str) -> Option<&'static Known> {
    KNOWN.iter().find(|known| (known.fixture, known.tensor) == (fixture, tensor))
}

impl Known {
    pub(crate) fn check(&self, trial: &Trial, step: Step, value: &Tensor) {
        let tensor = self.tensor;
        assert_eq!((value.dtype(), value.shape().dims()), (self.dtype, self.shape), "{tensor}");
        if let Some(expected) = self.values {
            assert_eq!(elements(value), expected, "{tensor}");
            return;
        }
        let saved = trial.tensor(tensor).unwrap().saved_reductions(step, Mode::Global, None).unwrap();
        assert!(!saved.is_empty(), "{tensor}");
        for (reduction, expected) in saved {
            let computed = trialscope_tensor::reduce(value, reduction).unwrap().as_scalar().unwrap();
            let expected = expected.as_scalar().unwrap();
            assert!((computed - expected).abs() <= TOLERANCE_F64 * expected.abs(), "{tensor} {reduction}");
        }
    }
}

/// The elements as float64; of complex numbers real and imaginary parts in turn.
fn elements(value: &Tensor) -> Vec<f64> {
    if value.dtype() == Dtype::C64 {
        let (parts, _) = value.raw().unwrap().as_chunks::<4>();
        return parts.iter().map(|&part| f64::from(f32::from_le_bytes(part))).collect();
    }
    value.to_f64().unwrap()
}
