//! A few features that carry nearly all of a model's importance.

use std::collections::{BTreeMap, BTreeSet};

use trialscope_tensor::TensorName;

use crate::{
    Comparator, Coverage, DefaultCollection, Diagnosis, Error, Evidence, Interest, Judgement, ParameterInfo,
    ParameterKind, Parameters, Reading, Rule, RuleDoc, RuleInfo, Selection, Skip, StepPoint, StepView,
    TensorEntry, Verdict,
    registry::range,
    scalars::Scalars,
    wording::{self, counted, number},
};

pub(crate) const INFO: RuleInfo = RuleInfo {
    name: "FeatureImportanceOverweight",
    summary: "Finds a model that leans on a few features alone",
    doc: RuleDoc {
        checks: "
Whether the `nfeatures` most important features together carry more than the fraction `threshold` of all importance.",
        why_it_matters: "
A model that rests on two or three features fails when one of them drifts, is missing or turns out to be a leak: a column
that is only known once the outcome is. It is also hard to defend where one of those features stands for a person's age,
sex or origin.",
        condition: "
    share = (sum of the nfeatures largest importances) / (sum of all importances)

Met at a saved step with `share > threshold`. Importances are normalised anew over the features of the model. A feature
that was saved before and is not saved at a step has importance 0 there, for it has no split. Magnitudes are used, so that
signed importances such as mean SHAP values do not cancel. Each kind of importance (`weight`, `gain`, mean SHAP, ...) is
judged for itself. Where the model has no more than `nfeatures` features the share is always 1, and nothing is evaluated.

Early rounds have few splits and meet the condition easily, hence `start_step=10`.",
        required_tensors: "
Scalars, one per feature: `feature_importance/<kind>/<feature>`. With `tensor_regex=.*average_shap` the rule judges
`average_shap/<feature>` instead; `average_shap/bias` is the base value and is left out.",
        example: "
    trialscope rules runs/adult --rule FeatureImportanceOverweight:threshold=0.9,nfeatures=2
    trialscope rules runs/adult --rule FeatureImportanceOverweight:tensor_regex=.*average_shap",
        references: "
- Amazon SageMaker developer guide, *FeatureImportanceOverweight rule*: the condition and the parameters.
- S. Kaufman, S. Rosset, C. Perlich, O. Stitelman, *Leakage in data mining*, ACM TKDD 6(4), 2012.
- C. Strobl, A.-L. Boulesteix, A. Zeileis, T. Hothorn, *Bias in random forest variable importance measures*, BMC
  Bioinformatics 8:25, 2007: what split counts prefer.",
    },
    default_collections: &[DefaultCollection { name: "feature_importance", save_interval: 10 }],
    own_parameters: &[
        ParameterInfo {
            name: "threshold",
            kind: ParameterKind::Float { default: Some(0.8), range: range::FRACTION },
            doc: "Largest share of all importance, as a fraction",
        },
        ParameterInfo {
            name: "nfeatures",
            kind: ParameterKind::Integer { default: Some(3), min: 1 },
            doc: "Number of features whose importances are added up",
        },
        ParameterInfo {
            name: "tensor_regex",
            kind: ParameterKind::Patterns { default: &[".*feature_importance/weight"] },
            doc: "Expressions searched for in the names of the importances",
        },
        ParameterInfo {
            name: "start_step",
            kind: ParameterKind::Integer { default: Some(10), min: 0 },
            doc: "First global step looked at",
        },
    ],
    build: |parameters| Ok(Box::new(FeatureImportanceOverweight::new(parameters)?)),
};

const REMEDY: &str = "Look at the heaviest features: is one of them known only after the outcome? If they are sound, \
                      colsample_bytree below 1 spreads the weight; if not, drop them and train again.";

struct FeatureImportanceOverweight {
    selection: Selection,
    threshold: f64,
    num_features: u64,
    scalars: Scalars,
    kinds: BTreeMap<String, Kind>,
}

/// One kind of importance: the features known so far, and what was evaluated.
#[derive(Debug, Default)]
struct Kind {
    features: BTreeSet<TensorName>,
    evaluations: u64,
    steps_without_importance: u64,
}

impl FeatureImportanceOverweight {
    fn new(parameters: &Parameters) -> Result<Self, Error> {
        let patterns = parameters.patterns("tensor_regex")?;
        if patterns.is_empty() {
            return Err(parameters.conflict("tensor_regex must not be empty".to_owned()));
        }
        Ok(Self {
            selection: Selection { collections: Vec::new(), patterns },
            threshold: parameters.float("threshold")?,
            num_features: parameters.integer("nfeatures")?,
            scalars: Scalars::default(),
            kinds: BTreeMap::new(),
        })
    }

