//! Every built-in rule, one line each.

use trialscope_tensor::nearest;

use crate::{
    Error, Interval, ParameterInfo, ParameterKind, Parameters, Rule,
    builtin::{feature_importance_overweight, loss_not_decreasing, overfit},
    page::{self, RuleDoc},
};

static RULES: [RuleInfo; 3] = [feature_importance_overweight::INFO, loss_not_decreasing::INFO, overfit::INFO];

static COMMON: [ParameterInfo; 2] = [
    ParameterInfo {
        name: "start_step",
        kind: ParameterKind::Integer { default: Some(0), min: 0 },
        doc: "First global step looked at",
    },
    ParameterInfo {
        name: "end_step",
        kind: ParameterKind::Integer { default: None, min: 1 },
        doc: "First global step no longer looked at; no end when not given",
    },
];

/// What is known of a built-in rule before it runs.
#[derive(Debug)]
pub struct RuleInfo {
    /// Name, in camel case: the fault it looks for.
    pub name: &'static str,
    /// What it finds, in one sentence without a full stop.
    pub summary: &'static str,
    /// Its page.
    pub doc: RuleDoc,
    /// Collections saved for its sake when nothing else is configured.
    pub default_collections: &'static [DefaultCollection],
    pub(crate) own_parameters: &'static [ParameterInfo],
    pub(crate) build: fn(&Parameters) -> Result<Box<dyn Rule>, Error>,
}

/// A collection that a rule needs, and how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DefaultCollection {
    /// Name of the collection.
    pub name: &'static str,
    /// Steps between two saves.
    pub save_interval: u64,
}

impl RuleInfo {
    /// Every parameter: the rule's own, then those that all rules accept. A rule may declare one of the latter itself
    /// to give it another default.
    pub fn parameters(&self) -> Vec<&'static ParameterInfo> {
        let own = self.own_parameters.iter();
        let common =
            COMMON.iter().filter(|common| self.own_parameters.iter().all(|own| own.name != common.name));
        own.chain(common).collect()
    }

    /// The page as Markdown: Checks, Why it matters, Condition, Parameters, Required tensors, Example, References.
    pub fn page(&self) -> String {
        page::render(self)
    }

    pub(crate) fn build(&self, parameters: &Parameters) -> Result<Box<dyn Rule>, Error> {
        (self.build)(parameters)
    }
}

/// Every built-in rule, sorted by name.
pub fn rules() -> &'static [RuleInfo] {
    &RULES
}

/// The built-in rule of this name.
///
/// # Errors
/// [`Error::UnknownRule`], with the nearest name.
pub fn find_rule(name: &str) -> Result<&'static RuleInfo, Error> {
    RULES.iter().find(|rule| rule.name == name).ok_or_else(|| Error::UnknownRule {
        name: name.to_owned(),
        nearest: nearest(name, RULES.iter().map(|rule| rule.name)).map(str::to_owned),
        known: RULES.iter().map(|rule| rule.name.to_owned()).collect(),
    })
}

/// Ranges that more than one rule uses.
pub(crate) mod range {
    use std::ops::Bound;

    use super::Interval;

    /// `0 < value < 100`.
    pub(crate) const OPEN_PERCENT: Interval =
        Interval { low: Bound::Excluded(0.0), high: Bound::Excluded(100.0) };
    /// `0 < value`.
    pub(crate) const POSITIVE: Interval = Interval { low: Bound::Excluded(0.0), high: Bound::Unbounded };
    /// `0 <= value <= 1`.
    pub(crate) const FRACTION: Interval = Interval { low: Bound::Included(0.0), high: Bound::Included(1.0) };
}

#[cfg(test)]
mod tests {
    use serde_json::Map;

    use super::*;

    #[test]
    fn the_registry_is_sorted_and_every_rule_builds_from_its_defaults() {
        assert!(RULES.windows(2).all(|pair| pair[0].name < pair[1].name));
        for rule in rules() {
            let parameters = Parameters::resolve(rule.name, &rule.parameters(), &Map::new()).unwrap();
            assert!(rule.build(&parameters).is_ok(), "{}", rule.name);
        }
    }

    #[test]
    fn defaults_lie_in_their_own_ranges() {
        for rule in rules() {
            for info in rule.parameters() {
                match info.kind {
                    ParameterKind::Float { default: Some(value), range } => assert!(range.contains(value)),
                    ParameterKind::Integer { default: Some(value), min } => assert!(value >= min),
                    ParameterKind::Choice { default, choices } => assert!(choices.contains(&default)),
                    _ => {}
                }
            }
        }
    }
}
