//! `trialscope show`: the values of one tensor.

use std::fmt::Write;

use serde::Serialize;
use serde_json::{Value, json};
use trialscope_store::{TensorHandle, Trial};
use trialscope_tensor::{Dtype, Reduction, ReductionKind, Step, Tensor, Worker, reduce};

use crate::{args::Show, exit::Exit, failure::Failure, names, output::Output, text, trial};

/// Elements printed of a large array, unless the user wants all.
const FIRST_ELEMENTS: usize = 12;

#[derive(Serialize)]
struct Document {
    schema: &'static str,
    name: String,
    display_name: String,
    mode: &'static str,
    values: Vec<AtStep>,
}

#[derive(Serialize)]
struct AtStep {
    step: u64,
    dtype: &'static str,
    shape: Vec<u64>,
    /// Elements in C order.
    values: Vec<Value>,
    /// Whether `values` are only the first ones.
    truncated: bool,
    #[serde(skip)]
    tensor: Tensor,
}

pub(crate) fn run(arguments: &Show, output: &Output) -> Result<Exit, Failure> {
    let trial = trial::open(&arguments.trial.path)?;
    let name = names::resolve(&trial, &arguments.tensor);
    let handle = trial.tensor(&name)?;
    let worker = match &arguments.worker {
        Some(worker) => Some(Worker::parse(worker).map_err(|e| Failure::new(Exit::Usage, e.to_string()))?),
        None => None,
    };
    let tensors = match arguments.step {
        Some(step) => vec![(Step(step), handle.value(Step(step), arguments.mode, worker.as_ref())?)],
        None => series_or_last(&handle, arguments, worker.as_ref())?,
    };
    let document = Document {
        schema: "trialscope.show/1",
        display_name: names::display(&trial, &name),
        name,
        mode: arguments.mode.name(),
        values: tensors.into_iter().map(|(step, tensor)| AtStep::new(step, tensor, arguments.full)).collect(),
    };
    output.result(&document, || document.to_text(&trial))?;
    Ok(Exit::Success)
}

/// All steps of a tensor that is a number, the last step of any other.
fn series_or_last(
    handle: &TensorHandle<'_>,
    arguments: &Show,
    worker: Option<&Worker>,
) -> Result<Vec<(Step, Tensor)>, Failure> {
    let steps = handle.steps(arguments.mode, true);
    let Some(&last) = steps.last() else {
        return Err(Failure::new(
            Exit::NotFound,
            format!("tensor {:?} was not saved in mode {}", handle.name().as_str(), arguments.mode),
        ));
    };
    let latest = handle.value(last, arguments.mode, worker)?;
    if latest.num_elements() != 1 {
        return Ok(vec![(last, latest)]);
    }
    let mut series = Vec::with_capacity(steps.len());
    for step in steps {
        series.push((step, handle.value(step, arguments.mode, worker)?));
    }
    Ok(series)
}

impl AtStep {
    fn new(step: Step, tensor: Tensor, full: bool) -> Self {
        let limit = if full { usize::MAX } else { FIRST_ELEMENTS };
        let values = elements(&tensor, limit);
        Self {
            step: step.0,
            dtype: tensor.dtype().name(),
            shape: tensor.shape().dims().to_vec(),
            truncated: (values.len() as u64) < tensor.num_elements(),
            values,
            tensor,
        }
    }
}

impl Document {
    fn to_text(&self, trial: &Trial) -> String {
        match self.values.as_slice() {
            [only] => only.to_text(&self.display_name),
            series => {
                let numbers: Vec<f64> =
                    series.iter().map(|at| at.tensor.as_scalar().unwrap_or(f64::NAN)).collect();
                let rows: Vec<Vec<String>> = series
                    .iter()
                    .zip(&numbers)
                    .map(|(at, value)| vec![at.step.to_string(), at.cell(*value)])
                    .collect();
                let table = text::table(&["step", &self.display_name], &rows, &[0, 1]);
                format!(
                    "{}, {} steps of {}\n{}\n\n{table}",
                    self.display_name,
                    text::count(series.len() as u64),
                    text::printable(trial.storage().location()),
                    text::sparkline(&numbers),
                )
            }
        }
    }
}

