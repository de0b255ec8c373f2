//! Any text is a rule specification or an error, and one that is accepted can be attached to a run.

#![no_main]

use libfuzzer_sys::fuzz_target;
use trialscope_rules::RuleSpec;

fuzz_target!(|text: &str| {
    let Ok(spec) = RuleSpec::parse(text) else { return };
    spec.configure().expect("parameters are checked when a specification is read");
});
