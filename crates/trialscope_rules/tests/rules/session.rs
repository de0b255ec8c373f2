//! What a session does with any rule: choosing, loading once, reporting what it could not look at.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::Map;
use trialscope_rules::{
    Catalogue, Collection, ConfiguredRule, Coverage, Error, Judgement, Loaded, Parameters, Patterns, Rule,
    RuleSpec, SavedTensor, Selection, Session, Status, StepHeader, StepPoint, StepRange, StepView,
};
use trialscope_tensor::Tensor;

use crate::scripted::{Run, check, feed, name, replay, session};

#[test]
fn a_tensor_is_required_once_whatever_the_number_of_rules() {
    let mut session = session(&["LossNotDecreasing", "Overfit", "LossNotDecreasing:num_steps=5"]);
    let run = Run::new().step(0, &[("train-rmse", 1.0), ("validation-rmse", 1.0), ("average_shap/f0", 1.0)]);
    session.set_catalogue(run.catalogue.clone());
    let required = session.required(&run.steps[0].0);
    assert_eq!(required.into_iter().collect::<Vec<_>>(), [name("train-rmse"), name("validation-rmse")]);
}

#[test]
fn nothing_is_required_outside_the_range_of_steps() {
    let mut session = session(&["LossNotDecreasing:start_step=5,end_step=7"]);
    session.set_catalogue(Run::new().catalogue);
    let required: Vec<u64> = (3..9)
        .filter(|&step| {
            let tensors = vec![SavedTensor::values(name("loss"))];
            !session.required(&StepHeader { point: StepPoint::global(step), tensors }).is_empty()
        })
        .collect();
    assert_eq!(required, [5, 6]);
}

#[test]
fn configurations_of_one_name_are_numbered() {
    let session = session(&["Overfit", "Overfit:patience=3", "Overfit:patience=4"]);
    let names: Vec<String> = session.statuses().into_iter().map(|status| status.configuration).collect();
    assert_eq!(names, ["Overfit", "Overfit-2", "Overfit-3"]);
}

#[test]
fn steps_must_rise() {
    let mut session = session(&["Overfit"]);
    let run = Run::new().step(5, &[("loss", 1.0)]);
    let (header, values) = &run.steps[0];
    feed(&mut session, header, values);
    let error = session.observe(header, values).unwrap_err();
    assert_eq!(error, Error::StepOutOfOrder { step: 5, last: 5 });
}

#[test]
fn a_run_without_anything_is_an_error() {
    let mut session = session(&["LossNotDecreasing"]);
    assert_eq!(session.statuses()[0].status, Status::InProgress);
    session.finish();
    let status = &session.statuses()[0];
    assert_eq!(status.status, Status::Error);
    assert_eq!(
        status.details(),
        "LossNotDecreasing: the run saved no tensors at all. Check that the hook was created and attached before \
         training."
    );
}

#[test]
fn reductions_do_not_stand_in_for_values() {
    let mut session = session(&["LossNotDecreasing"]);
    session.set_catalogue(Run::new().catalogue);
    let reductions = vec!["abs_mean".parse().unwrap(), "min".parse().unwrap()];
    let saved = SavedTensor { name: name("loss"), values: false, reductions };
    let header = StepHeader { point: StepPoint::global(0), tensors: vec![saved] };
    assert!(session.required(&header).is_empty());
    session.observe(&header, &BTreeMap::new()).unwrap();
    session.finish();
    assert_eq!(
        session.statuses()[0].details(),
        "LossNotDecreasing: needs full values of loss; only abs_mean, min were saved. Set save_raw_tensor=true."
    );
    assert_eq!(session.statuses()[0].status, Status::Error);
}

#[test]
fn values_that_cannot_be_read_are_told() {
    let damaged = |run: Run, step: u64| {
        let mut run = run.step(step, &[("loss", 0.0)]);
        let values = &mut run.steps.last_mut().unwrap().1;
        values.insert(name("loss"), Loaded::Unreadable("wrong checksum at offset 96".to_owned()));
        run
    };
    // The damaged step 10 is no saved step: the check is at 20 against 0.
    let run = damaged(Run::new().step(0, &[("loss", 1.0)]), 10).step(20, &[("loss", 0.5)]);
    let outcome = check("LossNotDecreasing", &run, &[]);
    assert_eq!(outcome.status().status, Status::NoIssuesFound);
    assert_eq!(
        outcome.status().details(),
        "Warning: LossNotDecreasing: loss could not be read at 1 step, first 10: wrong checksum at offset 96."
    );
    let outcome = check("LossNotDecreasing", &damaged(damaged(Run::new(), 0), 10), &[]);
    assert_eq!(outcome.status().status, Status::Error);
    assert_eq!(outcome.codes(), ["Error UNREADABLE"]);
}

