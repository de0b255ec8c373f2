//! A loss that does not fall fast enough, compared over a fixed number of steps.

use std::collections::{BTreeMap, VecDeque};

use trialscope_tensor::{Mode, TensorName};

use crate::{
    Comparator, Coverage, DefaultCollection, Diagnosis, Error, Evidence, Interest, Interval, Judgement,
    ParameterInfo, ParameterKind, Parameters, Reading, Rule, RuleDoc, RuleInfo, Selection, Skip, StepPoint,
    StepView, TensorEntry, Verdict, metric,
    registry::range,
    scalars::Scalars,
    wording::{counted, number},
};

const NUM_STEPS: &str = "num_steps";

pub(crate) const INFO: RuleInfo = RuleInfo {
    name: "LossNotDecreasing",
    summary: "Finds a loss that does not fall by a given percentage over a given number of steps",
    doc: RuleDoc {
        checks: "
Whether each loss has fallen by at least `diff_percent` percent since the step `num_steps` earlier. Steps are compared
at intervals, not at every step, so that noise between two neighbouring steps does not count.",
        why_it_matters: "
A loss that stands still or rises is the first sign that a training has gone wrong: a learning rate too high or too
low, labels that do not belong to their rows, a model that has learned all it can. Every further step costs time and
changes nothing.",
        condition: "
The first saved step of a loss is its first anchor. The next check is at the first saved step `s` at least `num_steps`
after the last check (or the anchor); its reference `p` is the newest saved step `<= s - num_steps`. Saved every 3 steps
from step 9 on with `num_steps=10`, the checks are at steps 21 (against 9), 33 (against 21), and so on.

    change = 100 * (L(s) - L(p)) / max(|L(p)|, 1e-12)

- `change <= -diff_percent`: fine.
- `-diff_percent < change <= 0`: met, the loss falls too slowly.
- `0 < change <= increase_threshold_percent`: tolerated once, met if the check before was not fine either.
- `change > increase_threshold_percent`: met, the loss rises.

Each tensor is judged for itself, and each mode of a tensor too: a TRAIN loss is never compared with an EVAL loss. With
`mode=GLOBAL` all modes are judged and steps are global steps; with another mode only its steps are, counted within that
mode. Values that are NaN or infinite are ignored and reported. Metrics that are better when larger are left out, told
by their names: auc, aucpr, map, ndcg, pre, accuracy, f1, precision, recall, r2 and their like, with or without a
cut-off (`ndcg@5`, `map@3-`).",
        required_tensors: "
Scalars, one number each: the collection `losses` where `use_losses_collection` is on, the collections
`collection_names`, and names in which `tensor_regex` is found. A check needs two saved steps at least `num_steps`
apart.",
        example: "
    trialscope rules runs/adult --rule LossNotDecreasing:num_steps=10,diff_percent=0.5
    trialscope rules runs/adult --rule 'LossNotDecreasing:use_losses_collection=false,tensor_regex=^validation-'",
        references: "
- Amazon SageMaker developer guide, *LossNotDecreasing rule*: the parameters and the schedule of checks.
- Y. Bengio, *Practical recommendations for gradient-based training of deep architectures*, 2012, arXiv:1206.5533:
  reading a training curve.",
    },
    default_collections: &[DefaultCollection { name: "losses", save_interval: 10 }],
    own_parameters: &[
        ParameterInfo {
            name: "collection_names",
            kind: ParameterKind::Names { default: &[] },
            doc: "Collections whose scalars are judged too",
        },
        ParameterInfo {
            name: "tensor_regex",
            kind: ParameterKind::Patterns { default: &[] },
            doc: "Expressions searched for in the names of further scalars to judge",
        },
        ParameterInfo {
            name: "use_losses_collection",
            kind: ParameterKind::Boolean { default: true },
            doc: "Whether the collection `losses` is judged",
        },
        ParameterInfo {
            name: NUM_STEPS,
            kind: ParameterKind::Integer { default: Some(10), min: 1 },
            doc: "Least number of steps between two checks",
        },
        ParameterInfo {
            name: "diff_percent",
            kind: ParameterKind::Float {
                default: Some(0.1),
                range: Interval {
                    low: std::ops::Bound::Included(0.0),
                    high: std::ops::Bound::Excluded(100.0),
                },
            },
            doc: "Least fall between two checks, in percent of the earlier loss",
        },
        ParameterInfo {
            name: "increase_threshold_percent",
            kind: ParameterKind::Float { default: Some(5.0), range: range::OPEN_PERCENT },
            doc: "Largest rise that is tolerated once, in percent of the earlier loss",
        },
        ParameterInfo {
            name: "mode",
            kind: ParameterKind::Choice { default: "GLOBAL", choices: &["EVAL", "TRAIN", "GLOBAL"] },
            doc: "Mode whose steps are judged; GLOBAL for all of them",
        },
    ],
    build: |parameters| Ok(Box::new(LossNotDecreasing::new(parameters)?)),
};

