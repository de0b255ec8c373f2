use std::fmt;

use trialscope_tensor::Pattern;

use crate::Error;

/// Regular expressions in Python's syntax, each searched for anywhere in a name, as `re.search` does.
#[derive(Debug, Clone, Default)]
pub struct Patterns(Vec<Pattern>);

impl Patterns {
    /// Compiles expressions.
    ///
    /// # Errors
    /// [`Error::BadPattern`] for the first that does not compile.
    pub fn compile<S: AsRef<str>>(sources: &[S]) -> Result<Self, Error> {
        sources.iter().map(|source| parse(source.as_ref())).collect::<Result<_, _>>().map(Self)
    }

    /// Compiles the expressions that are valid and leaves out the others.
    pub fn compile_valid<S: AsRef<str>>(sources: &[S]) -> Self {
        Self(sources.iter().filter_map(|source| parse(source.as_ref()).ok()).collect())
    }

    /// Whether any of the expressions occurs in `text`.
    ///
    /// # Errors
    /// [`Error::PatternTooHard`] where an expression needs too many attempts.
    pub fn found_in(&self, text: &str) -> Result<bool, Error> {
        for pattern in &self.0 {
            let found = pattern.occurs_in(text).map_err(|_| Error::PatternTooHard {
                pattern: pattern.as_str().to_owned(),
                text: text.to_owned(),
            })?;
            if found {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The expressions as they were written.
    pub fn sources(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(Pattern::as_str)
    }

    /// Whether there is no expression at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn parse(source: &str) -> Result<Pattern, Error> {
    Pattern::parse(source).map_err(|error| match error {
        trialscope_tensor::Error::Pattern { pattern, reason } => {
            Error::BadPattern { pattern, message: reason }
        }
        other => Error::BadPattern { pattern: source.to_owned(), message: other.to_string() },
    })
}

impl PartialEq for Patterns {
    fn eq(&self, other: &Self) -> bool {
        self.sources().eq(other.sources())
    }
}

impl fmt::Display for Patterns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sources: Vec<&str> = self.sources().collect();
        f.write_str(&sources.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn searches_like_python_with_look_behind() {
        // The pattern of the `losses` collection in files written by smdebug.
        let losses = Patterns::compile(&["^[a-zA-z]+-.+(?<!(auc|map))$"]).unwrap();
        assert!(losses.found_in("train-logloss").unwrap());
        assert!(!losses.found_in("train-auc").unwrap());
        assert!(Patterns::compile(&["b"]).unwrap().found_in("abc").unwrap());
        // Inside a class, brackets and doubled signs are plain characters.
        assert!(Patterns::compile(&["[a[b]", r"x\Z"]).unwrap().found_in("[").unwrap());
    }

    #[test]
    fn a_bad_expression_is_named() {
        let error = Patterns::compile(&["a", "(b"]).unwrap_err();
        assert!(error.to_string().starts_with("\"(b\" is not a regular expression"), "{error}");
    }
}
