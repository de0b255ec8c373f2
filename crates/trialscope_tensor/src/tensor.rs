use bytes::Bytes;

use crate::{Dtype, Error, Shape, elements};

/// A dense array: element type, shape and values in C order, little-endian.
///
/// Cloning shares the values. Values read from disk may lie in a memory map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tensor {
    dtype: Dtype,
    shape: Shape,
    data: Data,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Data {
    Raw(Bytes),
    Strings(std::sync::Arc<[String]>),
}

impl Tensor {
    /// Takes values as little-endian bytes in C order.
    ///
    /// # Errors
    /// [`Error::ByteLength`] where `raw` does not fill `shape` exactly, [`Error::StringsAsBytes`] for strings,
    /// [`Error::ShapeOverflow`] where the shape has more bytes than 64 bits can count.
    pub fn from_raw(dtype: Dtype, shape: Shape, raw: Bytes) -> Result<Self, Error> {
        let size = dtype.size_bytes().ok_or(Error::StringsAsBytes)?;
        let expected = shape
            .num_elements()
            .and_then(|count| count.checked_mul(size))
            .ok_or_else(|| Error::ShapeOverflow { shape: shape.clone() })?;
        let actual = raw.len() as u64;
        if expected != actual {
            return Err(Error::ByteLength { dtype, shape, expected, actual });
        }
        Ok(Self { dtype, shape, data: Data::Raw(raw) })
    }

    /// Takes strings in C order.
    ///
    /// # Errors
    /// [`Error::StringCount`] where they do not fill `shape` exactly.
    pub fn from_strings(shape: Shape, strings: Vec<String>) -> Result<Self, Error> {
        let actual = strings.len() as u64;
        match shape.num_elements() {
            Some(expected) if expected == actual => {
                Ok(Self { dtype: Dtype::Str, shape, data: Data::Strings(strings.into()) })
            }
            Some(expected) => Err(Error::StringCount { shape, expected, actual }),
            None => Err(Error::ShapeOverflow { shape }),
        }
    }

    /// One float64 of shape `(1,)`, the form every saved scalar has.
    pub fn from_f64(value: f64) -> Self {
        Self::vector_f64(&[value])
    }

    /// A float64 vector of shape `(values.len(),)`.
    pub fn vector_f64(values: &[f64]) -> Self {
        let raw: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        Self { dtype: Dtype::F64, shape: Shape::from([values.len() as u64]), data: Data::Raw(raw.into()) }
    }

    /// Element type.
    pub fn dtype(&self) -> Dtype {
        self.dtype
    }

    /// Lengths of the axes.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// Number of elements.
    pub fn num_elements(&self) -> u64 {
        match &self.data {
            Data::Raw(raw) => raw.len() as u64 / self.dtype.size_bytes().unwrap_or(1),
            Data::Strings(strings) => strings.len() as u64,
        }
    }

    /// The values as little-endian bytes in C order; `None` for strings.
    pub fn raw(&self) -> Option<&Bytes> {
        match &self.data {
            Data::Raw(raw) => Some(raw),
            Data::Strings(_) => None,
        }
    }

    /// The strings in C order; `None` for anything else.
    pub fn strings(&self) -> Option<&[String]> {
        match &self.data {
            Data::Raw(_) => None,
            Data::Strings(strings) => Some(strings),
        }
    }

    /// Bytes the values take in memory.
    pub fn size_bytes(&self) -> u64 {
        match &self.data {
            Data::Raw(raw) => raw.len() as u64,
            Data::Strings(strings) => strings.iter().map(|text| text.len() as u64).sum(),
        }
    }

    /// The values as float64, in C order; booleans are 0 and 1. Integers beyond 2^53 are rounded.
    ///
    /// # Errors
    /// [`Error::NotNumeric`] for strings and complex numbers.
    pub fn to_f64(&self) -> Result<Vec<f64>, Error> {
        match &self.data {
            Data::Raw(raw) if self.dtype.is_real() => Ok(elements::to_f64(self.dtype, raw)),
            _ => Err(Error::NotNumeric { operation: "conversion to float64", dtype: self.dtype }),
        }
    }

    /// The one value of a tensor with one element, as float64; `None` for any other tensor.
    pub fn as_scalar(&self) -> Option<f64> {
        if self.num_elements() != 1 {
            return None;
        }
        self.to_f64().ok()?.first().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_must_fill_the_shape() {
        let error =
            Tensor::from_raw(Dtype::F32, Shape::from([2, 3]), Bytes::from_static(&[0; 20])).unwrap_err();
        assert_eq!(error.to_string(), "float32 values of shape (2, 3) take 24 bytes, got 20");
    }

    #[test]
    fn a_scalar_is_one_element_of_any_rank() {
        assert_eq!(Tensor::from_f64(2.5).as_scalar(), Some(2.5));
        let zero_d = Tensor::from_raw(Dtype::Bool, Shape::scalar(), Bytes::from_static(&[1])).unwrap();
        assert_eq!(zero_d.as_scalar(), Some(1.0));
        assert_eq!(Tensor::vector_f64(&[1.0, 2.0]).as_scalar(), None);
        assert_eq!(Tensor::from_strings(Shape::from([1]), vec!["1".into()]).unwrap().as_scalar(), None);
    }
}