const REMEDY: &str = "Try a smaller learning rate if the loss rises or jumps, a larger one if it creeps; check that \
                      labels and rows belong together; if the validation metric is good enough, stop here.";

struct LossNotDecreasing {
    selection: Selection,
    modes: &'static [Mode],
    schedule: Schedule,
    scalars: Scalars,
    tracks: BTreeMap<(TensorName, Mode), Track>,
}

/// When losses are compared and with what result.
#[derive(Debug, Clone, Copy)]
struct Schedule {
    num_steps: u64,
    diff_percent: f64,
    increase_percent: f64,
    mode: Mode,
}

/// The losses of one tensor in one mode since its last check.
#[derive(Debug, Default)]
struct Track {
    /// Values from the last check (or the anchor) on.
    since_check: VecDeque<Loss>,
    values: u64,
    checks: u64,
    last_check_was_not_fine: bool,
    first_count: u64,
    last_count: u64,
}

#[derive(Debug, Clone, Copy)]
struct Loss {
    /// The step in the count of the rule's mode.
    count: u64,
    point: StepPoint,
    value: f64,
}

/// What a check came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fall {
    Fine,
    TooSlow,
    Tolerated,
    RisesAgain,
    Rises,
}

impl LossNotDecreasing {
    fn new(parameters: &Parameters) -> Result<Self, Error> {
        let losses = parameters.boolean("use_losses_collection")?.then(|| "losses".to_owned());
        let named = parameters.names("collection_names")?;
        let selection = Selection {
            collections: losses.into_iter().chain(named.iter().cloned()).collect(),
            patterns: parameters.patterns("tensor_regex")?,
        };
        if selection == Selection::default() {
            return Err(parameters.conflict(
                "without use_losses_collection it needs collection_names or tensor_regex".to_owned(),
            ));
        }
        let (mode, modes): (_, &'static [Mode]) = match parameters.choice("mode")? {
            "EVAL" => (Mode::Eval, &[Mode::Eval]),
            "TRAIN" => (Mode::Train, &[Mode::Train]),
            _ => (Mode::Global, &Mode::ALL),
        };
        let schedule = Schedule {
            num_steps: parameters.integer(NUM_STEPS)?,
            diff_percent: parameters.float("diff_percent")?,
            increase_percent: parameters.float("increase_threshold_percent")?,
            mode,
        };
        Ok(Self { selection, modes, schedule, scalars: Scalars::default(), tracks: BTreeMap::new() })
    }
}

impl Rule for LossNotDecreasing {
    fn selection(&self) -> &Selection {
        &self.selection
    }

    fn modes(&self) -> &'static [Mode] {
        self.modes
    }

    fn select(&self, tensor: &TensorEntry<'_>) -> Result<Interest, Error> {
        metric::interest_in_loss(&self.selection, tensor)
    }

    fn observe(&mut self, view: &StepView<'_>) -> Result<Vec<Judgement>, Error> {
        let point = view.point();
        let mut judgements = Vec::new();
        for (name, tensor) in view.iter() {
            let Some(value) = self.scalars.read(point, name, tensor) else { continue };
            let count = if self.schedule.mode == Mode::Global { point.step } else { point.mode_step };
            let track = self.tracks.entry((name.clone(), point.mode)).or_default();
            let now = Loss { count: count.0, point, value };
            let Some(reference) = track.due(now, self.schedule.num_steps) else { continue };
            let (fall, change) = track.check(reference, now, &self.schedule);
            let verdict = match fall {
                Fall::Tolerated => continue,
                Fall::Fine => Verdict::Clear,
                _ => {
                    let mut evidence = evidence(&self.schedule, name, reference, now, fall, change);
                    evidence.explanation += &self.scalars.note([name]);
                    Verdict::Met(Box::new(evidence))
                }
            };
            judgements.push(Judgement { subject: subject(name, point.mode), point, verdict });
        }
        Ok(judgements)
    }

    fn coverage(&self) -> Coverage {
        let mut skipped = self.scalars.skipped();
        let mut remarks = self.scalars.remarks();
        for ((name, mode), track) in self.tracks.iter().filter(|(_, track)| track.checks == 0) {
            let why = self.too_few(name, *mode, track);
            let checked = |mode| self.tracks.get(&(name.clone(), mode)).is_some_and(|track| track.checks > 0);
            let checked_elsewhere = Mode::ALL.into_iter().any(checked);
            if checked_elsewhere {
                remarks.push(why);
            } else {
                skipped.push(Skip { tensors: vec![name.clone()], why });
            }
        }
        Coverage { evaluations: self.tracks.values().map(|track| track.checks).sum(), skipped, remarks }
    }
}

