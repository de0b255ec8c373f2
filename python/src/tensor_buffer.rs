//! Values of a tensor as a read-only Python buffer: NumPy looks at them where they lie, in a memory map or in memory.
#![expect(unsafe_code, reason = "the buffer protocol is a C interface; the argument stands at its one use")]

use std::ffi::{c_int, c_void};

use bytes::Bytes;
use pyo3::{exceptions::PyBufferError, ffi, prelude::*};

/// Raw little-endian values in C order; `numpy.frombuffer` takes it without a copy.
#[pyclass(frozen, module = "trialscope._native")]
pub(crate) struct TensorBuffer {
    values: Bytes,
}

impl TensorBuffer {
    pub(crate) fn new(values: Bytes) -> Self {
        Self { values }
    }
}

#[pymethods]
impl TensorBuffer {
    fn __len__(&self) -> usize {
        self.values.len()
    }

    // SAFETY: `PyBuffer_FillInfo` stores the pointer and the owner in `view` and takes a reference to the owner, so
    // the bytes outlive every view of them. They are never written, here or by the viewer: the view is read-only.
    #[expect(clippy::needless_pass_by_value, reason = "the signature is that of the buffer protocol")]
    unsafe fn __getbuffer__(slf: Bound<'_, Self>, view: *mut ffi::Py_buffer, flags: c_int) -> PyResult<()> {
        if view.is_null() {
            return Err(PyBufferError::new_err("no view to fill"));
        }
        let values = &slf.get().values;
        let length = ffi::Py_ssize_t::try_from(values.len())
            .map_err(|_| PyBufferError::new_err("too many bytes for a buffer"))?;
        let read_only = 1;
        let status = unsafe {
            ffi::PyBuffer_FillInfo(
                view,
                slf.as_ptr(),
                values.as_ptr().cast::<c_void>().cast_mut(),
                length,
                read_only,
                flags,
            )
        };
        if status == 0 { Ok(()) } else { Err(PyErr::fetch(slf.py())) }
    }
}
