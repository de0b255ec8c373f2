use std::{fmt, sync::Arc};

use serde_json::{Map, Value};
use trialscope_tensor::Step;

use crate::{Error, Parameters, Rule, RuleInfo, find_rule, spec_text};

/// A built-in rule with checked parameters, not yet attached to a run.
#[derive(Debug, Clone)]
pub struct RuleSpec {
    info: &'static RuleInfo,
    configuration: String,
    parameters: Arc<Parameters>,
}

impl RuleSpec {
    /// Reads `NAME` or `NAME:parameter=value,parameter=value`.
    ///
    /// `,` and `:` separate parameters only where `parameter=` follows; inside a value they are then written `\,` and
    /// `\:`. A value may also be a JSON string or a JSON list of strings.
    ///
    /// # Errors
    /// [`Error::BadSpec`] and those of [`RuleSpec::new`].
    pub fn parse(spec: &str) -> Result<Self, Error> {
        let (rule, given) = spec_text::parse(spec)?;
        Self::new(rule, &given)
    }

    /// Checks parameters; each value is JSON of the right type, or text that says it.
    ///
    /// # Errors
    /// [`Error::UnknownRule`], [`Error::UnknownParameter`], [`Error::BadValue`], [`Error::OutOfRange`],
    /// [`Error::BadPattern`], [`Error::MissingParameter`] or [`Error::Conflict`].
    pub fn new(rule: &str, given: &Map<String, Value>) -> Result<Self, Error> {
        let info = find_rule(rule)?;
        let parameters = Parameters::resolve(info.name, &info.parameters(), given)?;
        // Building once shows conflicts here, where the user can still be asked.
        StepRange::of(&parameters)?;
        info.build(&parameters)?;
        Ok(Self { info, configuration: info.name.to_owned(), parameters: Arc::new(parameters) })
    }

    /// Sets the name under which statuses and findings are listed; the rule's own name otherwise.
    #[must_use]
    pub fn with_configuration(mut self, name: &str) -> Self {
        name.clone_into(&mut self.configuration);
        self
    }

    /// The rule.
    pub fn info(&self) -> &'static RuleInfo {
        self.info
    }

    /// The name under which statuses and findings are listed.
    pub fn configuration(&self) -> &str {
        &self.configuration
    }

    /// Every parameter, defaults filled in.
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// A fresh rule, ready for a [`Session`](crate::Session).
    ///
    /// # Errors
    /// As [`RuleSpec::new`].
    pub fn configure(&self) -> Result<ConfiguredRule, Error> {
        Ok(ConfiguredRule {
            rule: self.info.name.to_owned(),
            configuration: self.configuration.clone(),
            range: StepRange::of(&self.parameters)?,
            parameters: Arc::clone(&self.parameters),
            judge: self.info.build(&self.parameters)?,
        })
    }
}

/// A rule with its name, its parameters and the steps it looks at. Not only for built-in rules.
pub struct ConfiguredRule {
    /// Name of the rule.
    pub rule: String,
    /// Name under which statuses and findings are listed.
    pub configuration: String,
    /// Steps it looks at.
    pub range: StepRange,
    /// Its parameters, told with each finding.
    pub parameters: Arc<Parameters>,
    /// The rule itself.
    pub judge: Box<dyn Rule>,
}

/// Global steps from `start` on and before `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StepRange {
    /// First step.
    pub start: Step,
    /// First step that is no longer looked at; `None` for no end.
    pub end: Option<Step>,
}

impl StepRange {
    /// Whether a step lies inside.
    pub fn contains(&self, step: Step) -> bool {
        step >= self.start && self.end.is_none_or(|end| step < end)
    }

    fn of(parameters: &Parameters) -> Result<Self, Error> {
        let start = Step(parameters.integer("start_step")?);
        let end = parameters.optional_integer("end_step")?.map(Step);
        match end {
            Some(end) if end <= start => Err(parameters
                .conflict(format!("end_step {end} must be above start_step {start}; the end is exclusive"))),
            _ => Ok(Self { start, end }),
        }
    }
}

/// `from step 5 on`, `from step 5 on and before step 9`.
impl fmt::Display for StepRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "from step {} on", self.start)?;
        self.end.map_or(Ok(()), |end| write!(f, " and before step {end}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(spec: &str) -> Error {
        RuleSpec::parse(spec).unwrap_err()
    }

    #[test]
    fn every_rule_takes_a_range_of_steps() {
        let rule = RuleSpec::parse("Overfit:start_step=5,end_step=9").unwrap().configure().unwrap();
        let inside: Vec<u64> = (0..12).filter(|&step| rule.range.contains(Step(step))).collect();
        assert_eq!(inside, [5, 6, 7, 8]);
        assert_eq!(
            refusal("Overfit:start_step=5,end_step=5").to_string(),
            "Overfit: end_step 5 must be above start_step 5; the end is exclusive"
        );
    }

    #[test]
    fn unknown_names_are_refused_with_the_nearest() {
        let error = refusal("LossNotDecresing");
        assert_eq!(error.to_string(), r#"unknown rule "LossNotDecresing""#);
        assert!(error.hint().unwrap().starts_with("Did you mean LossNotDecreasing?"));
        let error = refusal("LossNotDecreasing:nun_steps=3");
        assert!(error.hint().unwrap().starts_with("Did you mean num_steps?"));
        assert!(error.hint().unwrap().contains("start_step"));
    }

    #[test]
    fn the_configuration_name_is_the_rule_unless_set() {
        let spec = RuleSpec::parse("Overfit").unwrap();
        assert_eq!(spec.configuration(), "Overfit");
        let rule = spec.with_configuration("nightly").configure().unwrap();
        assert_eq!((rule.rule.as_str(), rule.configuration.as_str()), ("Overfit", "nightly"));
    }
}
