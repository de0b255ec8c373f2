//! Python values to tensors.

use bytes::Bytes;
use pyo3::{
    exceptions::PyTypeError,
    prelude::*,
    pybacked::PyBackedBytes,
    types::{PyBool, PyFloat, PyInt, PyList, PyString, PyTuple},
};
use trialscope_tensor::{Dtype, Shape, Tensor};

use crate::{errors::IntoPyErr, given_array};

/// A NumPy array, a Python number or text, or a list of numbers or of texts, as a tensor. The values are copied once.
///
/// Python and NumPy scalars become shape `(1,)`, as a saved scalar has it.
pub(crate) fn to_tensor(value: &Bound<'_, PyAny>) -> PyResult<Tensor> {
    convert(value, Values::Copied)
}

/// As [`to_tensor`], but a C-contiguous array gives its memory away and becomes read-only.
pub(crate) fn take_tensor(value: &Bound<'_, PyAny>) -> PyResult<Tensor> {
    convert(value, Values::Given)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Values {
    Copied,
    Given,
}

fn convert(value: &Bound<'_, PyAny>, values: Values) -> PyResult<Tensor> {
    let py = value.py();
    if let Ok(text) = value.cast::<PyString>() {
        return strings(py, Shape::from([1]), vec![text.extract()?]);
    }
    if let Some(texts) = list_of_strings(value) {
        return strings(py, Shape::from([texts.len() as u64]), texts);
    }
    let is_scalar = value.is_instance_of::<PyBool>()
        || value.is_instance_of::<PyFloat>()
        || value.is_instance_of::<PyInt>();
    let numpy = py.import("numpy")?;
    let is_scalar = is_scalar || value.is_instance(&numpy.getattr("generic")?)?;
    let array = numpy.call_method1("asarray", (value,))?;
    let array = if is_scalar { array.call_method1("reshape", (1,))? } else { array };
    array_to_tensor(&array, values)
}

/// Each element of a one-dimensional array as a tensor of shape `(1,)`; they share one copy of the values.
pub(crate) fn to_scalars(array: &Bound<'_, PyAny>) -> PyResult<Vec<Tensor>> {
    let py = array.py();
    let all = array_to_tensor(array, Values::Copied)?;
    if let Some(texts) = all.strings() {
        return texts.iter().map(|text| strings(py, Shape::from([1]), vec![text.clone()])).collect();
    }
    let (Some(raw), Some(size)) = (all.raw(), all.dtype().size_bytes()) else { return Ok(Vec::new()) };
    let size = usize::try_from(size)?;
    (0..raw.len() / size)
        .map(|index| {
            let element = raw.slice(index * size..(index + 1) * size);
            Tensor::from_raw(all.dtype(), Shape::from([1]), element).map_err(|e| e.into_py_err(py))
        })
        .collect()
}

fn array_to_tensor(array: &Bound<'_, PyAny>, values: Values) -> PyResult<Tensor> {
    let py = array.py();
    let dims: Vec<u64> = array.getattr("shape")?.extract()?;
    let dtype = array.getattr("dtype")?;
    let kind: String = dtype.getattr("kind")?.extract()?;
    if kind == "U" || kind == "O" || kind == "T" {
        let texts: Vec<String> =
            array.call_method0("ravel")?.call_method0("tolist")?.extract().map_err(|_| {
                PyTypeError::new_err("an array of objects can be saved only if every element is a str")
            })?;
        return strings(py, Shape::from(dims), texts);
    }
    let known = dtype_of(&dtype, &kind)?;
    let byte_order: String = dtype.getattr("byteorder")?.extract()?;
    let swapped = byte_order == ">" || (byte_order == "=" && cfg!(target_endian = "big"));
    let array = if swapped { &array.call_method0("byteswap")? } else { array };
    let given = if values == Values::Given { given_array::take(array)? } else { None };
    let raw = match given {
        Some(raw) => raw,
        None => Bytes::from_owner(array.call_method0("tobytes")?.extract::<PyBackedBytes>()?),
    };
    Tensor::from_raw(known, Shape::from(dims), raw).map_err(|e| e.into_py_err(py))
}

/// By kind and size, which NumPy has at hand; its name of the type is composed anew each time.
fn dtype_of(dtype: &Bound<'_, PyAny>, kind: &str) -> PyResult<Dtype> {
    let size: u64 = dtype.getattr("itemsize")?.extract()?;
    let known = match (kind, size) {
        ("b", 1) => Some(Dtype::Bool),
        ("i", 1) => Some(Dtype::I8),
        ("i", 2) => Some(Dtype::I16),
        ("i", 4) => Some(Dtype::I32),
        ("i", 8) => Some(Dtype::I64),
        ("u", 1) => Some(Dtype::U8),
        ("u", 2) => Some(Dtype::U16),
        ("u", 4) => Some(Dtype::U32),
        ("u", 8) => Some(Dtype::U64),
        ("f", 2) => Some(Dtype::F16),
        ("f", 4) => Some(Dtype::F32),
        ("f", 8) => Some(Dtype::F64),
        ("c", 8) => Some(Dtype::C64),
        ("c", 16) => Some(Dtype::C128),
        _ => None,
    };
    if let Some(known) = known {
        return Ok(known);
    }
    let name: String = dtype.getattr("name")?.extract()?;
    match Dtype::from_name(&name) {
        Some(Dtype::Bf16) => Ok(Dtype::Bf16),
        _ => Err(PyTypeError::new_err(format!("values of type {name} cannot be saved; convert them first"))),
    }
}

fn list_of_strings(value: &Bound<'_, PyAny>) -> Option<Vec<String>> {
    let first = if let Ok(list) = value.cast::<PyList>() {
        list.get_item(0).ok()?
    } else if let Ok(tuple) = value.cast::<PyTuple>() {
        tuple.get_item(0).ok()?
    } else {
        return None;
    };
    first.is_instance_of::<PyString>().then(|| value.extract().ok()).flatten()
}

fn strings(py: Python<'_>, shape: Shape, texts: Vec<String>) -> PyResult<Tensor> {
    Tensor::from_strings(shape, texts).map_err(|e| e.into_py_err(py))
}
