//! Any text is the configuration of a capture or an error, and its collections can be written to a trial.

#![no_main]

use libfuzzer_sys::fuzz_target;
use trialscope_capture::CaptureConfig;
use trialscope_store::Collections;

const PATH: &str = "collections/000000000/worker_0_collections.json";

fuzz_target!(|text: &str| {
    let Ok(config) = CaptureConfig::from_json(text) else { return };
    let collections = Collections { by_name: config.collections, num_workers: config.num_workers };
    let written = collections.to_json(PATH).expect("collections can be written");
    assert_eq!(Collections::parse(&written, PATH).expect("what is written reads back"), collections);
});
