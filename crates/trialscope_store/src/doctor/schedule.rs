//! What should be there: every worker at every step, and every step the save configuration asks for.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

use trialscope_tensor::{Mode, Pattern, Step};

use super::{Examination, ObservationKind};
use crate::{
    collections::{Collection, Collections, ModeSaveConfig},
    layout,
};

/// Steps listed in one message.
const MAX_LISTED: usize = 10;

impl Examination<'_> {
    /// Steps that fewer workers saved than save at all.
    pub(super) fn missing_workers(&mut self, needed: u64) {
        let lacking: Vec<Step> = self
            .steps
            .iter()
            .filter(|(_, saved)| (saved.workers.len() as u64) < needed)
            .map(|(&step, _)| step)
            .collect();
        if !lacking.is_empty() {
            let message =
                format!("of {needed} workers not all saved {}", list(&lacking, lacking.len() as u64));
            self.find(ObservationKind::MissingWorker, layout::INDEX, message);
        }
    }

    /// Gaps between saved steps in which a collection that is saved otherwise should have been saved.
    pub(super) fn missing_steps(&mut self, collections: &Collections) {
        let mut by_mode: BTreeMap<Mode, BTreeSet<Step>> = BTreeMap::new();
        for saved in self.steps.values() {
            by_mode.entry(saved.mode).or_default().insert(saved.mode_step);
        }
        for (name, collection) in &collections.by_name {
            let Some(save_config) = &collection.save_config else { continue };
            if !self.is_saved(collection) {
                continue;
            }
            for (mode, steps) in &by_mode {
                let Some(config) = save_config.0.get(mode) else { continue };
                let (missing, num_missing) = missing(config, steps);
                if num_missing > 0 {
                    let message = format!(
                        "collection {name:?} should have been saved in mode {mode} at {}, where nothing is",
                        list(&missing, num_missing)
                    );
                    self.find(ObservationKind::MissingSteps, layout::INDEX, message);
                }
            }
        }
    }

    /// Whether any tensor of the trial belongs to a collection: collections files define many that nobody saves.
    fn is_saved(&self, collection: &Collection) -> bool {
        let patterns: Vec<Pattern> =
            collection.include_regex.iter().filter_map(|pattern| Pattern::parse(pattern).ok()).collect();
        self.tensor_names.iter().any(|name| {
            collection.tensor_names.contains(name.as_str())
                || patterns.iter().any(|pattern| pattern.occurs_in(name.as_str()).unwrap_or(false))
        })
    }
}

/// The first few steps that a configuration saves between the first and last of `steps` and that are not among them,
/// and their number.
fn missing(config: &ModeSaveConfig, steps: &BTreeSet<Step>) -> (Vec<Step>, u64) {
    let mut first_few = Vec::new();
    let mut num_missing = 0;
    for (before, after) in steps.iter().zip(steps.iter().skip(1)) {
        let (from, to) = (before.0 + 1, after.0);
        let mut listed = BTreeSet::new();
        let (by_interval, count) = on_interval(config, from, to);
        num_missing += count;
        listed.extend(by_interval);
        for &step in config.save_steps.iter().filter(|step| (from..to).contains(step)) {
            let is_on_interval =
                ModeSaveConfig { save_steps: Vec::new(), ..config.clone() }.saves(Step(step));
            num_missing += u64::from(!is_on_interval);
            listed.insert(Step(step));
        }
        first_few.extend(listed.into_iter().take(MAX_LISTED - first_few.len()));
    }
    (first_few, num_missing)
}

/// The first few steps of `from..to` on the interval of a configuration, and how many there are. Step numbers come from
/// file names and can be anything, so they are not gone through one by one.
fn on_interval(config: &ModeSaveConfig, from: u64, to: u64) -> (Vec<Step>, u64) {
    let interval = config.save_interval;
    let from = from.max(config.start_step);
    let to = to.min(config.end_step.unwrap_or(u64::MAX));
    let Some(first) = from.checked_next_multiple_of(interval).filter(|&first| interval > 0 && first < to)
    else {
        return (Vec::new(), 0);
    };
    let count = (to - 1 - first) / interval + 1;
    ((0..count).take(MAX_LISTED).map(|nth| Step(first + nth * interval)).collect(), count)
}

fn list(first_few: &[Step], count: u64) -> String {
    let mut text = if count == 1 { "step".to_owned() } else { format!("{count} steps:") };
    for (place, step) in first_few.iter().take(MAX_LISTED).enumerate() {
        let separator = if place == 0 { "" } else { "," };
        // Writing to a string cannot fail.
        let _ = write!(text, "{separator} {step}");
    }
    if count > MAX_LISTED as u64 {
        text.push_str(", ...");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(config: &ModeSaveConfig, steps: &[u64], expected: &[u64], count: u64) {
        let steps: BTreeSet<Step> = steps.iter().copied().map(Step).collect();
        let (found, num_found) = missing(config, &steps);
        assert_eq!(found.iter().map(|step| step.0).collect::<Vec<_>>(), expected);
        assert_eq!(num_found, count);
    }

    #[test]
    fn gaps_are_what_the_configuration_saves_between_saved_steps() {
        let every_5 = ModeSaveConfig { save_interval: 5, save_steps: vec![], start_step: 0, end_step: None };
        check(&every_5, &[0, 5, 10], &[], 0);
        check(&every_5, &[0, 20, 25], &[5, 10, 15], 3);
        check(&every_5, &[3, 4], &[], 0);
        check(&every_5, &[], &[], 0);
        let listed = ModeSaveConfig { save_steps: vec![7, 10], ..every_5.clone() };
        check(&listed, &[0, 15], &[5, 7, 10], 3);
        let ends = ModeSaveConfig { start_step: 6, end_step: Some(12), ..every_5.clone() };
        check(&ends, &[0, 20], &[10], 1);
        let never = ModeSaveConfig { save_interval: 0, ..every_5.clone() };
        check(&never, &[0, 20], &[], 0);
        // A step number that makes no sense does not take for ever.
        let first_ten: Vec<u64> = (1..=10).map(|nth| nth * 5).collect();
        check(&every_5, &[0, 5_000_000_000_000], &first_ten, 999_999_999_999);
    }

    #[test]
    fn long_lists_are_cut() {
        let steps: Vec<Step> = (0..30).map(Step).collect();
        assert_eq!(list(&steps[..1], 1), "step 0");
        assert_eq!(list(&steps[..2], 2), "2 steps: 0, 1");
        assert_eq!(list(&steps, 30), "30 steps: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, ...");
    }
}
