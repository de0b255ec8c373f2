//! Trials written by smdebug 1.0.34 read back exactly as its own reader reads them, but for the defects of that
//! reader, which are listed in `known.rs`.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that meets the unexpected fails"
)]

mod fixture;
mod known;
mod reductions;
mod tensors;
mod trial;

use fixture::Fixture;

/// Fixtures copied into the crate: these run everywhere.
#[test]
fn bundled_trials_read_as_smdebug_reads_them() {
    for name in ["writer-dtypes", "writer-multiworker"] {
        check(&Fixture::bundled(name));
    }
}

/// The whole set, where it is at hand.
#[test]
fn all_trials_read_as_smdebug_reads_them() {
    let names = [
        "xgboost-binary",
        "xgboost-multiclass",
        "generic-hook",
        "writer-dtypes",
        "writer-multiworker",
        "writer-device-workers",
    ];
    for name in names {
        match Fixture::shared(name) {
            Some(fixture) => check(&fixture),
            None => eprintln!("skipped {name}: set TRIALSCOPE_SHARED to the folder that holds fixtures/"),
        }
    }
}

fn check(fixture: &Fixture) {
    fixture.check_files();
    let opened = fixture.open();
    assert_eq!(opened.problems(), [], "{}", fixture.name);
    trial::check(fixture, &opened);
    let differing = tensors::check(fixture, &opened);
    reductions::check(fixture, &opened);
    assert_eq!(
        differing,
        known::tensors(&fixture.name),
        "{}: tensors that differ from smdebug",
        fixture.name
    );
}
