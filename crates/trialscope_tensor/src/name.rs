use std::{borrow::Borrow, fmt, sync::Arc};

use crate::Error;

/// The name of a tensor: any UTF-8 text but the empty one. Cheap to copy; never part of a path.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TensorName(Arc<str>);

impl TensorName {
    /// Takes a name.
    ///
    /// # Errors
    /// [`Error::EmptyName`] for the empty string.
    pub fn parse(name: &str) -> Result<Self, Error> {
        if name.is_empty() { Err(Error::EmptyName) } else { Ok(Self(name.into())) }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for TensorName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for TensorName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TensorName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
