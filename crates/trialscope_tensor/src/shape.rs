use std::fmt;

/// Lengths of the axes of a tensor, outermost first; no axes for a scalar.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Shape(Vec<u64>);

impl Shape {
    /// The shape of a scalar without axes, `()`.
    pub const fn scalar() -> Self {
        Self(Vec::new())
    }

    /// Lengths of the axes, outermost first.
    pub fn dims(&self) -> &[u64] {
        &self.0
    }

    /// Number of axes.
    pub fn rank(&self) -> usize {
        self.0.len()
    }

    /// Number of elements; `None` where it does not fit 64 bits.
    pub fn num_elements(&self) -> Option<u64> {
        // A zero anywhere means no elements, even beside lengths whose product overflows.
        if self.0.contains(&0) {
            return Some(0);
        }
        self.0.iter().try_fold(1_u64, |product, &dim| product.checked_mul(dim))
    }
}

impl From<Vec<u64>> for Shape {
    fn from(dims: Vec<u64>) -> Self {
        Self(dims)
    }
}

impl<const N: usize> From<[u64; N]> for Shape {
    fn from(dims: [u64; N]) -> Self {
        Self(dims.to_vec())
    }
}

/// As Python writes a tuple: `()`, `(3,)`, `(2, 3)`.
impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_slice() {
            [only] => write!(f, "({only},)"),
            dims => {
                f.write_str("(")?;
                for (axis, dim) in dims.iter().enumerate() {
                    if axis > 0 {
                        f.write_str(", ")?;
                    }
                    write!(f, "{dim}")?;
                }
                f.write_str(")")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_like_a_python_tuple() {
        assert_eq!(Shape::scalar().to_string(), "()");
        assert_eq!(Shape::from([3]).to_string(), "(3,)");
        assert_eq!(Shape::from([2, 3]).to_string(), "(2, 3)");
    }

    #[test]
    fn counts_elements_without_overflow() {
        assert_eq!(Shape::scalar().num_elements(), Some(1));
        assert_eq!(Shape::from([2, 0, 3]).num_elements(), Some(0));
        assert_eq!(Shape::from([u64::MAX, 2]).num_elements(), None);
        assert_eq!(Shape::from([u64::MAX, 2, 0]).num_elements(), Some(0));
    }
}
