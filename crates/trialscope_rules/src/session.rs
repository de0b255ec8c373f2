use std::collections::{BTreeMap, BTreeSet};

use trialscope_tensor::{Step, TensorName};

use crate::{
    Catalogue, ConfiguredRule, Error, Event, Loaded, RuleStatus, StepHeader, evaluation::Evaluation,
    outcome::Surroundings,
};

/// The rules of one run, evaluated together.
///
/// Fed by a driver: for each step, in rising order and once, [`Session::required`] says which values are needed and
/// [`Session::observe`] takes them. Every step of the run is handed over, also one that no rule wants, for names are
/// learned from steps. What the session says depends on the steps and the collections alone, not on when they came.
pub struct Session {
    catalogue: Option<Catalogue>,
    names: BTreeSet<TensorName>,
    evaluations: Vec<Evaluation>,
    last: Option<Step>,
}

impl Session {
    /// Takes rules. Where two bear one configuration name, the later ones get `-2`, `-3`, ... behind it.
    pub fn new(rules: Vec<ConfiguredRule>) -> Self {
        let mut taken = BTreeSet::new();
        let evaluations = rules
            .into_iter()
            .map(|mut rule| {
                let wanted = rule.configuration.clone();
                let mut copy = 1_u64;
                while !taken.insert(rule.configuration.clone()) {
                    copy += 1;
                    rule.configuration = format!("{wanted}-{copy}");
                }
                Evaluation::new(rule)
            })
            .collect();
        Self { catalogue: None, names: BTreeSet::new(), evaluations, last: None }
    }

    /// Takes the collections of the run, before the first step and whenever they have changed.
    pub fn set_catalogue(&mut self, catalogue: Catalogue) {
        if self.catalogue.as_ref() == Some(&catalogue) {
            return;
        }
        self.catalogue = Some(catalogue);
        for evaluation in &mut self.evaluations {
            evaluation.reset_selection();
        }
        for name in std::mem::take(&mut self.names) {
            self.learn(&name);
        }
    }

    /// The tensors of a step whose values [`Session::observe`] needs, each once whatever the number of rules.
    pub fn required(&mut self, header: &StepHeader) -> BTreeSet<TensorName> {
        for tensor in &header.tensors {
            if !self.names.contains(&tensor.name) {
                self.learn(&tensor.name);
            }
        }
        self.evaluations.iter().flat_map(|evaluation| evaluation.required(header)).cloned().collect()
    }

    /// Hands a step to every rule that looks at it. Values that are required and missing count as unreadable.
    ///
    /// # Errors
    /// [`Error::StepOutOfOrder`] where the step does not come after the last one; nothing has happened then.
    pub fn observe(
        &mut self,
        header: &StepHeader,
        values: &BTreeMap<TensorName, Loaded>,
    ) -> Result<Vec<Event>, Error> {
        let step = header.point.step;
        if let Some(last) = self.last.filter(|&last| step <= last) {
            return Err(Error::StepOutOfOrder { step: step.0, last: last.0 });
        }
        self.last = Some(step);
        for tensor in &header.tensors {
            if !self.names.contains(&tensor.name) {
                self.learn(&tensor.name);
            }
        }
        Ok(self.evaluations.iter_mut().flat_map(|evaluation| evaluation.observe(header, values)).collect())
    }

    /// Ends the evaluation: the run is over, whether it came to its end or was interrupted.
    pub fn finish(&mut self) -> Vec<Event> {
        self.evaluations.iter_mut().flat_map(Evaluation::finish).collect()
    }

    /// Ends the evaluation before the run is over.
    pub fn stop(&mut self) {
        self.evaluations.iter_mut().for_each(Evaluation::stop);
    }

    /// Where each rule stands, in the order in which the rules were given.
    pub fn statuses(&self) -> Vec<RuleStatus> {
        let surroundings = Surroundings { catalogue: self.catalogue.as_ref(), names: &self.names };
        self.evaluations.iter().map(|evaluation| evaluation.status(&surroundings)).collect()
    }

    /// The last step handed over.
    pub fn last_step(&self) -> Option<Step> {
        self.last
    }

    fn learn(&mut self, name: &TensorName) {
        let none = Catalogue::default();
        let entry = self.catalogue.as_ref().unwrap_or(&none).entry(name);
        for evaluation in &mut self.evaluations {
            evaluation.offer(&entry);
        }
        self.names.insert(name.clone());
    }
}
