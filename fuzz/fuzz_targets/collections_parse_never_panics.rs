//! Any text is a collections file, a single collection or an error, and what was read can be written and read again.

#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use trialscope_store::Collections;

const PATH: &str = "collections/000000000/worker_0_collections.json";

fuzz_target!(|text: &[u8]| {
    if let Ok(collections) = Collections::parse(text, PATH) {
        check_round_trip(&collections);
    }
    let Ok(text) = std::str::from_utf8(text) else { return };
    if let Ok((name, collection)) = Collections::parse_one(text) {
        check_round_trip(&Collections { by_name: BTreeMap::from([(name, collection)]), num_workers: 1 });
    }
});

fn check_round_trip(collections: &Collections) {
    let written = collections.to_json(PATH).expect("collections can be written");
    assert_eq!(&Collections::parse(&written, PATH).expect("what is written reads back"), collections);
}