impl LossNotDecreasing {
    fn too_few(&self, name: &TensorName, mode: Mode, track: &Track) -> Diagnosis {
        let num_steps = self.schedule.num_steps;
        let found = match track.values {
            1 => "1".to_owned(),
            values => format!("{values} from step {} to step {}", track.first_count, track.last_count),
        };
        let apart = counted(num_steps, "step");
        Diagnosis::TooFewSteps {
            tensor: name.clone(),
            needed: format!("2 saved steps of {} at least {apart} apart", subject(name, mode)),
            found,
            save_interval: None,
            parameter: Some((NUM_STEPS, num_steps)),
        }
    }
}

impl Track {
    /// Adds a value; the loss to compare it with where a check is due.
    fn due(&mut self, now: Loss, num_steps: u64) -> Option<Loss> {
        if self.values == 0 {
            self.first_count = now.count;
        }
        self.values += 1;
        self.last_count = now.count;
        let newest_reference = now.count.checked_sub(num_steps);
        let due =
            self.since_check.front().zip(newest_reference).is_some_and(|(last, newest)| last.count <= newest);
        let reference = if due {
            let old_enough = |loss: &&Loss| newest_reference.is_some_and(|newest| loss.count <= newest);
            let reference = self.since_check.iter().rev().find(old_enough).copied();
            self.since_check.clear();
            reference
        } else {
            None
        };
        self.since_check.push_back(now);
        reference
    }

    fn check(&mut self, reference: Loss, now: Loss, schedule: &Schedule) -> (Fall, f64) {
        /// Keeps a loss of zero from dividing by zero.
        const LEAST_REFERENCE: f64 = 1e-12;
        let change = 100.0 * (now.value - reference.value) / reference.value.abs().max(LEAST_REFERENCE);
        let fall = if change <= -schedule.diff_percent {
            Fall::Fine
        } else if change <= 0.0 {
            Fall::TooSlow
        } else if change > schedule.increase_percent {
            Fall::Rises
        } else if self.last_check_was_not_fine {
            Fall::RisesAgain
        } else {
            Fall::Tolerated
        };
        self.checks += 1;
        self.last_check_was_not_fine = fall != Fall::Fine;
        (fall, change)
    }
}

/// The tensor, with its mode where the run tells modes apart.
fn subject(name: &TensorName, mode: Mode) -> String {
    if mode == Mode::Global { name.to_string() } else { format!("{name} ({mode})") }
}

fn evidence(
    schedule: &Schedule,
    name: &TensorName,
    reference: Loss,
    now: Loss,
    fall: Fall,
    change: f64,
) -> Evidence {
    let percent = number(change.abs());
    let change_in_words = match fall {
        Fall::TooSlow if change == 0.0 => "has not changed".to_owned(),
        Fall::TooSlow => format!("has fallen by only {percent} %"),
        Fall::RisesAgain => {
            format!("has risen by {percent} %, and had not fallen enough at the check before either")
        }
        _ => format!("has risen by {percent} %"),
    };
    let threshold = if fall == Fall::Rises { schedule.increase_percent } else { -schedule.diff_percent };
    let explanation = format!(
        "{name} {change_in_words}: {} at step {}, {} at step {}. It should fall by {} % in {}.",
        number(reference.value),
        reference.point.step,
        number(now.value),
        now.point.step,
        number(schedule.diff_percent),
        counted(schedule.num_steps, "step"),
    );
    let reading = |loss: Loss| Reading { tensor: name.clone(), step: loss.point.step, value: loss.value };
    Evidence {
        quantity: "change of the loss in percent",
        measured: change,
        comparator: Comparator::Greater,
        threshold,
        readings: vec![reading(reference), reading(now)],
        explanation,
        remedy: REMEDY,
    }
}
