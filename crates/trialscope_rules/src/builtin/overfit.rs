//! A validation loss that has moved away from the training loss.

use std::collections::{BTreeMap, BTreeSet};

use trialscope_tensor::{Mode, TensorName};

use crate::{
    Comparator, Coverage, DefaultCollection, Diagnosis, Error, Evidence, Interest, Judgement, ParameterInfo,
    ParameterKind, Parameters, Reading, Rule, RuleDoc, RuleInfo, Selection, Skip, StepPoint, StepView,
    TensorEntry, Verdict, eval_sets,
    loss_blocks::{FinishedBlock, LossBlocks},
    metric,
    registry::range,
    scalars::Scalars,
    wording::{self, number},
};

const PATIENCE: &str = "patience";

pub(crate) const INFO: RuleInfo = RuleInfo {
    name: "Overfit",
    summary: "Finds a validation loss that stays too far above the training loss",
    doc: RuleDoc {
        checks: "
Whether the loss on held-out data exceeds the loss on training data by more than `ratio_threshold` of the latter, for
more than `patience` evaluations in a row.",
        why_it_matters: "
A model that fits its training data much better than data it has not seen has learned their noise. It will do worse in
use than the training curve promises, and each further step widens the gap.",
        condition: "
    ratio = (V - T) / max(|T|, 1e-12)

A counter goes up at each evaluation with `ratio > ratio_threshold` and back to 0 at any other. The condition is met
when the counter exceeds `patience`. The ratio grows without bound as the training loss nears 0, so findings state the
absolute gap `V - T` as well.

**Metrics of evaluation sets**, `<set>-<metric>` as XGBoost and LightGBM name them: one evaluation per saved step and pair,
`T` and `V` being the values at that step. The training set is called `train`, `training` or `learn`. Where there is
none, `validation_0` is taken for it if `validation_1` exists: the scikit-learn interface of XGBoost numbers the pairs
of `eval_set`, and the training data conventionally come first. Every other set is held out, whatever its name, and is
paired with the training set for itself.

**Losses in modes TRAIN and EVAL**, saved under one name: one evaluation per block of EVAL steps. `V` is the mean of the
EVAL losses in the block; `T` is the mean of the TRAIN losses saved since the block before, or the last TRAIN loss if
none was. A block is known to be over when the next TRAIN loss, the next block or the end of the run comes; the finding
bears its last step.

Values that are NaN or infinite are ignored and reported. Metrics that are better when larger (auc, ndcg, accuracy, ...)
are left out.",
        required_tensors: "
Scalars, one number each, of both kinds of data: names in which `tensor_regex` is found, or the collections `losses` and
`metrics` where it is not given.",
        example: "
    trialscope rules runs/adult --rule Overfit:ratio_threshold=0.2,patience=3
    trialscope rules runs/resnet --rule 'Overfit:tensor_regex=^CrossEntropyLoss,start_step=500'",
        references: "
- Amazon SageMaker developer guide, *Overfit rule*: the ratio and the parameters.
- L. Prechelt, *Early stopping - but when?*, in Neural Networks: Tricks of the Trade, Springer 1998: the generalisation
  loss, and why a single exceedance should not count.",
    },
    default_collections: &[DefaultCollection { name: "losses", save_interval: 10 }],
    own_parameters: &[
        ParameterInfo {
            name: "tensor_regex",
            kind: ParameterKind::Patterns { default: &[] },
            doc: "Expressions searched for in the names of the losses; the collections `losses` and `metrics` when not given",
        },
        ParameterInfo {
            name: PATIENCE,
            kind: ParameterKind::Integer { default: Some(1), min: 0 },
            doc: "Number of evaluations in a row for which the ratio may exceed the threshold",
        },
        ParameterInfo {
            name: "ratio_threshold",
            kind: ParameterKind::Float { default: Some(0.1), range: range::POSITIVE },
            doc: "Largest gap between validation and training loss, as a fraction of the training loss",
        },
    ],
    build: |parameters| Ok(Box::new(Overfit::new(parameters)?)),
};

const REMEDY: &str = "Stop at the best validation loss (early stopping), regularise more (shallower trees, larger \
                      min_child_weight, lambda or gamma, dropout), or add data. Where the training loss is close to \
                      0, judge by the absolute gap.";

struct Overfit {
    selection: Selection,
    patience: u64,
    ratio_threshold: f64,
    scalars: Scalars,
    /// Metrics of evaluation sets: by training metric and held-out metric.
    pairs: BTreeMap<(TensorName, TensorName), Streak>,
    /// Losses in modes TRAIN and EVAL.
    losses: BTreeMap<TensorName, (LossBlocks, Streak)>,
    modes: BTreeMap<TensorName, BTreeSet<Mode>>,
}

