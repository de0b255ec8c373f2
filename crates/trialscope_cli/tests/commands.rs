//! The command as its users run it: what it prints, where, and with which exit code.
#![expect(clippy::unwrap_used, reason = "a test that meets the unexpected fails")]

use std::{
    path::Path,
    process::{Command, Output},
};

use serde_json::Value;
use trialscope_store::{
    Collection, Collections, ExistingStep, IfExists, NamedTensor, StepRecord, Storage, TrialWriter,
};
use trialscope_tensor::{Mode, Step, Tensor, TensorName, Worker};

/// A training whose validation loss rises from step 10 on, with one feature that carries nearly everything.
struct Fixture {
    folder: tempfile::TempDir,
}

impl Fixture {
    fn new(ended: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let storage = Storage::create(folder.path().to_str().unwrap()).unwrap();
        let mut writer = TrialWriter::open(storage, Worker::rank(0), 1, IfExists::Error).unwrap();
        let collection = |names: &[&str], patterns: &[&str]| Collection {
            include_regex: patterns.iter().map(|&p| p.to_owned()).collect(),
            tensor_names: names.iter().map(|&n| n.to_owned()).collect(),
            ..Collection::default()
        };
        let by_name = [
            ("losses".to_owned(), collection(&["train-logloss", "validation-logloss"], &[])),
            ("average_shap".to_owned(), collection(&[], &["^average_shap/"])),
        ];
        writer.write_collections(&Collections { by_name: by_name.into(), num_workers: 1 }).unwrap();
        writer.write_feature_names(&["age".into(), "<b>\u{1b}[31m".into()]).unwrap();
        let losses = [(0.6, 0.6), (0.5, 0.5), (0.4, 0.4), (0.3, 0.45), (0.2, 0.5)];
        for (step, (training, value)) in (0_u64..).step_by(5).zip(losses) {
            let step = Step(step);
            let named = |name: &str, tensor: Tensor| NamedTensor {
                name: TensorName::parse(name).unwrap(),
                aliases: Vec::new(),
                tensor,
            };
            let tensors = vec![
                named("train-logloss", Tensor::from_f64(training)),
                named("validation-logloss", Tensor::from_f64(value)),
                named("average_shap/f0", Tensor::from_f64(0.25)),
                named("average_shap/f1", Tensor::from_f64(f64::NAN)),
                named("predictions", Tensor::vector_f64(&(0..20).map(f64::from).collect::<Vec<_>>())),
            ];
            let record = StepRecord {
                step,
                mode: Mode::Global,
                mode_step: step,
                wall_time_secs: 0.0,
                tensors,
                shapes: Vec::new(),
            };
            writer.write_step(&record, ExistingStep::Replace).unwrap();
        }
        if ended {
            writer.finish().unwrap();
        }
        Self { folder }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let (command, rest) = arguments.split_first().unwrap();
        let mut all = vec![*command, self.path().to_str().unwrap()];
        all.extend(rest);
        run(&all)
    }
}

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_trialscope")).args(arguments).output().unwrap()
}

fn stdout(output: &Output) -> String {
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "nothing on standard error");
    assert_eq!(output.status.code(), Some(0));
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

fn fails(output: &Output, code: i32, expected: &str) {
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{text}");
    assert!(text.contains(expected), "{text}");
    assert!(output.stdout.is_empty());
}

#[test]
fn tensors_lists_names_with_real_features_that_cannot_steer_the_terminal() {
    let fixture = Fixture::new(true);
    let text = stdout(&fixture.run(&["tensors"]));
    assert!(text.contains("state    complete"), "{text}");
    assert!(text.contains("steps    5 (0 to 20)"), "{text}");
    assert!(text.contains("average_shap/age "), "{text}");
    assert!(text.contains("average_shap/<b>\\u{1b}[31m"), "{text}");
    assert!(!text.contains('\u{1b}'), "{text}");
    let line = text.lines().find(|line| line.starts_with("predictions")).unwrap();
    assert_eq!(
        line.split_whitespace().collect::<Vec<_>>(),
        ["predictions", "float64", "(20,)", "5", "0", "20"]
    );
}

#[test]
fn tensors_as_json_is_one_document() {
    let fixture = Fixture::new(true);
    let document = json(&fixture.run(&["tensors", "--collection", "losses", "--json"]));
    assert_eq!(document["schema"], "trialscope.tensors/1");
    assert_eq!(document["trial"]["state"], "complete");
    let names: Vec<_> =
        document["tensors"].as_array().unwrap().iter().map(|row| row["name"].clone()).collect();
    assert_eq!(names, ["train-logloss", "validation-logloss"]);
    let matching = json(&fixture.run(&["tensors", "--regex", "shap.*1$", "--json"]));
    assert_eq!(matching["tensors"].as_array().unwrap().len(), 1);
}

#[test]
fn an_unfinished_trial_is_told_by_its_state_and_exit_code() {
    let fixture = Fixture::new(false);
    let output = fixture.run(&["tensors", "--require-complete"]);
    assert_eq!(output.status.code(), Some(6));
}

#[test]
fn show_prints_the_series_of_a_scalar_and_the_last_array() {
    let fixture = Fixture::new(true);
    let text = stdout(&fixture.run(&["show", "validation-logloss"]));
    assert!(text.contains("█▅▁▃▅"), "{text}");
    assert!(text.contains("  15                0.45"), "{text}");
    let text = stdout(&fixture.run(&["show", "predictions"]));
    assert!(text.contains("step 20  float64 (20,)"), "{text}");
    assert!(text.contains("min 0  mean 9.5  max 19"), "{text}");
    assert!(text.contains("… 8 more"), "{text}");
    let document = json(&fixture.run(&["show", "predictions", "--step", "5", "--full", "--json"]));
    assert_eq!(document["values"][0]["step"], 5);
    assert_eq!(document["values"][0]["values"].as_array().unwrap().len(), 20);
}

