//! The command line's way to write a rule: `NAME:parameter=value,parameter=value`.
//!
//! `,` and `:` separate parameters only where `parameter=` follows, so that lists (`collection_names=losses,metrics`)
//! and most regular expressions (`a{1,3}`, `(?:a|b)`) need no quoting. Where a separator followed by `word=` belongs to
//! a value it is written `\,` or `\:`; no other backslash is touched. A value may also be JSON: a string, or a list of
//! strings.

use serde_json::{Map, Value};

use crate::Error;

/// Takes a specification apart: the rule's name and the values as text or JSON, unchecked.
pub(crate) fn parse(spec: &str) -> Result<(&str, Map<String, Value>), Error> {
    let bad = |message: &str, rest: &str| Error::BadSpec {
        spec: spec.to_owned(),
        message: message.to_owned(),
        position: spec.chars().count() - rest.chars().count() + 1,
    };
    let (rule, mut rest) = match spec.split_once(':') {
        Some((rule, rest)) => (rule.trim(), Some(rest)),
        None => (spec.trim(), None),
    };
    if rule.is_empty() {
        return Err(bad("the name of a rule is missing", spec));
    }
    let mut values = Map::new();
    while let Some(text) = rest {
        let (name, text) = parameter_start(text).ok_or_else(|| bad("expected parameter=value", text))?;
        let (value, after) = value(text);
        if values.insert(name.to_owned(), value).is_some() {
            return Err(Error::DuplicateParameter { rule: rule.to_owned(), parameter: name.to_owned() });
        }
        rest = after;
    }
    Ok((rule, values))
}

/// The parameter's name and what follows the equals sign.
fn parameter_start(text: &str) -> Option<(&str, &str)> {
    let (name, rest) = text.split_once('=')?;
    let name = name.trim();
    let mut chars = name.chars();
    let word = chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_');
    word.then_some((name, rest))
}

/// What follows a separator at the start of `text`, if it is one.
fn after_separator(text: &str) -> Option<&str> {
    let rest = text.strip_prefix([',', ':'])?;
    parameter_start(rest).map(|_| rest)
}

/// The value at the start of `text`, and the parameters after it, if any.
fn value(text: &str) -> (Value, Option<&str>) {
    json_value(text).unwrap_or_else(|| plain_value(text))
}

fn json_value(text: &str) -> Option<(Value, Option<&str>)> {
    if !text.starts_with(['[', '"']) {
        return None;
    }
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    let value = stream.next()?.ok()?;
    let strings = match &value {
        Value::Array(items) => items.iter().all(Value::is_string),
        other => other.is_string(),
    };
    let rest = text.get(stream.byte_offset()..)?;
    let after = after_separator(rest);
    (strings && (rest.is_empty() || after.is_some())).then_some((value, after))
}

fn plain_value(text: &str) -> (Value, Option<&str>) {
    let mut value = String::new();
    let mut rest = text;
    loop {
        if let Some(escaped) = rest.strip_prefix('\\').filter(|escaped| escaped.starts_with([',', ':'])) {
            value.extend(escaped.chars().next());
            rest = escaped.get(1..).unwrap_or_default();
        } else if let Some(after) = after_separator(rest) {
            return (Value::String(value), Some(after));
        } else {
            let mut chars = rest.chars();
            let Some(next) = chars.next() else { return (Value::String(value), None) };
            value.push(next);
            rest = chars.as_str();
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(spec: &str, rule: &str, values: &Value) {
        let (actual_rule, actual) = parse(spec).unwrap();
        assert_eq!((actual_rule, Value::Object(actual)), (rule, values.clone()), "{spec}");
    }

    #[test]
    fn parameters_are_separated_by_commas_or_colons() {
        check("Overfit", "Overfit", &json!({}));
        check("L:num_steps=10", "L", &json!({ "num_steps": "10" }));
        check("L:a=10,b=0.5", "L", &json!({ "a": "10", "b": "0.5" }));
        check("L:a=10:b=0.5", "L", &json!({ "a": "10", "b": "0.5" }));
        check("L: a = 10, b=x", "L", &json!({ "a": " 10", "b": "x" }));
        check("L:a=", "L", &json!({ "a": "" }));
    }

    #[test]
    fn separators_inside_values_stay() {
        check("L:names=losses,metrics,n=3", "L", &json!({ "names": "losses,metrics", "n": "3" }));
        check(r"L:r=^a{1,3}$,n=3", "L", &json!({ "r": "^a{1,3}$", "n": "3" }));
        check(r"L:r=(?:a|b)\d:n=3", "L", &json!({ "r": r"(?:a|b)\d", "n": "3" }));
        check(r"L:r=a\,b=c,n=3", "L", &json!({ "r": "a,b=c", "n": "3" }));
        check(r"L:r=(?<=x)y\:k=v", "L", &json!({ "r": "(?<=x)y:k=v" }));
        check("L:r=[a-z]+,n=3", "L", &json!({ "r": "[a-z]+", "n": "3" }));
        check("L:r=größe,n=3", "L", &json!({ "r": "größe", "n": "3" }));
    }

    #[test]
    fn json_is_taken_as_it_is() {
        check(r#"L:r=["a,b=1", "c"],n=3"#, "L", &json!({ "r": ["a,b=1", "c"], "n": "3" }));
        check(r#"L:r="a,b=1":n=3"#, "L", &json!({ "r": "a,b=1", "n": "3" }));
        // A character class that happens to be JSON is a pattern all the same.
        check("L:r=[1],n=3", "L", &json!({ "r": "[1]", "n": "3" }));
    }

    #[test]
    fn mistakes_are_located() {
        assert_eq!(
            parse("L:num_steps").unwrap_err().to_string(),
            r#"rule specification "L:num_steps": expected parameter=value, at character 3"#
        );
        assert!(
            parse(":a=1").unwrap_err().to_string().contains("the name of a rule is missing, at character 1")
        );
        assert!(matches!(parse("L:a=1,a=2"), Err(Error::DuplicateParameter { .. })));
    }
}
