//! Something that is not in order, and where.

use std::fmt;

/// One violation; the order is by place, so that reports do not depend on which check ran first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Finding {
    place: String,
    line: usize,
    message: String,
}

impl Finding {
    /// A finding about a whole file or crate.
    pub(super) fn at(place: &str, message: impl Into<String>) -> Self {
        Self { place: place.to_owned(), line: 0, message: message.into() }
    }

    /// A finding about one line, counted from 1.
    pub(super) fn on_line(place: &str, line: usize, message: impl Into<String>) -> Self {
        Self { place: place.to_owned(), line, message: message.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.place, self.message),
            line => write!(f, "{}:{line}: {}", self.place, self.message),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Finding;

    #[test]
    fn text_names_the_line_if_there_is_one() {
        assert_eq!(Finding::on_line("a.rs", 3, "odd").to_string(), "a.rs:3: odd");
        assert_eq!(Finding::at("a.rs", "odd").to_string(), "a.rs: odd");
    }
}