#[test]
fn show_takes_real_feature_names_and_says_nan() {
    let fixture = Fixture::new(true);
    let document = json(&fixture.run(&["show", "average_shap/age", "--json"]));
    assert_eq!(document["name"], "average_shap/f0");
    let document = json(&fixture.run(&["show", "average_shap/f1", "--step", "0", "--json"]));
    assert_eq!(document["values"][0]["values"][0], "NaN");
}

#[test]
fn what_is_not_there_is_refused_with_the_nearest_name() {
    let fixture = Fixture::new(true);
    fails(&fixture.run(&["show", "validation-loglos"]), 4, "did you mean \"validation-logloss\"?");
    fails(&fixture.run(&["show", "predictions", "--step", "7"]), 4, "the nearest saved step is 5");
    fails(&fixture.run(&["show", "predictions", "--step", "7"]), 4, "hint: ");
    fails(&fixture.run(&["show", "predictions", "--mode", "EVLA"]), 2, "unknown mode");
    fails(&fixture.run(&["show", "predictions", "--worker", "worker_9"]), 4, "the workers are worker_0");
    fails(&fixture.run(&["tensors", "--regex", "("]), 2, "not a valid regular expression");
    fails(&fixture.run(&["tensors", "--collection", "loses"]), 4, "did you mean \"losses\"?");
    fails(&fixture.run(&["rules", "--rule", "LossNotDecresing"]), 2, "LossNotDecreasing");
    fails(&fixture.run(&["rules", "--rule", "Overfit:patiense=1"]), 2, "patience");
    fails(&fixture.run(&["rules", "--rule", "Overfit:patience=-1"]), 2, "out of range");
}

#[test]
fn a_place_without_a_trial_is_named() {
    let empty = tempfile::tempdir().unwrap();
    let path = empty.path().to_str().unwrap();
    fails(&run(&["tensors", path]), 4, "is not a trial");
    fails(&run(&["doctor", &format!("{path}/nowhere")]), 4, "there is no such folder");
    let output = run(&["tensors", path, "--json"]);
    let error: Value = serde_json::from_slice(&output.stderr).unwrap();
    assert_eq!(error["error"]["code"], 4);
}

#[test]
fn doctor_finds_nothing_in_a_whole_trial_and_names_what_is_damaged() {
    let fixture = Fixture::new(true);
    let text = stdout(&fixture.run(&["doctor"]));
    assert!(text.contains("25 records at 5 steps by worker_0"), "{text}");
    assert!(text.ends_with("Everything that is there is whole.\n"), "{text}");

    let path = "events/000000000005/000000000005_worker_0.tfevents";
    let mut bytes = std::fs::read(fixture.path().join(path)).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(fixture.path().join(path), bytes).unwrap();
    let output = fixture.run(&["doctor", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let document = json(&output);
    assert_eq!(document["num_errors"], 1);
    assert_eq!(document["observations"][0]["path"], path);
    let offset = document["observations"][0]["offset"].as_u64().unwrap();
    assert!(offset <= middle as u64, "{offset}");
}

#[test]
fn rules_judge_a_finished_trial() {
    let fixture = Fixture::new(true);
    // Checks at steps 0, 10 and 20: validation 0.6 -> 0.4 falls, 0.4 -> 0.5 rises by 25 %. Training always falls.
    let arguments = ["rules", "--rule", "LossNotDecreasing:num_steps=10", "--json"];
    let document = json(&fixture.run(&arguments));
    let rule = &document["rules"][0];
    assert_eq!(rule["status"], "IssuesFound");
    assert_eq!(rule["num_findings"], 1);
    assert_eq!(rule["first_finding"]["step"], 20);
    assert_eq!(rule["first_finding"]["tensors"][0], "validation-logloss");
    let measured = rule["first_finding"]["measured"].as_f64().unwrap();
    assert!((measured - 25.0).abs() < 1e-9, "{measured}");
    let legacy = "Evaluation of the rule LossNotDecreasing at step 20 resulted in the condition being met";
    assert!(rule["details"].as_str().unwrap().lines().next().unwrap().ends_with(legacy));
    assert_eq!(fixture.run(&[&arguments[..], &["--fail-on-issues"]].concat()).status.code(), Some(3));
}

#[test]
fn a_rule_that_has_nothing_to_look_at_says_so() {
    let fixture = Fixture::new(true);
    let output = fixture.run(&["rules", "--rule", "FeatureImportanceOverweight"]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("no saved tensor matches"), "{text}");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn following_ends_with_the_training() {
    let fixture = Fixture::new(true);
    let output = fixture.run(&["rules", "--rule", "Overfit", "--follow", "--json"]);
    let lines: Vec<Value> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.last().unwrap()["event"], "rule_status");
    assert_eq!(lines.last().unwrap()["status"], "IssuesFound");
    assert!(lines.iter().any(|line| line["event"] == "finding_opened"));
}

#[test]
fn help_has_examples_and_rules_are_listed() {
    for command in ["demo", "tensors", "show", "rules", "doctor"] {
        let text = stdout(&run(&[command, "--help"]));
        assert!(text.contains(&format!("trialscope {command}")), "{text}");
        assert!(text.contains("Examples:"), "{command}");
    }
    let text = stdout(&run(&["rules", "--list"]));
    assert!(text.contains("FeatureImportanceOverweight\n") && text.contains("num_steps = 10"), "{text}");
}