#[test]
fn a_name_first_saved_late_belongs_to_its_collection_by_pattern() {
    let mut session = session(&["LossNotDecreasing"]);
    let collection = Collection {
        tensor_names: ["train-rmse".to_owned()].into(),
        include_regex: Patterns::compile(&["-rmse$"]).unwrap(),
        save_interval: None,
    };
    session.set_catalogue(Catalogue { collections: [("losses".to_owned(), collection)].into() });
    let tensors = vec![SavedTensor::values(name("late-rmse"))];
    let header = StepHeader { point: StepPoint::global(50), tensors };
    assert_eq!(session.required(&header).into_iter().collect::<Vec<_>>(), [name("late-rmse")]);
}

#[test]
fn a_stopped_rule_keeps_what_it_found() {
    let run = Run::new().series("loss", 10, &[1.0, 1.0]);
    let mut session = session(&["LossNotDecreasing", "Overfit"]);
    session.set_catalogue(run.catalogue.clone());
    for (header, values) in &run.steps {
        feed(&mut session, header, values);
    }
    session.stop();
    assert_eq!(session.finish(), []);
    let statuses: Vec<Status> = session.statuses().into_iter().map(|status| status.status).collect();
    assert_eq!(statuses, [Status::IssuesFound, Status::Stopped]);
}

#[test]
fn many_messages_of_one_kind_are_cut() {
    let tensors: Vec<String> = (0..9).map(|index| format!("loss{index}")).collect();
    let scalars: Vec<(&str, f64)> = tensors.iter().map(|name| (name.as_str(), 1.0)).collect();
    let outcome = check("LossNotDecreasing", &Run::new().step(0, &scalars), &[]);
    assert_eq!(outcome.status().messages.len(), 6);
    assert_eq!(outcome.status().messages[5].text, "LossNotDecreasing: 4 more like this.");
}

/// Fails at the first step.
struct Failing(Selection);

impl Rule for Failing {
    fn selection(&self) -> &Selection {
        &self.0
    }

    fn observe(&mut self, view: &StepView<'_>) -> Result<Vec<Judgement>, Error> {
        assert_eq!(view.value("loss"), Some(&Tensor::from_f64(1.0)));
        Err(Error::Conflict { rule: "Failing".to_owned(), message: "it always fails".to_owned() })
    }

    fn coverage(&self) -> Coverage {
        Coverage::default()
    }
}

#[test]
fn a_rule_that_fails_hurts_no_other() {
    let selection = Selection { collections: Vec::new(), patterns: Patterns::compile(&["loss"]).unwrap() };
    let failing = ConfiguredRule {
        rule: "Failing".to_owned(),
        configuration: "mine".to_owned(),
        range: StepRange::default(),
        parameters: Arc::new(Parameters::resolve("Failing", &[], &Map::new()).unwrap()),
        judge: Box::new(Failing(selection)),
    };
    let other = RuleSpec::parse("LossNotDecreasing").unwrap().configure().unwrap();
    let mut session = Session::new(vec![failing, other]);
    let run = Run::new().series("loss", 10, &[1.0, 1.0]);
    session.set_catalogue(run.catalogue.clone());
    let events: Vec<_> =
        run.steps.iter().flat_map(|(header, values)| feed(&mut session, header, values)).collect();
    session.finish();
    assert_eq!(events.len(), 1);
    let statuses = session.statuses();
    assert_eq!(statuses[0].status, Status::Error);
    assert_eq!(statuses[0].details(), "Failing: the rule failed: Failing: it always fails.");
    assert_eq!(statuses[1].status, Status::IssuesFound);
}

#[test]
fn findings_are_numbered_and_one_per_subject_is_open() {
    // Flat, falling, flat, flat: opened at 10, cleared at 20, opened at 30, still open at 40.
    let run = Run::new().series("loss", 10, &[1.0, 1.0, 0.5, 0.5, 0.5]);
    let outcome = replay(&["LossNotDecreasing"], &run);
    assert_eq!(outcome.story(), ["+10 loss", "-20 loss", "+30 loss"]);
    let numbers: Vec<u64> = outcome.events.iter().map(|event| event.finding().number).collect();
    assert_eq!(numbers, [1, 1, 2]);
    let status = outcome.status();
    assert_eq!((status.num_findings, status.open_findings.len()), (2, 1));
    assert_eq!(status.open_findings[0].number, 2);
    assert_eq!(status.first_finding.as_ref().unwrap().cleared_at.unwrap().0, 20);
}