    /// Judges one kind of importance at a step; `None` where the share says nothing.
    fn judge(
        &mut self,
        kind_name: &str,
        point: StepPoint,
        mut importances: Vec<(&TensorName, f64)>,
    ) -> Option<Judgement> {
        let kind = self.kinds.entry(kind_name.to_owned()).or_default();
        for (name, _) in &importances {
            if !kind.features.contains(*name) {
                kind.features.insert((*name).clone());
            }
        }
        let ignored = self.scalars.note(&kind.features);
        let total: f64 = importances.iter().map(|(_, value)| value).sum();
        let num_known = kind.features.len() as u64;
        if num_known <= self.num_features {
            return None;
        }
        if total <= 0.0 || !total.is_finite() {
            kind.steps_without_importance += 1;
            return None;
        }
        kind.evaluations += 1;
        importances.sort_by(|(a, x), (b, y)| y.total_cmp(x).then_with(|| a.cmp(b)));
        let count = usize::try_from(self.num_features).unwrap_or(usize::MAX);
        let heaviest: Vec<Reading> = importances
            .iter()
            .take(count)
            .map(|(name, value)| Reading { tensor: (*name).clone(), step: point.step, value: value / total })
            .collect();
        // Added up before dividing, so that all of the importance is exactly all of it.
        let share = importances.iter().take(count).map(|(_, value)| value).sum::<f64>() / total;
        let verdict = if share > self.threshold {
            let mut evidence = self.evidence(kind_name, num_known, share, heaviest);
            evidence.explanation += &ignored;
            Verdict::Met(Box::new(evidence))
        } else {
            Verdict::Clear
        };
        Some(Judgement { subject: kind_name.to_owned(), point, verdict })
    }

    fn evidence(&self, kind: &str, num_known: u64, share: f64, heaviest: Vec<Reading>) -> Evidence {
        let shares: Vec<String> = heaviest
            .iter()
            .map(|reading| {
                format!("{} {} %", kind_and_feature(reading.tensor.as_str()).1, number(100.0 * reading.value))
            })
            .collect();
        let explanation = format!(
            "{} of {num_known} carry {} % of {kind}: {}.",
            counted(self.num_features, "feature"),
            number(100.0 * share),
            wording::list(&shares),
        );
        Evidence {
            quantity: "share of the heaviest features in all importance",
            measured: share,
            comparator: Comparator::Greater,
            threshold: self.threshold,
            readings: heaviest,
            explanation,
            remedy: REMEDY,
        }
    }

    fn skip(&self, name: &str, kind: &Kind) -> Skip {
        let reason = if kind.features.len() as u64 <= self.num_features {
            format!(
                "{name} is known of {}, so the share of {} is always 1",
                counted(kind.features.len() as u64, "feature"),
                counted(self.num_features, "feature"),
            )
        } else {
            format!("all of {name} is 0 at every saved step: no tree has a split")
        };
        let why = Diagnosis::NotApplicable { reason, fix: "Lower nfeatures, or train on more features" };
        Skip { tensors: kind.features.iter().cloned().collect(), why }
    }
}

impl Rule for FeatureImportanceOverweight {
    fn selection(&self) -> &Selection {
        &self.selection
    }

    fn select(&self, tensor: &TensorEntry<'_>) -> Result<Interest, Error> {
        Ok(if !self.selection.takes(tensor)? {
            Interest::Ignore
        } else if kind_and_feature(tensor.name.as_str()) == (AVERAGE_SHAP, "bias") {
            Interest::LeaveOut("the base value, no feature")
        } else {
            Interest::Values
        })
    }

    fn observe(&mut self, view: &StepView<'_>) -> Result<Vec<Judgement>, Error> {
        let point = view.point();
        let mut by_kind: BTreeMap<&str, Vec<(&TensorName, f64)>> = BTreeMap::new();
        for (name, tensor) in view.iter() {
            let importance = self.scalars.read(point, name, tensor);
            // A feature whose importance is not finite is a feature all the same.
            if tensor.as_scalar().is_some() {
                let (kind, _) = kind_and_feature(name.as_str());
                by_kind.entry(kind).or_default().push((name, importance.unwrap_or(0.0).abs()));
            }
        }
        Ok(by_kind
            .into_iter()
            .filter_map(|(kind, importances)| self.judge(kind, point, importances))
            .collect())
    }

    fn coverage(&self) -> Coverage {
        let idle = self.kinds.iter().filter(|(_, kind)| kind.evaluations == 0);
        let mut skipped = self.scalars.skipped();
        skipped.extend(idle.map(|(name, kind)| self.skip(name, kind)));
        let evaluations = self.kinds.values().map(|kind| kind.evaluations).sum();
        Coverage { evaluations, skipped, remarks: self.scalars.remarks() }
    }
}

const AVERAGE_SHAP: &str = "average_shap";

/// The kind of importance and the feature in a tensor name. Features may have slashes in their names, so the known
/// kinds are looked for first; of any other name the feature is what follows the last slash.
fn kind_and_feature(name: &str) -> (&str, &str) {
    const IMPORTANCE: &str = "feature_importance/";
    let after_importance = name.find(IMPORTANCE).map(|start| start + IMPORTANCE.len());
    let split = after_importance
        .and_then(|start| name.get(start..)?.find('/').map(|slash| start + slash))
        .or_else(|| name.find("average_shap/").map(|start| start + AVERAGE_SHAP.len()))
        .or_else(|| name.rfind('/'));
    match split.and_then(|slash| name.split_at_checked(slash)) {
        Some((kind, feature)) => (kind, feature.strip_prefix('/').unwrap_or(feature)),
        None => ("importance", name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn feature_names_may_have_slashes() {
        assert_eq!(
            kind_and_feature("feature_importance/total_gain/a/b"),
            ("feature_importance/total_gain", "a/b")
        );
        assert_eq!(kind_and_feature("average_shap/a/b"), ("average_shap", "a/b"));
        assert_eq!(kind_and_feature("mine/x/f0"), ("mine/x", "f0"));
        assert_eq!(kind_and_feature("f0"), ("importance", "f0"));
    }
}
