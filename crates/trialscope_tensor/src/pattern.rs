//! Patterns over tensor names, in Python's syntax.
//!
//! Collections files and users write patterns for Python's `re`. The engine here reads almost the same language; the
//! two constructs it would read differently are rewritten: `[` and doubled `&` or `~` inside a character class (sets
//! of sets here, plain characters there), and `\Z`. One difference stays: `$` does not match before a final newline.

use fancy_regex::Regex;

use crate::Error;

/// A compiled pattern, looked for anywhere in a text as Python's `re.search` does.
#[derive(Debug, Clone)]
pub struct Pattern {
    source: String,
    regex: Regex,
}

impl Pattern {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// [`Error::Pattern`] where it is not a regular expression.
    pub fn parse(pattern: &str) -> Result<Self, Error> {
        let regex = Regex::new(&from_python(pattern))
            .map_err(|e| Error::Pattern { pattern: pattern.to_owned(), reason: e.to_string() })?;
        Ok(Self { source: pattern.to_owned(), regex })
    }

    /// Whether the pattern occurs in `text`.
    ///
    /// # Errors
    /// [`Error::PatternTooHard`] where it backtracks beyond all bounds.
    pub fn occurs_in(&self, text: &str) -> Result<bool, Error> {
        // Nothing else goes wrong once an expression is compiled.
        self.regex
            .is_match(text)
            .map_err(|_| Error::PatternTooHard { pattern: self.source.clone(), text: text.to_owned() })
    }

    /// The pattern as it was written.
    pub fn as_str(&self) -> &str {
        &self.source
    }
}

fn from_python(pattern: &str) -> String {
    let mut rewritten = String::with_capacity(pattern.len() + 8);
    let mut characters = pattern.chars().peekable();
    let mut in_class = false;
    while let Some(character) = characters.next() {
        match character {
            '\\' => {
                rewritten.push('\\');
                match characters.next() {
                    Some('Z') if !in_class => rewritten.push('z'),
                    Some(escaped) => rewritten.push(escaped),
                    None => {}
                }
            }
            '[' if !in_class => {
                in_class = true;
                rewritten.push('[');
                if characters.next_if_eq(&'^').is_some() {
                    rewritten.push('^');
                }
                // A bracket that closes nothing stands for itself.
                if characters.next_if_eq(&']').is_some() {
                    rewritten.push_str("\\]");
                }
            }
            ']' => {
                in_class = false;
                rewritten.push(']');
            }
            '[' | '&' | '~' if in_class => {
                rewritten.push('\\');
                rewritten.push(character);
            }
            other => rewritten.push(other),
        }
    }
    rewritten
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected answers are those of Python 3.11's `re.search`.
    #[test]
    fn searches_as_python_does() {
        let check = |pattern: &str, name: &str, expected: bool| {
            let found = Pattern::parse(pattern).unwrap().occurs_in(name).unwrap();
            assert_eq!(found, expected, "{pattern:?} in {name:?}");
        };
        check("^[a-zA-z]+-.+(?<!(auc|map))$", "train-logloss", true);
        check("^[a-zA-z]+-.+(?<!(auc|map))$", "train-auc", false);
        check("^average_shap/.*[^/bias]$", "average_shap/hours", false);
        check("^average_shap/.*[^/bias]$", "average_shap/income", true);
        check("relu", "conv/relu_1/output", true);
        check("^relu", "conv/relu_1/output", false);
        check("[[]", "w[0]", true);
        check("[a[b]", "[", true);
        check("[a&&b]", "&", true);
        check("[a~~b]", "~", true);
        check("[]a]", "]", true);
        check("[^]a]", "]", false);
        check(r"[\]x]y", "]y", true);
        check(r"a\Z", "a\n", false);
        check(r"a\Z", "ba", true);
        check("a{", "a{", true);
        check("(?P<n>a)(?P=n)", "aa", true);
        check("", "anything", true);
    }

    #[test]
    fn a_pattern_keeps_its_python_spelling() {
        assert_eq!(Pattern::parse(r"[[]a\Z").unwrap().as_str(), r"[[]a\Z");
    }

    #[test]
    fn endless_backtracking_is_an_error() {
        let pattern = Pattern::parse(r"(a)(?:\1|\1\1)*$").unwrap();
        let text = format!("{}b", "a".repeat(60));
        assert_eq!(
            pattern.occurs_in(&text),
            Err(Error::PatternTooHard { pattern: pattern.as_str().to_owned(), text: text.clone() })
        );
    }

    #[test]
    fn a_broken_pattern_is_named() {
        let error = Pattern::parse("(loss").unwrap_err().to_string();
        assert!(error.starts_with("\"(loss\" is not a valid regular expression: "), "{error}");
    }
}
