//! From diagnoses to a status and its messages.

use std::collections::{BTreeMap, BTreeSet};

use trialscope_tensor::{TensorName, ranked};

use crate::{Catalogue, Diagnosis, Message, Selection, Severity, Status};

/// What a status needs to know of the run besides the rule.
pub(crate) struct Surroundings<'a> {
    /// The collections; `None` where the run declared none.
    pub(crate) catalogue: Option<&'a Catalogue>,
    /// Every name saved so far.
    pub(crate) names: &'a BTreeSet<TensorName>,
}

impl Surroundings<'_> {
    /// Whether the run has left nothing at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.catalogue.is_none() && self.names.is_empty()
    }

    /// The selection takes no saved tensor, or only such as the rule leaves out.
    pub(crate) fn no_matching_tensors(
        &self,
        selection: &Selection,
        left_out: &BTreeMap<TensorName, &'static str>,
    ) -> Diagnosis {
        Diagnosis::NoMatchingTensors {
            selection: selection.to_string(),
            saved_collections: self.saved_collections(),
            closest: self.closest(selection),
            left_out: left_out.iter().map(|(name, reason)| (name.clone(), *reason)).collect(),
        }
    }

    fn saved_collections(&self) -> Vec<String> {
        let Some(catalogue) = self.catalogue else { return Vec::new() };
        let saved = |collection: &crate::Collection| {
            self.names.iter().any(|name| collection.contains(name.as_str()).unwrap_or(false))
        };
        catalogue
            .collections
            .iter()
            .filter(|(_, collection)| saved(collection))
            .map(|(name, _)| name.clone())
            .collect()
    }

    /// The saved names most similar to any word of the selection.
    fn closest(&self, selection: &Selection) -> Vec<String> {
        const SHOWN: usize = 3;
        let names = || self.names.iter().map(TensorName::as_str);
        let mut best: BTreeMap<&str, f64> = BTreeMap::new();
        for word in selection.words() {
            for (name, similarity) in ranked(&word, names()) {
                let entry = best.entry(name).or_default();
                *entry = entry.max(similarity);
            }
        }
        let mut ranked: Vec<(&str, f64)> = best.into_iter().collect();
        ranked.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        ranked.into_iter().take(SHOWN).map(|(name, _)| name.to_owned()).collect()
    }

    fn save_interval(&self, tensor: &TensorName) -> Option<u64> {
        self.catalogue?.save_interval(tensor.as_str())
    }
}

/// A status with the diagnoses that explain it.
pub(crate) struct Outcome {
    pub(crate) status: Status,
    diagnoses: Vec<(Severity, Diagnosis)>,
}

impl Outcome {
    /// The rule itself failed.
    pub(crate) fn failed(message: String) -> Self {
        Self { status: Status::Error, diagnoses: vec![(Severity::Error, Diagnosis::RuleFailed { message })] }
    }

    /// The run is over and the condition was evaluated.
    pub(crate) fn evaluated(partial: Option<Diagnosis>, remarks: Vec<Diagnosis>) -> Self {
        Self::with_warnings(Status::NoIssuesFound, partial.into_iter().chain(remarks))
    }

    /// The run is not over, or was not followed to its end.
    pub(crate) fn going_on(status: Status, remarks: Vec<Diagnosis>) -> Self {
        Self::with_warnings(status, remarks)
    }

    /// The run is over and the condition was never evaluated. An error only where no reason is a lack of steps.
    pub(crate) fn not_evaluated(reasons: Vec<Diagnosis>) -> Self {
        let ceiling = reasons.iter().map(Diagnosis::severity).min().unwrap_or(Severity::NotEvaluated);
        let status = if ceiling == Severity::Error { Status::Error } else { Status::NoIssuesFound };
        let diagnoses = reasons.into_iter().map(|reason| (reason.severity().min(ceiling), reason)).collect();
        Self { status, diagnoses }
    }

    fn with_warnings(status: Status, warnings: impl IntoIterator<Item = Diagnosis>) -> Self {
        Self { status, diagnoses: warnings.into_iter().map(|warning| (Severity::Warning, warning)).collect() }
    }

    /// One message per diagnosis; of many with one code, the first few.
    pub(crate) fn messages(self, rule: &str, surroundings: &Surroundings<'_>) -> Vec<Message> {
        const LIMIT: usize = 5;
        let mut counts: BTreeMap<&'static str, (Severity, usize)> = BTreeMap::new();
        let mut messages = Vec::new();
        for (severity, mut diagnosis) in self.diagnoses {
            if let Diagnosis::TooFewSteps { tensor, save_interval, .. } = &mut diagnosis {
                *save_interval = save_interval.or_else(|| surroundings.save_interval(tensor));
            }
            let (_, count) = counts.entry(diagnosis.code()).or_insert((severity, 0));
            *count += 1;
            if *count <= LIMIT {
                messages.push(Message { severity, code: diagnosis.code(), text: diagnosis.sentence(rule) });
            }
        }
        for (code, (severity, count)) in counts {
            if let Some(more) = count.checked_sub(LIMIT).filter(|&more| more > 0) {
                let text = format!("{rule}: {more} more like this.");
                messages.push(Message { severity, code, text });
            }
        }
        messages.sort_by_key(|message| std::cmp::Reverse(message.severity));
        messages
    }
}
