//! The command line as types.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use trialscope_tensor::Mode;

const EXIT_CODES: &str = "\
Exit codes:
  0  all went well
  1  failure, or damage found by doctor
  2  the command line is wrong
  3  a rule fired (with --fail-on-issues)
  4  no such trial, step or tensor
  5  a file or model of a kind that is not supported
  6  the training is not finished (with --require-complete)
  130  interrupted";

/// See inside a model while it trains.
#[derive(Debug, Parser)]
#[command(name = "trialscope", version, about, after_help = EXIT_CODES, max_term_width = 110)]
pub(crate) struct CommandLine {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Global {
    /// Print one JSON document on standard output, and errors as JSON on standard error.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Print results only.
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// When to use colours; `NO_COLOR` is honoured too.
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub(crate) color: Color,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Train on census data with the hook attached and a rule watching.
    Demo(Demo),
    /// List what a trial holds.
    Tensors(Tensors),
    /// Show the values of one tensor.
    Show(Show),
    /// Judge a trial by rules, live or afterwards.
    Rules(Rules),
    /// Check every file of a trial.
    Doctor(Doctor),
}

/// Where a trial lies.
#[derive(Debug, Clone, Args)]
pub(crate) struct TrialPath {
    /// Folder or URL of the trial.
    #[arg(value_name = "PATH")]
    pub(crate) path: String,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  trialscope demo
  trialscope demo --data ~/data/adult --out runs/adult
  TRIALSCOPE_DATA_DIR=~/data/adult trialscope demo --rounds 200 --interval 20")]
pub(crate) struct Demo {
    /// File adult.data, or the folder it lies in [default: local cache, then a download]
    #[arg(long, env = "TRIALSCOPE_DATA_DIR", value_name = "PATH")]
    pub(crate) data: Option<PathBuf>,
    /// Folder of the trial [default: a new one below ./runs]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<String>,
    /// Boosting rounds.
    #[arg(long, default_value_t = 51, value_name = "N")]
    pub(crate) rounds: u32,
    /// Rounds between saved steps.
    #[arg(long, default_value_t = 5, value_name = "N")]
    pub(crate) interval: u32,
    /// Seed of the row sampling.
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub(crate) seed: u32,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  trialscope tensors runs/adult
  trialscope tensors runs/adult --collection average_shap
  trialscope tensors runs/adult --regex 'logloss$' --json")]
pub(crate) struct Tensors {
    #[command(flatten)]
    pub(crate) trial: TrialPath,
    /// Only tensors of this collection.
    #[arg(long, short, value_name = "NAME")]
    pub(crate) collection: Option<String>,
    /// Only tensors whose name has a match of this regular expression; may be given several times.
    #[arg(long, short, value_name = "REGEX", conflicts_with = "collection")]
    pub(crate) regex: Vec<String>,
    /// Only tensors saved at this step.
    #[arg(long, value_name = "STEP")]
    pub(crate) step: Option<u64>,
    /// Mode in which steps are counted.
    #[arg(long, value_parser = mode, default_value = "GLOBAL", value_name = "MODE")]
    pub(crate) mode: Mode,
    /// Fail with exit code 6 unless the training is finished.
    #[arg(long)]
    pub(crate) require_complete: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  trialscope show runs/adult validation-logloss
  trialscope show runs/adult average_shap/age
  trialscope show runs/adult full_shap/f0 --step 50
  trialscope show runs/adult predictions --step 50 --json")]
pub(crate) struct Show {
    #[command(flatten)]
    pub(crate) trial: TrialPath,
    /// Tensor name, as `tensors` lists it; feature names may stand in it.
    pub(crate) tensor: String,
    /// Step to show [default: the series of a scalar, the last step of an array]
    #[arg(long, value_name = "STEP")]
    pub(crate) step: Option<u64>,
    /// Mode in which steps are counted.
    #[arg(long, value_parser = mode, default_value = "GLOBAL", value_name = "MODE")]
    pub(crate) mode: Mode,
    /// Worker whose value to show [default: the first]
    #[arg(long, value_name = "NAME")]
    pub(crate) worker: Option<String>,
    /// Print every element instead of the first ones.
    #[arg(long)]
    pub(crate) full: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
A rule is NAME or NAME:parameter=value,parameter=value.

Examples:
  trialscope rules runs/adult --rule LossNotDecreasing
  trialscope rules runs/adult --rule LossNotDecreasing:num_steps=10,diff_percent=0.5 --rule Overfit
  trialscope rules runs/adult --rule Overfit --follow
  trialscope rules runs/adult --rule FeatureImportanceOverweight --json --fail-on-issues
  trialscope rules --list")]
pub(crate) struct Rules {
    /// Folder or URL of the trial.
    #[arg(value_name = "PATH", required_unless_present = "list")]
    pub(crate) path: Option<String>,
    /// Rule to judge by, with its parameters; may be given several times.
    #[arg(long = "rule", short, value_name = "NAME[:param=value,...]", required_unless_present = "list")]
    pub(crate) specs: Vec<String>,
    /// Stay beside a running training until it ends; with --json, one JSON line per event.
    #[arg(long, short)]
    pub(crate) follow: bool,
    /// Give up following after this many seconds without a new step [default: never]
    #[arg(long, value_name = "SECONDS", requires = "follow")]
    pub(crate) timeout: Option<u64>,
    /// End with exit code 3 if a rule fired.
    #[arg(long)]
    pub(crate) fail_on_issues: bool,
    /// List the rules there are, with their parameters.
    #[arg(long, conflicts_with_all = ["path", "specs", "follow"])]
    pub(crate) list: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  trialscope doctor runs/adult
  trialscope doctor runs/adult --json")]
pub(crate) struct Doctor {
    #[command(flatten)]
    pub(crate) trial: TrialPath,
}

fn mode(text: &str) -> Result<Mode, String> {
    text.parse().map_err(|error: trialscope_tensor::Error| error.to_string())
}
