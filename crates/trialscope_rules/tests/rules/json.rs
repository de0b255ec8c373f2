//! The JSON at the boundary, key by key.

use serde_json::{Value, json};
use trialscope_rules::{event_json, find_rule, rule_json, status_json};

use crate::scripted::{Run, check};

#[test]
fn a_finding_and_its_status() {
    // 100 * (2 - 1) / 1 = 100 % at step 10.
    let run = Run::new().series("loss", 10, &[1.0, 2.0]);
    let outcome = check("LossNotDecreasing:collection_names=extra", &run, &["+10 loss"]);
    let finding = json!({
        "number": 1,
        "rule": "LossNotDecreasing",
        "configuration": "LossNotDecreasing",
        "step": 10,
        "mode": "GLOBAL",
        "mode_step": 10,
        "subject": "loss",
        "tensors": ["loss"],
        "quantity": "change of the loss in percent",
        "measured": 100.0,
        "comparator": ">",
        "threshold": 5.0,
        "readings": [
            { "tensor": "loss", "step": 0, "value": 1.0 },
            { "tensor": "loss", "step": 10, "value": 2.0 },
        ],
        "explanation": "loss has risen by 100 %: 1 at step 0, 2 at step 10. It should fall by 0.1 % in 10 steps.",
        "remedy": "Try a smaller learning rate if the loss rises or jumps, a larger one if it creeps; check that labels \
                   and rows belong together; if the validation metric is good enough, stop here.",
        "parameters": {
            "collection_names": ["extra"],
            "diff_percent": 0.1,
            "end_step": null,
            "increase_threshold_percent": 5.0,
            "mode": "GLOBAL",
            "num_steps": 10,
            "start_step": 0,
            "tensor_regex": [],
            "use_losses_collection": true,
        },
        "cleared_at": null,
    });
    assert_eq!(event_json(&outcome.events[0]), json!({ "event": "finding_opened", "finding": finding }));
    let status = status_json(outcome.status());
    let expected = json!({
        "rule": "LossNotDecreasing",
        "configuration": "LossNotDecreasing",
        "status": "IssuesFound",
        "details": outcome.status().details(),
        "evaluated": true,
        "evaluations": 1,
        "last_step": 10,
        "num_findings": 1,
        "first_finding": finding,
        "open_findings": [finding],
        "messages": [],
    });
    assert_eq!(status, expected);
}

#[test]
fn messages_have_a_severity_and_a_code() {
    let outcome = check("Overfit", &Run::new().step(0, &[("train-rmse", 1.0)]), &[]);
    let status = status_json(outcome.status());
    assert_eq!(status["first_finding"], Value::Null);
    assert_eq!(status["messages"][0]["severity"], "Error");
    assert_eq!(status["messages"][0]["code"], "MODE_MISSING");
    assert_eq!(status["messages"][0]["text"], status["details"]);
}

#[test]
fn numbers_that_json_cannot_say_are_words() {
    // (1e308 - -1e308) / 1e308 overflows to infinity on the way.
    let outcome = check("LossNotDecreasing", &Run::new().series("loss", 10, &[-1e308, 1e308]), &["+10 loss"]);
    assert_eq!(event_json(&outcome.events[0])["finding"]["measured"], "Infinity");
}

#[test]
fn a_rule_lists_its_parameters_and_collections() {
    let rule = rule_json(find_rule("FeatureImportanceOverweight").unwrap());
    assert_eq!(rule["default_collections"], json!([{ "name": "feature_importance", "save_interval": 10 }]));
    assert_eq!(
        rule["parameters"][0],
        json!({
            "name": "threshold",
            "type": "float",
            "default": "0.8",
            "accepts": "numbers with 0 <= value <= 1",
            "meaning": "Largest share of all importance, as a fraction",
        })
    );
    let names: Vec<&str> =
        rule["parameters"].as_array().unwrap().iter().map(|info| info["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["threshold", "nfeatures", "tensor_regex", "start_step", "end_step"]);
    assert_eq!(rule["parameters"][3]["default"], "10");
}
