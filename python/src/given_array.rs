//! Arrays the hook gives away: their memory is written to disk as it lies, without a copy.
#![expect(
    unsafe_code,
    reason = "NumPy's memory is reached through a pointer; the argument stands at its one use"
)]

use bytes::Bytes;
use pyo3::{buffer::PyUntypedBuffer, prelude::*};

/// Memory of an array, and the reference that keeps it alive.
struct GivenArray {
    _array: Py<PyAny>,
    start: *const u8,
    len: usize,
}

// SAFETY: the memory is only read, and `Py` may be dropped on any thread: without the interpreter lock the reference
// is given back later.
unsafe impl Send for GivenArray {}
// SAFETY: as above; all access is reading.
unsafe impl Sync for GivenArray {}

impl AsRef<[u8]> for GivenArray {
    fn as_ref(&self) -> &[u8] {
        if self.len == 0 {
            return &[];
        }
        // SAFETY: `start` and `len` are those of the C-contiguous buffer of `_array`, which lives as long as `self`.
        // NumPy refuses to resize an array that is referenced, and `take` has made it read-only.
        unsafe { std::slice::from_raw_parts(self.start, self.len) }
    }
}

/// The memory of a C-contiguous array; `None` where it has another layout. The array becomes read-only.
pub(crate) fn take(array: &Bound<'_, PyAny>) -> PyResult<Option<Bytes>> {
    let buffer = PyUntypedBuffer::get(array)?;
    if !buffer.is_c_contiguous() {
        return Ok(None);
    }
    let (start, len) = (buffer.buf_ptr().cast::<u8>().cast_const(), buffer.len_bytes());
    buffer.release(array.py());
    array.call_method1("setflags", (false,))?;
    Ok(Some(Bytes::from_owner(GivenArray { _array: array.clone().unbind(), start, len })))
}
