use trialscope_tensor::Mode;

use crate::{Coverage, Error, Evidence, Selection, StepPoint, StepView, TensorEntry};

/// A condition on tensors.
///
/// A rule keeps its state in itself and is pure: handed the same steps in the same order it gives the same judgements.
/// It must not conclude anything from a name it has not yet been handed, for then a growing run and a finished one
/// would be judged differently.
pub trait Rule: Send {
    /// The tensors it looks at, for choosing and for messages.
    fn selection(&self) -> &Selection;

    /// The modes whose steps it looks at.
    fn modes(&self) -> &'static [Mode] {
        &Mode::ALL
    }

    /// What it wants of a tensor; asked once per name.
    ///
    /// # Errors
    /// [`Error::PatternTooHard`]; the rule then ends in an error.
    fn select(&self, tensor: &TensorEntry<'_>) -> Result<Interest, Error> {
        Ok(if self.selection().takes(tensor)? { Interest::Values } else { Interest::Ignore })
    }

    /// Looks at a step at which at least one of its tensors was saved.
    ///
    /// # Errors
    /// Any error ends this rule, and no other, in an error.
    fn observe(&mut self, view: &StepView<'_>) -> Result<Vec<Judgement>, Error>;

    /// Looks at what is left when no step follows.
    ///
    /// # Errors
    /// As [`Rule::observe`].
    fn finish(&mut self) -> Result<Vec<Judgement>, Error> {
        Ok(Vec::new())
    }

    /// How much it could evaluate so far, and what it could not.
    fn coverage(&self) -> Coverage;
}

/// What a rule wants of a tensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Interest {
    /// Nothing.
    Ignore,
    /// Nothing, although its selection takes it; the reason is told when no tensor is left.
    LeaveOut(&'static str),
    /// Its values.
    Values,
}

/// What a rule says about one subject at one step.
///
/// A rule judges whenever it has evaluated its condition; silence leaves an open finding open.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// What the judgement is about: a tensor, a pair, a group. Each has at most one open finding.
    pub subject: String,
    /// The step judged; at most the current one.
    pub point: StepPoint,
    /// Whether the condition is met.
    pub verdict: Verdict,
}

/// Whether a condition is met.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// It is met, and why.
    Met(Box<Evidence>),
    /// It is not met.
    Clear,
}
