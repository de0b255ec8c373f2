use std::ops::Bound;

use serde_json::json;

use super::*;
use crate::Interval;

const DECLARED: [&ParameterInfo; 6] = [
    &ParameterInfo { name: "num_steps", kind: ParameterKind::Integer { default: Some(10), min: 1 }, doc: "" },
    &ParameterInfo {
        name: "diff_percent",
        kind: ParameterKind::Float {
            default: Some(0.1),
            range: Interval { low: Bound::Included(0.0), high: Bound::Excluded(100.0) },
        },
        doc: "",
    },
    &ParameterInfo { name: "end_step", kind: ParameterKind::Integer { default: None, min: 0 }, doc: "" },
    &ParameterInfo { name: "only_nan", kind: ParameterKind::Boolean { default: false }, doc: "" },
    &ParameterInfo {
        name: "mode",
        kind: ParameterKind::Choice { default: "GLOBAL", choices: &["TRAIN", "GLOBAL"] },
        doc: "",
    },
    &ParameterInfo { name: "tensor_regex", kind: ParameterKind::Patterns { default: &[] }, doc: "" },
];

fn resolve(given: &Value) -> Result<Parameters, Error> {
    Parameters::resolve("R", &DECLARED, given.as_object().unwrap())
}

#[test]
fn text_and_json_say_the_same() {
    let text = resolve(&json!({
        "num_steps": "20", "diff_percent": " 0.5", "end_step": "None", "only_nan": "TRUE", "mode": "train",
        "tensor_regex": "^a,b$",
    }))
    .unwrap();
    let typed = resolve(&json!({
        "num_steps": 20, "diff_percent": 0.5, "end_step": null, "only_nan": true, "mode": "TRAIN",
        "tensor_regex": ["^a", "b$"],
    }))
    .unwrap();
    assert_eq!(text, typed);
    assert_eq!(text.integer("num_steps"), Ok(20));
    assert_eq!(text.float("diff_percent"), Ok(0.5));
    assert_eq!(text.optional_integer("end_step"), Ok(None));
    assert_eq!(text.boolean("only_nan"), Ok(true));
    assert_eq!(text.choice("mode"), Ok("TRAIN"));
    assert_eq!(text.names("tensor_regex").unwrap(), ["^a", "b$"]);
}

#[test]
fn defaults_fill_what_is_not_given() {
    let values = resolve(&json!({})).unwrap();
    assert_eq!(values.integer("num_steps"), Ok(10));
    assert_eq!(values.choice("mode"), Ok("GLOBAL"));
    assert_eq!(
        values.integer("end_step"),
        Err(Error::MissingParameter { rule: "R".into(), parameter: "end_step".into() })
    );
}

#[test]
fn a_comma_inside_an_expression_stays() {
    let values = resolve(&json!({ "tensor_regex": "(a{1,3}|b)" })).unwrap();
    assert_eq!(values.names("tensor_regex").unwrap(), ["(a{1,3}|b)"]);
    let values = resolve(&json!({ "tensor_regex": r#"["x,y", "z"]"# })).unwrap();
    assert_eq!(values.names("tensor_regex").unwrap(), ["x,y", "z"]);
}

#[test]
fn refusals_name_what_is_accepted() {
    let message = |given: Value| resolve(&given).unwrap_err().to_string();
    assert_eq!(message(json!({ "numsteps": 1 })), r#"R has no parameter "numsteps""#);
    assert_eq!(
        resolve(&json!({ "numsteps": 1 })).unwrap_err().hint().unwrap(),
        "Did you mean num_steps? R takes num_steps, diff_percent, end_step, only_nan, mode, tensor_regex."
    );
    assert_eq!(
        message(json!({ "num_steps": "0" })),
        "R: num_steps = 0 is out of range; it takes whole numbers >= 1"
    );
    assert_eq!(
        message(json!({ "num_steps": -3 })),
        "R: num_steps = -3 is out of range; it takes whole numbers >= 1"
    );
    assert_eq!(message(json!({ "num_steps": "ten" })), r#"R: num_steps = "ten" is not a whole number"#);
    assert_eq!(message(json!({ "num_steps": 1.5 })), "R: num_steps = 1.5 is not a whole number");
    assert_eq!(
        message(json!({ "diff_percent": 100 })),
        "R: diff_percent = 100 is out of range; it takes numbers with 0 <= value < 100"
    );
    assert_eq!(
        message(json!({ "diff_percent": "nan" })),
        "R: diff_percent = nan is out of range; it takes numbers with 0 <= value < 100"
    );
    assert_eq!(message(json!({ "only_nan": "yes" })), r#"R: only_nan = "yes" is not true or false"#);
    assert_eq!(message(json!({ "mode": "EVAL" })), r#"R: mode = "EVAL" is not one of TRAIN, GLOBAL"#);
    assert!(message(json!({ "tensor_regex": "(a" })).contains("is not a regular expression"));
    assert_eq!(
        message(json!({ "tensor_regex": [1] })),
        "R: tensor_regex = [1] is not a list of regular expressions"
    );
}
