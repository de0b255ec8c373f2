//! One loss in modes TRAIN and EVAL: the mean of each EVAL block beside that of the training before it.

use crate::StepPoint;

/// The losses of one tensor since the last finished EVAL block.
#[derive(Debug, Default)]
pub(crate) struct LossBlocks {
    train: Mean,
    last_train: Option<f64>,
    block: Option<(Mean, StepPoint)>,
}

/// A finished EVAL block.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct FinishedBlock {
    /// The last step of the block.
    pub(crate) point: StepPoint,
    /// Mean of the TRAIN losses saved since the block before; the last TRAIN loss where none was saved since.
    pub(crate) train: f64,
    /// Mean of the EVAL losses in the block.
    pub(crate) validation: f64,
}

#[derive(Debug, Default)]
struct Mean {
    sum: f64,
    count: u64,
}

impl Mean {
    fn add(&mut self, value: f64) {
        self.sum += value;
        self.count += 1;
    }

    #[expect(clippy::cast_precision_loss, reason = "no run has 2^53 steps")]
    fn value(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / self.count as f64)
    }
}

impl LossBlocks {
    /// Adds a TRAIN loss; ends the EVAL block before it.
    pub(crate) fn train(&mut self, value: f64) -> Option<FinishedBlock> {
        let finished = self.end_block();
        self.train.add(value);
        self.last_train = Some(value);
        finished
    }

    /// Adds an EVAL loss. It begins a block of its own where the program did something else since the last one,
    /// saved or not: then the global step has advanced by more than the EVAL step.
    pub(crate) fn eval(&mut self, point: StepPoint, value: f64) -> Option<FinishedBlock> {
        let advance = |last: &StepPoint| {
            (point.step.0.wrapping_sub(last.step.0), point.mode_step.0.wrapping_sub(last.mode_step.0))
        };
        let same_block =
            self.block.as_ref().map(|(_, last)| advance(last)).is_some_and(|(global, eval)| global == eval);
        let finished = if same_block { None } else { self.end_block() };
        let (mean, last) = self.block.get_or_insert_with(|| (Mean::default(), point));
        mean.add(value);
        *last = point;
        finished
    }

    /// Ends the current EVAL block; `None` where there is none, or no TRAIN loss to compare with.
    pub(crate) fn end_block(&mut self) -> Option<FinishedBlock> {
        let (block, point) = self.block.take()?;
        let train = std::mem::take(&mut self.train).value().or(self.last_train)?;
        Some(FinishedBlock { point, train, validation: block.value()? })
    }
}

#[cfg(test)]
mod tests {
    use trialscope_tensor::{Mode, Step};

    use super::*;

    fn eval(step: u64, mode_step: u64) -> StepPoint {
        StepPoint { step: Step(step), mode: Mode::Eval, mode_step: Step(mode_step) }
    }

    #[test]
    fn a_block_ends_with_the_next_training_loss() {
        let mut blocks = LossBlocks::default();
        assert_eq!(blocks.train(3.0), None);
        assert_eq!(blocks.train(1.0), None);
        assert_eq!(blocks.eval(eval(2, 0), 4.0), None);
        assert_eq!(blocks.eval(eval(3, 1), 6.0), None);
        // (3 + 1) / 2 = 2 and (4 + 6) / 2 = 5.
        let finished = FinishedBlock { point: eval(3, 1), train: 2.0, validation: 5.0 };
        assert_eq!(blocks.train(9.0), Some(finished));
    }

    #[test]
    fn unsaved_training_between_two_blocks_tells_them_apart() {
        let mut blocks = LossBlocks::default();
        blocks.train(2.0);
        assert_eq!(blocks.eval(eval(1, 0), 4.0), None);
        // Global steps 2 to 5 were training, of which no loss was saved.
        let first = FinishedBlock { point: eval(1, 0), train: 2.0, validation: 4.0 };
        assert_eq!(blocks.eval(eval(6, 1), 8.0), Some(first));
        // No TRAIN loss since the first block: the last one counts.
        let second = FinishedBlock { point: eval(6, 1), train: 2.0, validation: 8.0 };
        assert_eq!(blocks.end_block(), Some(second));
        assert_eq!(blocks.end_block(), None);
    }

    #[test]
    fn a_block_before_any_training_is_not_compared() {
        let mut blocks = LossBlocks::default();
        blocks.eval(eval(0, 0), 4.0);
        assert_eq!(blocks.train(1.0), None);
    }
}
