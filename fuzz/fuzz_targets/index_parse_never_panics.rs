//! Any text is an index file or an error, and what was read can be written and read again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use trialscope_store::IndexFile;

const PATH: &str = "index/000000000/000000000000_worker_0.json";

fuzz_target!(|text: &[u8]| {
    let Ok(index) = IndexFile::parse(text, PATH) else { return };
    let written = index.to_json(PATH).expect("an index can be written");
    assert_eq!(IndexFile::parse(&written, PATH).expect("what is written reads back"), index);
});
