//! Reductions: one number that stands for a whole tensor.
//!
//! All of them are element-wise, whatever the rank (the norms of a matrix too, as PyTorch defines them), and are
//! accumulated in float64 in C order. The result has shape `(1,)` and the float type NumPy would give: the input's
//! own float type, float64 for integers and booleans.

use std::{fmt, str::FromStr};

use bytes::Bytes;
use half::{bf16, f16};

use crate::{Dtype, Error, Shape, Tensor};

/// A statistic over all elements of a tensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ReductionKind {
    /// Smallest element; NaN if any element is NaN.
    Min,
    /// Largest element; NaN if any element is NaN.
    Max,
    /// Arithmetic mean.
    Mean,
    /// Middle element, or the mean of the two middle ones; NaN if any element is NaN.
    Median,
    /// Population standard deviation (divisor n).
    Std,
    /// Population variance (divisor n).
    Variance,
    /// Sum.
    Sum,
    /// Product.
    Prod,
    /// Sum of magnitudes.
    L1,
    /// Square root of the sum of squares.
    L2,
}

impl ReductionKind {
    /// Every kind, in declaration order.
    pub const ALL: [Self; 10] = [
        Self::Min,
        Self::Max,
        Self::Mean,
        Self::Median,
        Self::Std,
        Self::Variance,
        Self::Sum,
        Self::Prod,
        Self::L1,
        Self::L2,
    ];

    /// The word in tensor names and configurations.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Min => "min",
            Self::Max => "max",
            Self::Mean => "mean",
            Self::Median => "median",
            Self::Std => "std",
            Self::Variance => "variance",
            Self::Sum => "sum",
            Self::Prod => "prod",
            Self::L1 => "l1",
            Self::L2 => "l2",
        }
    }

    fn of(self, values: &[f64]) -> f64 {
        match self {
            Self::Min => values.iter().copied().fold(f64::INFINITY, nan_min),
            Self::Max => -values.iter().map(|value| -value).fold(f64::INFINITY, nan_min),
            Self::Mean => mean(values),
            Self::Median => median(values),
            Self::Std => variance(values).sqrt(),
            Self::Variance => variance(values),
            Self::Sum => values.iter().sum(),
            Self::Prod => values.iter().product(),
            Self::L1 => values.iter().map(|value| value.abs()).sum(),
            Self::L2 => values.iter().map(|value| value * value).sum::<f64>().sqrt(),
        }
    }
}

/// A statistic, taken of the elements or of their magnitudes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Reduction {
    /// The statistic.
    pub kind: ReductionKind,
    /// Whether it is taken of magnitudes.
    pub abs: bool,
}

impl Reduction {
    const TENSOR_PREFIX: &'static str = "smdebug/reductions/";

    /// The name under which this reduction of `tensor` is saved.
    pub fn tensor_name(self, tensor: &str) -> String {
        format!("{}{self}/{tensor}", Self::TENSOR_PREFIX)
    }

    /// The reduction and the tensor it belongs to, where `name` is that of a saved reduction.
    pub fn split_tensor_name(name: &str) -> Option<(Self, &str)> {
        let (_, rest) = name.split_once(Self::TENSOR_PREFIX)?;
        let (reduction, tensor) = rest.split_once('/')?;
        Some((reduction.parse().ok()?, tensor))
    }
}

/// `mean`, `abs_l2`, ... as in tensor names; the spellings with `_norm` of configurations are read too.
impl FromStr for Reduction {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        let (abs, plain) = match name.strip_prefix("abs_") {
            Some(plain) => (true, plain),
            None => (false, name),
        };
        let plain = match plain {
            "l1_norm" => "l1",
            "l2_norm" => "l2",
            other => other,
        };
        ReductionKind::ALL
            .into_iter()
            .find(|kind| kind.name() == plain)
            .map(|kind| Self { kind, abs })
            .ok_or_else(|| Error::UnknownReduction { name: name.to_owned() })
    }
}

impl fmt::Display for Reduction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.abs { "abs_" } else { "" }, self.kind.name())
    }
}