impl AtStep {
    /// The one element, as a cell of a table.
    fn cell(&self, number: f64) -> String {
        match self.tensor.strings().and_then(<[String]>::first) {
            Some(string) => text::printable(string),
            None => text::number(number),
        }
    }

    fn to_text(&self, name: &str) -> String {
        let mut text = format!("{name}  step {}  {} {}\n", self.step, self.dtype, self.tensor.shape());
        if self.tensor.num_elements() > 1 && self.tensor.dtype().is_real() {
            let statistic = |kind| {
                let value =
                    reduce(&self.tensor, Reduction { kind, abs: false }).ok().and_then(|t| t.as_scalar());
                text::number(value.unwrap_or(f64::NAN))
            };
            let _ = writeln!(
                text,
                "min {}  mean {}  max {}  std {}",
                statistic(ReductionKind::Min),
                statistic(ReductionKind::Mean),
                statistic(ReductionKind::Max),
                statistic(ReductionKind::Std),
            );
        }
        let cells: Vec<String> = self.values.iter().map(cell_of).collect();
        text.push_str(&cells.join("  "));
        if self.truncated {
            let rest = self.tensor.num_elements() - self.values.len() as u64;
            let _ = write!(text, "  … {} more (--full prints them)", text::count(rest));
        }
        text
    }
}

fn cell_of(value: &Value) -> String {
    match value {
        Value::String(string) => text::printable(string),
        Value::Number(number) if number.is_f64() => text::number(number.as_f64().unwrap_or(f64::NAN)),
        other => other.to_string(),
    }
}

/// Elements as JSON: numbers, booleans, strings; complex numbers as [real, imaginary]. What JSON cannot say (NaN and
/// the infinities) is a string.
fn elements(tensor: &Tensor, limit: usize) -> Vec<Value> {
    if let Some(strings) = tensor.strings() {
        return strings.iter().take(limit).map(|string| json!(string)).collect();
    }
    let raw = tensor.raw().map(AsRef::as_ref).unwrap_or_default();
    let size = usize::try_from(tensor.dtype().size_bytes().unwrap_or(1)).unwrap_or(1);
    raw.chunks_exact(size).take(limit).map(|element| element_of(tensor.dtype(), element)).collect()
}

fn element_of(dtype: Dtype, bytes: &[u8]) -> Value {
    let wide = |sign: bool| {
        let mut buffer =
            if sign && bytes.last().is_some_and(|byte| byte & 0x80 != 0) { [0xff; 8] } else { [0; 8] };
        for (place, byte) in buffer.iter_mut().zip(bytes) {
            *place = *byte;
        }
        buffer
    };
    match dtype {
        Dtype::Bool => json!(bytes.first().is_some_and(|byte| *byte != 0)),
        Dtype::I8 | Dtype::I16 | Dtype::I32 | Dtype::I64 => json!(i64::from_le_bytes(wide(true))),
        Dtype::U8 | Dtype::U16 | Dtype::U32 | Dtype::U64 => json!(u64::from_le_bytes(wide(false))),
        Dtype::C64 | Dtype::C128 => {
            let (part, half) = (if dtype == Dtype::C64 { Dtype::F32 } else { Dtype::F64 }, bytes.len() / 2);
            let (real, imaginary) = bytes.split_at(half);
            json!([element_of(part, real), element_of(part, imaginary)])
        }
        Dtype::F16 | Dtype::Bf16 | Dtype::F32 | Dtype::F64 | Dtype::Str => {
            let element = Tensor::from_raw(dtype, trialscope_tensor::Shape::scalar(), bytes.to_vec().into());
            float(element.ok().and_then(|element| element.as_scalar()).unwrap_or(f64::NAN))
        }
    }
}

fn float(value: f64) -> Value {
    if value.is_finite() {
        return json!(value);
    }
    json!(if value.is_nan() {
        "NaN"
    } else if value > 0.0 {
        "Infinity"
    } else {
        "-Infinity"
    })
}
