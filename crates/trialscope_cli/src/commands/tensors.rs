//! `trialscope tensors`: what a trial holds.

use serde::Serialize;
use trialscope_store::{Error as StoreError, NameQuery, Trial};
use trialscope_tensor::{Pattern, Step, TensorName};

use crate::{
    args::Tensors,
    exit::Exit,
    failure::Failure,
    names,
    output::Output,
    text,
    trial::{self, Overview, State},
};

#[derive(Serialize)]
struct Document {
    schema: &'static str,
    trial: Overview,
    collections: Vec<String>,
    tensors: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    name: String,
    display_name: String,
    dtype: Option<&'static str>,
    shape: Option<Vec<u64>>,
    num_steps: usize,
    first_step: Option<u64>,
    last_step: Option<u64>,
}

pub(crate) fn run(arguments: &Tensors, output: &Output) -> Result<Exit, Failure> {
    let trial = trial::open(&arguments.trial.path)?;
    let query = NameQuery {
        mode: arguments.mode,
        step: arguments.step.map(Step),
        patterns: arguments
            .regex
            .iter()
            .map(|pattern| Pattern::parse(pattern))
            .collect::<Result<_, _>>()
            .map_err(StoreError::from)?,
        collection: arguments.collection.clone(),
    };
    let names = trial.tensor_names(&query)?;
    let document = Document {
        schema: "trialscope.tensors/1",
        trial: Overview::of(&trial),
        collections: trial.collections().by_name.keys().cloned().collect(),
        tensors: names.iter().map(|name| row(&trial, name, arguments)).collect::<Result<_, _>>()?,
    };
    output.result(&document, || document.to_text())?;
    if arguments.require_complete && State::of(&trial) != State::Complete {
        return Err(Failure::new(Exit::Incomplete, "the training is not finished"));
    }
    Ok(Exit::Success)
}

fn row(trial: &Trial, name: &TensorName, arguments: &Tensors) -> Result<Row, Failure> {
    let handle = trial.tensor(name.as_str())?;
    let steps = handle.steps(arguments.mode, true);
    // The last value stands for all: arrays rarely change their shape. A damaged one is reported by `doctor`.
    let last = arguments.step.map(Step).or(steps.last().copied());
    let value = last.and_then(|step| handle.value(step, arguments.mode, None).ok());
    let shape = match &value {
        Some(value) => Some(value.shape().clone()),
        None => last.and_then(|step| handle.shape(step, arguments.mode, None).ok()),
    };
    Ok(Row {
        name: name.as_str().to_owned(),
        display_name: names::display(trial, name.as_str()),
        dtype: value.as_ref().map(|value| value.dtype().name()),
        shape: shape.map(|shape| shape.dims().to_vec()),
        num_steps: steps.len(),
        first_step: steps.first().map(|step| step.0),
        last_step: steps.last().map(|step| step.0),
    })
}

impl Document {
    fn to_text(&self) -> String {
        let step = |step: Option<u64>| step.map_or_else(|| "-".to_owned(), |step| step.to_string());
        let rows: Vec<Vec<String>> = self
            .tensors
            .iter()
            .map(|row| {
                let shape = row.shape.clone().map(trialscope_tensor::Shape::from);
                vec![
                    row.display_name.clone(),
                    row.dtype.unwrap_or("-").to_owned(),
                    shape.map_or_else(|| "-".to_owned(), |shape| shape.to_string()),
                    text::count(row.num_steps as u64),
                    step(row.first_step),
                    step(row.last_step),
                ]
            })
            .collect();
        let table = text::table(&["tensor", "type", "shape", "steps", "first", "last"], &rows, &[3, 4, 5]);
        format!(
            "{}collections  {}\n\n{table}\n{} tensors",
            self.trial.to_text(),
            text::printable(&self.collections.join(", ")),
            text::count(self.tensors.len() as u64)
        )
    }
}
