//! A trial of any three files opens or is an error; so does every value in it, and an examination comes to an end.

#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use trialscope_store::{IndexFile, NameQuery, OpenOptions, Storage, Trial, examine};
use trialscope_tensor::{Mode, Reduction, ReductionKind};

const INDEX: &str = "index/000000000/000000000000_worker_0.json";
const COLLECTIONS: &str = "collections/000000000/worker_0_collections.json";
const EVENTS: &str = "events/000000000000/000000000000_worker_0.tfevents";

/// Between the three files; no text contains it.
const SEPARATOR: u8 = 0xff;

fuzz_target!(|files: &[u8]| {
    let mut files = files.splitn(3, |&byte| byte == SEPARATOR);
    let [index, collections, events] = std::array::from_fn(|_| files.next().unwrap_or_default());
    let event_file = IndexFile::parse(index, INDEX).ok().and_then(|index| index.event_file);
    let storage = Storage::memory();
    for (path, content) in
        [(INDEX, index), (COLLECTIONS, collections), (event_file.as_deref().unwrap_or(EVENTS), events)]
    {
        // A place that cannot be written to stays empty, which is one more trial to open.
        drop(storage.put(path, vec![Bytes::copy_from_slice(content)]));
    }
    drop(examine(&storage, &mut |_| {}));
    let Ok(trial) = Trial::open(storage, OpenOptions::default()) else { return };
    for name in trial.tensor_names(&NameQuery::default()).expect("every tensor has a name") {
        let tensor = trial.tensor(name.as_str()).expect("a name that is listed can be asked for");
        for mode in Mode::ALL {
            for step in tensor.steps(mode, true) {
                drop(tensor.value(step, mode, None));
                drop(tensor.shape(step, mode, None));
                drop(tensor.reduction(step, mode, None, Reduction { kind: ReductionKind::Mean, abs: false }));
                drop(tensor.saved_reductions(step, mode, None));
            }
        }
    }
    for collection in trial.collections().by_name.keys() {
        drop(trial.tensor_names(&NameQuery { collection: Some(collection.clone()), ..NameQuery::default() }));
    }
});
