//! Parameter values: text and JSON become checked values here, and nowhere else.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use trialscope_tensor::nearest;

use crate::{Error, ParameterInfo, ParameterKind, Patterns};

/// The checked value of a parameter.
#[derive(Debug, Clone, PartialEq)]
pub enum ParameterValue {
    /// Not given, and there is no default.
    Unset,
    /// A whole number.
    Integer(u64),
    /// A finite number.
    Float(f64),
    /// A truth value.
    Boolean(bool),
    /// One of the words of a choice.
    Text(String),
    /// Names or regular expressions.
    List(Vec<String>),
}

/// Every parameter of a configured rule, defaults filled in.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    rule: String,
    values: BTreeMap<&'static str, ParameterValue>,
}

impl Parameters {
    /// Checks `given` against what `rule` declares and fills in defaults.
    ///
    /// A value may be JSON of the right type, or text that says it (`"10"`, `"True"`, `"a,b"`); `null`, `None` and
    /// the empty text unset a parameter that has no default.
    ///
    /// # Errors
    /// [`Error::UnknownParameter`], [`Error::BadValue`], [`Error::OutOfRange`] or [`Error::BadPattern`].
    pub fn resolve(
        rule: &str,
        declared: &[&'static ParameterInfo],
        given: &Map<String, Value>,
    ) -> Result<Self, Error> {
        let mut values: BTreeMap<&'static str, ParameterValue> =
            declared.iter().map(|info| (info.name, default(&info.kind))).collect();
        for (name, value) in given {
            let Some(info) = declared.iter().find(|info| info.name == name) else {
                let known = || declared.iter().map(|info| info.name);
                return Err(Error::UnknownParameter {
                    rule: rule.to_owned(),
                    name: name.clone(),
                    nearest: nearest(name, known()).map(str::to_owned),
                    known: known().map(str::to_owned).collect(),
                });
            };
            values.insert(info.name, check(rule, info, value)?);
        }
        Ok(Self { rule: rule.to_owned(), values })
    }

    /// Every parameter, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &ParameterValue)> {
        self.values.iter().map(|(name, value)| (*name, value))
    }

    /// A whole number that has a default or must be given.
    ///
    /// # Errors
    /// [`Error::MissingParameter`] where it is unset, [`Error::Undeclared`] where the rule declares no such integer.
    pub fn integer(&self, name: &str) -> Result<u64, Error> {
        self.optional_integer(name)?.ok_or_else(|| self.missing(name))
    }

    /// A whole number that may be unset.
    ///
    /// # Errors
    /// [`Error::Undeclared`] where the rule declares no such integer.
    pub fn optional_integer(&self, name: &str) -> Result<Option<u64>, Error> {
        match self.values.get(name) {
            Some(ParameterValue::Integer(value)) => Ok(Some(*value)),
            Some(ParameterValue::Unset) => Ok(None),
            _ => Err(self.undeclared(name)),
        }
    }

    /// A number that has a default or must be given.
    ///
    /// # Errors
    /// [`Error::MissingParameter`] where it is unset, [`Error::Undeclared`] where the rule declares no such float.
    pub fn float(&self, name: &str) -> Result<f64, Error> {
        match self.values.get(name) {
            Some(ParameterValue::Float(value)) => Ok(*value),
            Some(ParameterValue::Unset) => Err(self.missing(name)),
            _ => Err(self.undeclared(name)),
        }
    }

    /// A truth value.
    ///
    /// # Errors
    /// [`Error::Undeclared`] where the rule declares no such boolean.
    pub fn boolean(&self, name: &str) -> Result<bool, Error> {
        match self.values.get(name) {
            Some(ParameterValue::Boolean(value)) => Ok(*value),
            _ => Err(self.undeclared(name)),
        }
    }

    /// The word of a choice.
    ///
    /// # Errors
    /// [`Error::Undeclared`] where the rule declares no such choice.
    pub fn choice(&self, name: &str) -> Result<&str, Error> {
        match self.values.get(name) {
            Some(ParameterValue::Text(value)) => Ok(value),
            _ => Err(self.undeclared(name)),
        }
    }

    /// A list of names.
    ///
    /// # Errors
    /// [`Error::Undeclared`] where the rule declares no such list.
    pub fn names(&self, name: &str) -> Result<&[String], Error> {
        match self.values.get(name) {
            Some(ParameterValue::List(value)) => Ok(value),
            _ => Err(self.undeclared(name)),
        }
    }

    /// A list of regular expressions, compiled.
    ///
    /// # Errors
    /// [`Error::Undeclared`] where the rule declares no such list.
    pub fn patterns(&self, name: &str) -> Result<Patterns, Error> {
        Patterns::compile(self.names(name)?)
    }

    /// An error that says which of these parameters do not go together.
    pub fn conflict(&self, message: String) -> Error {
        Error::Conflict { rule: self.rule.clone(), message }
    }