/// Takes a reduction of all elements of `tensor`.
///
/// # Errors
/// [`Error::NotNumeric`] for strings and complex numbers, [`Error::Empty`] for a tensor without elements.
pub fn reduce(tensor: &Tensor, reduction: Reduction) -> Result<Tensor, Error> {
    let operation = reduction.kind.name();
    let mut values = tensor.to_f64().map_err(|_| Error::NotNumeric { operation, dtype: tensor.dtype() })?;
    if values.is_empty() {
        return Err(Error::Empty { operation });
    }
    if reduction.abs {
        for value in &mut values {
            *value = value.abs();
        }
    }
    let value = reduction.kind.of(&values);
    #[expect(clippy::cast_possible_truncation, reason = "the result keeps the input's float width")]
    let (dtype, raw) = match tensor.dtype() {
        Dtype::F16 => (Dtype::F16, f16::from_f64(value).to_le_bytes().to_vec()),
        Dtype::Bf16 => (Dtype::Bf16, bf16::from_f64(value).to_le_bytes().to_vec()),
        Dtype::F32 => (Dtype::F32, (value as f32).to_le_bytes().to_vec()),
        _ => (Dtype::F64, value.to_le_bytes().to_vec()),
    };
    Tensor::from_raw(dtype, Shape::from([1]), Bytes::from(raw))
}

fn nan_min(smallest: f64, value: f64) -> f64 {
    if smallest.is_nan() || value.is_nan() { f64::NAN } else { smallest.min(value) }
}

#[expect(clippy::cast_precision_loss, reason = "no tensor in memory has 2^53 elements")]
fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn variance(values: &[f64]) -> f64 {
    let center = mean(values);
    let squares: Vec<f64> = values.iter().map(|value| (value - center) * (value - center)).collect();
    mean(&squares)
}

fn median(values: &[f64]) -> f64 {
    if values.iter().any(|value| value.is_nan()) {
        return f64::NAN;
    }
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let upper = sorted.len() / 2;
    let at = |index: usize| sorted.get(index).copied().unwrap_or(f64::NAN);
    if sorted.len() % 2 == 1 { at(upper) } else { f64::midpoint(at(upper - 1), at(upper)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, values: &[f64], expected: f64) {
        let result = reduce(&Tensor::vector_f64(values), name.parse().unwrap()).unwrap();
        let actual = result.as_scalar().unwrap();
        assert!(
            (actual - expected).abs() < 1e-12 || (actual.is_nan() && expected.is_nan()),
            "{name}: {actual}"
        );
    }

    #[test]
    fn values_worked_out_by_hand() {
        let x = [3.0, -4.0, 0.0, 1.0];
        check("min", &x, -4.0);
        check("max", &x, 3.0);
        check("mean", &x, 0.0);
        check("median", &x, 0.5);
        check("sum", &x, 0.0);
        check("prod", &[2.0, -3.0, 4.0], -24.0);
        check("variance", &x, 6.5);
        check("std", &x, 6.5_f64.sqrt());
        check("l1", &x, 8.0);
        check("l2", &x, 26.0_f64.sqrt());
        check("abs_mean", &x, 2.0);
        check("abs_max", &x, 4.0);
        check("abs_min", &x, 0.0);
        check("max", &[f64::NAN, 1.0], f64::NAN);
        check("median", &[5.0, 1.0, 3.0], 3.0);
    }

    #[test]
    fn names_read_both_spellings() {
        let norm: Reduction = "abs_l2_norm".parse().unwrap();
        assert_eq!(norm.to_string(), "abs_l2");
        assert_eq!(norm.tensor_name("w/dense"), "smdebug/reductions/abs_l2/w/dense");
        assert_eq!(
            Reduction::split_tensor_name("smdebug/reductions/abs_l2/w/dense"),
            Some((norm, "w/dense"))
        );
        assert_eq!(Reduction::split_tensor_name("w/dense"), None);
        assert!("mode".parse::<Reduction>().is_err());
    }

    #[test]
    fn float32_stays_float32_and_integers_become_float64() {
        let half =
            Tensor::from_raw(Dtype::F32, Shape::from([2]), Bytes::from_static(&[0, 0, 0, 63, 0, 0, 0, 63]))
                .unwrap();
        assert_eq!(reduce(&half, "sum".parse().unwrap()).unwrap().dtype(), Dtype::F32);
        let bytes = Tensor::from_raw(Dtype::U8, Shape::from([2]), Bytes::from_static(&[1, 2])).unwrap();
        assert_eq!(reduce(&bytes, "mean".parse().unwrap()).unwrap(), Tensor::from_f64(1.5));
    }
}