/// Evaluations so far, and how many of the last ones in a row exceeded the threshold.
#[derive(Debug, Default)]
struct Streak {
    evaluations: u64,
    exceeded: u64,
}

/// One evaluation: what is compared, and when.
struct Comparison<'a> {
    subject: String,
    point: StepPoint,
    training: (&'a TensorName, f64),
    held_out: (&'a TensorName, f64),
}

impl Overfit {
    fn new(parameters: &Parameters) -> Result<Self, Error> {
        let patterns = parameters.patterns("tensor_regex")?;
        let collections =
            if patterns.is_empty() { ["losses", "metrics"].map(str::to_owned).to_vec() } else { Vec::new() };
        Ok(Self {
            selection: Selection { collections, patterns },
            patience: parameters.integer(PATIENCE)?,
            ratio_threshold: parameters.float("ratio_threshold")?,
            scalars: Scalars::default(),
            pairs: BTreeMap::new(),
            losses: BTreeMap::new(),
            modes: BTreeMap::new(),
        })
    }

    /// Counts one evaluation; `None` while the streak lasts no longer than the patience.
    fn judge(&self, streak: &mut Streak, comparison: Comparison<'_>) -> Option<Judgement> {
        /// Keeps a loss of zero from dividing by zero.
        const LEAST_TRAINING_LOSS: f64 = 1e-12;
        let Comparison { subject, point, training: (training, t), held_out: (held_out, v) } = comparison;
        let ratio = (v - t) / t.abs().max(LEAST_TRAINING_LOSS);
        streak.evaluations += 1;
        if ratio > self.ratio_threshold {
            streak.exceeded += 1;
        } else {
            streak.exceeded = 0;
            return Some(Judgement { subject, point, verdict: Verdict::Clear });
        }
        if streak.exceeded <= self.patience {
            return None;
        }
        let note = self.scalars.note(BTreeSet::from([training, held_out]));
        let explanation = format!(
            "The held-out loss {} is {} % above the training loss {} (a gap of {}), for {} evaluations in a row.{note}",
            number(v),
            number(100.0 * ratio),
            number(t),
            number(v - t),
            streak.exceeded,
        );
        let reading =
            |tensor: &TensorName, value| Reading { tensor: tensor.clone(), step: point.step, value };
        let evidence = Evidence {
            quantity: "gap between validation and training loss as a fraction of the training loss",
            measured: ratio,
            comparator: Comparator::Greater,
            threshold: self.ratio_threshold,
            readings: vec![reading(training, t), reading(held_out, v)],
            explanation,
            remedy: REMEDY,
        };
        Some(Judgement { subject, point, verdict: Verdict::Met(Box::new(evidence)) })
    }

    fn judge_block(&self, name: &TensorName, streak: &mut Streak, block: FinishedBlock) -> Option<Judgement> {
        let subject = name.to_string();
        let (training, held_out) = ((name, block.train), (name, block.validation));
        self.judge(streak, Comparison { subject, point: block.point, training, held_out })
    }

    fn observe_pairs(
        &mut self,
        view: &StepView<'_>,
        values: &BTreeMap<&str, (&TensorName, f64)>,
    ) -> Vec<Judgement> {
        let names: BTreeSet<&str> = view.iter().map(|(name, _)| name.as_str()).collect();
        let mut judgements = Vec::new();
        for pair in eval_sets::pairs(&names) {
            let (Some(&training), Some(&held_out)) = (values.get(pair.training), values.get(pair.held_out))
            else {
                continue;
            };
            let key = (training.0.clone(), held_out.0.clone());
            let mut streak = self.pairs.remove(&key).unwrap_or_default();
            let subject = format!("{} against {}", pair.held_out, pair.training);
            let comparison = Comparison { subject, point: view.point(), training, held_out };
            judgements.extend(self.judge(&mut streak, comparison));
            self.pairs.insert(key, streak);
        }
        judgements
    }

    fn observe_loss(&mut self, name: &TensorName, point: StepPoint, value: f64) -> Option<Judgement> {
        self.modes.entry(name.clone()).or_default().insert(point.mode);
        if eval_sets::is_set_metric(name.as_str()) {
            return None;
        }
        let (mut blocks, mut streak) = self.losses.remove(name).unwrap_or_default();
        let finished = match point.mode {
            Mode::Train => blocks.train(value),
            Mode::Eval => blocks.eval(point, value),
            Mode::Predict | Mode::Global => None,
        };
        let judgement = finished.and_then(|block| self.judge_block(name, &mut streak, block));
        self.losses.insert(name.clone(), (blocks, streak));
        judgement
    }
}

impl Rule for Overfit {
    fn selection(&self) -> &Selection {
        &self.selection
    }

    fn select(&self, tensor: &TensorEntry<'_>) -> Result<Interest, Error> {
        metric::interest_in_loss(&self.selection, tensor)
    }

    fn observe(&mut self, view: &StepView<'_>) -> Result<Vec<Judgement>, Error> {
        let point = view.point();
        let mut values = BTreeMap::new();
        for (name, tensor) in view.iter() {
            if let Some(value) = self.scalars.read(point, name, tensor) {
                values.insert(name.as_str(), (name, value));
            }
        }
        let mut judgements = self.observe_pairs(view, &values);
        for (name, value) in values.into_values() {
            judgements.extend(self.observe_loss(name, point, value));
        }
        Ok(judgements)
    }

    fn finish(&mut self) -> Result<Vec<Judgement>, Error> {
        let mut judgements = Vec::new();
        let mut losses = std::mem::take(&mut self.losses);
        for (name, (blocks, streak)) in &mut losses {
            if let Some(block) = blocks.end_block() {
                judgements.extend(self.judge_block(name, streak, block));
            }
        }
        self.losses = losses;
        Ok(judgements)
    }

    fn coverage(&self) -> Coverage {
        let mut coverage =
            Coverage { evaluations: 0, skipped: self.scalars.skipped(), remarks: self.scalars.remarks() };
        let mut compared: BTreeSet<&TensorName> = BTreeSet::new();
        let pairs = self.pairs.iter().map(|((training, held_out), streak)| (training, held_out, streak));
        let losses = self.losses.iter().map(|(name, (_, streak))| (name, name, streak));
        for (training, held_out, streak) in pairs.chain(losses).filter(|(.., streak)| streak.evaluations > 0)
        {
            compared.extend([training, held_out]);
            // As many evaluations as are tolerated cannot meet the condition, so they do not count as a look.
            if streak.evaluations > self.patience {
                coverage.evaluations += streak.evaluations;
            } else {
                coverage.skipped.push(self.too_few(training, held_out, streak.evaluations));
            }
        }
        let alone: Vec<&TensorName> =
            self.scalars.names().iter().filter(|name| !compared.contains(name)).collect();
        if !alone.is_empty() {
            coverage.skipped.push(self.without_partner(&alone));
        }
        coverage
    }
}

impl Overfit {
    fn too_few(&self, training: &TensorName, held_out: &TensorName, evaluations: u64) -> Skip {
        let needed = self.patience.saturating_add(1);
        let mut tensors = vec![held_out.clone()];
        let needed = if training == held_out {
            format!("{needed} EVAL blocks of {held_out}")
        } else {
            tensors.insert(0, training.clone());
            format!("{needed} saved steps of {training} and {held_out} together")
        };
        let why = Diagnosis::TooFewSteps {
            tensor: held_out.clone(),
            needed,
            found: evaluations.to_string(),
            save_interval: None,
            parameter: Some((PATIENCE, self.patience)),
        };
        Skip { tensors, why }
    }

    /// Losses of one kind of data only.
    fn without_partner(&self, alone: &[&TensorName]) -> Skip {
        let tensors: Vec<TensorName> = alone.iter().map(|&name| name.clone()).collect();
        let why = if alone.iter().all(|name| eval_sets::is_set_metric(name.as_str())) {
            let names: Vec<&str> = alone.iter().map(|name| name.as_str()).collect();
            Diagnosis::ModeMissing {
                needed: "one metric of a training set and of a held-out set at the same step".to_owned(),
                found: wording::list(&names),
                fix: "Pass both sets to the training, evals=[(dtrain, \"train\"), (dvalid, \"validation\")]"
                    .to_owned(),
            }
        } else {
            let found: Vec<String> = alone
                .iter()
                .map(|&name| {
                    let modes: Vec<&str> =
                        self.modes.get(name).into_iter().flatten().map(|mode| mode.name()).collect();
                    format!("{name} in {}", modes.join(" and "))
                })
                .collect();
            Diagnosis::ModeMissing {
                needed: "losses in modes TRAIN and EVAL".to_owned(),
                found: wording::list(&found),
                fix: "Call hook.set_mode(EVAL) during validation".to_owned(),
            }
        };
        Skip { tensors, why }
    }
}