    fn missing(&self, name: &str) -> Error {
        Error::MissingParameter { rule: self.rule.clone(), parameter: name.to_owned() }
    }

    fn undeclared(&self, name: &str) -> Error {
        Error::Undeclared { rule: self.rule.clone(), parameter: name.to_owned() }
    }
}

fn default(kind: &ParameterKind) -> ParameterValue {
    let list = |items: &[&str]| ParameterValue::List(items.iter().map(|&item| item.to_owned()).collect());
    match kind {
        ParameterKind::Integer { default, .. } => {
            default.map_or(ParameterValue::Unset, ParameterValue::Integer)
        }
        ParameterKind::Float { default, .. } => default.map_or(ParameterValue::Unset, ParameterValue::Float),
        ParameterKind::Boolean { default } => ParameterValue::Boolean(*default),
        ParameterKind::Choice { default, .. } => ParameterValue::Text((*default).to_owned()),
        ParameterKind::Names { default } | ParameterKind::Patterns { default } => list(default),
    }
}

fn check(rule: &str, info: &ParameterInfo, value: &Value) -> Result<ParameterValue, Error> {
    let shown = || value.as_str().map_or_else(|| value.to_string(), |text| format!("{text:?}"));
    let bad = |expected: &str| Error::BadValue {
        rule: rule.to_owned(),
        parameter: info.name.to_owned(),
        value: shown(),
        expected: expected.to_owned(),
    };
    let out_of_range = || Error::OutOfRange {
        rule: rule.to_owned(),
        parameter: info.name.to_owned(),
        value: value.as_str().map_or_else(|| value.to_string(), str::to_owned),
        range: info.kind.range(),
    };
    let text = value.as_str().map(str::trim);
    let unset = value.is_null() || matches!(text, Some("" | "None"));
    match &info.kind {
        ParameterKind::Integer { default: None, .. } | ParameterKind::Float { default: None, .. }
            if unset =>
        {
            Ok(ParameterValue::Unset)
        }
        ParameterKind::Integer { min, .. } => {
            if text
                .map_or_else(|| value.as_i64(), |text| text.parse().ok())
                .is_some_and(|number: i64| number < 0)
            {
                return Err(out_of_range());
            }
            let number: u64 = text
                .map_or_else(|| value.as_u64(), |text| text.parse().ok())
                .ok_or_else(|| bad("a whole number"))?;
            if number < *min { Err(out_of_range()) } else { Ok(ParameterValue::Integer(number)) }
        }
        ParameterKind::Float { range, .. } => {
            let number: f64 = text
                .map_or_else(|| value.as_f64(), |text| text.parse().ok())
                .ok_or_else(|| bad("a number"))?;
            if range.contains(number) { Ok(ParameterValue::Float(number)) } else { Err(out_of_range()) }
        }
        ParameterKind::Boolean { .. } => match (value, text.map(str::to_ascii_lowercase).as_deref()) {
            (Value::Bool(flag), _) => Ok(ParameterValue::Boolean(*flag)),
            (_, Some("true")) => Ok(ParameterValue::Boolean(true)),
            (_, Some("false")) => Ok(ParameterValue::Boolean(false)),
            _ => Err(bad("true or false")),
        },
        ParameterKind::Choice { choices, .. } => text
            .and_then(|text| choices.iter().find(|choice| choice.eq_ignore_ascii_case(text)))
            .map(|choice| ParameterValue::Text((*choice).to_owned()))
            .ok_or_else(|| bad(&format!("one of {}", choices.join(", ")))),
        ParameterKind::Names { .. } | ParameterKind::Patterns { .. } if unset => {
            Ok(ParameterValue::List(Vec::new()))
        }
        ParameterKind::Names { .. } => {
            list(value, split).map(ParameterValue::List).ok_or_else(|| bad("a list of names"))
        }
        ParameterKind::Patterns { .. } => {
            let sources = list(value, split_patterns).ok_or_else(|| bad("a list of regular expressions"))?;
            Patterns::compile(&sources)?;
            Ok(ParameterValue::List(sources))
        }
    }
}

/// A JSON list of strings, such a list written as text, or text that `split` takes apart.
fn list(value: &Value, split: impl Fn(&str) -> Vec<String>) -> Option<Vec<String>> {
    match value {
        Value::Array(items) => items.iter().map(|item| item.as_str().map(str::to_owned)).collect(),
        Value::String(text) => Some(serde_json::from_str(text).unwrap_or_else(|_| split(text))),
        _ => None,
    }
}

fn split(text: &str) -> Vec<String> {
    text.split(',').map(|piece| piece.trim().to_owned()).filter(|piece| !piece.is_empty()).collect()
}

/// A comma may belong to an expression (`a{1,3}`): it separates only where every piece is one.
fn split_patterns(text: &str) -> Vec<String> {
    let pieces = split(text);
    if Patterns::compile(&pieces).is_ok() { pieces } else { vec![text.to_owned()] }
}

#[cfg(test)]
mod tests;
