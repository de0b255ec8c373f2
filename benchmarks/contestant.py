"""One run of one contestant, timed inside its own process, whichever hook or reader its environment has.

    python contestant.py train --hook none|trialscope|smdebug --collections a,b --input X.npz --trial DIR
    python contestant.py read --reader trialscope|smdebug --trial DIR

Imports and reading the input are not timed. Prints one JSON object. Runs on every Python that smdebug supports,
so it imports nothing of this project but what it measures.
"""

import argparse
import json
import os
import time

PARAMETERS = {
    "max_depth": 5,
    "eta": 0.2,
    "gamma": 4,
    "min_child_weight": 6,
    "subsample": 0.7,
    "objective": "binary:logistic",
    "seed": 0,
}
ROUNDS = 51
INTERVAL = 5


def train(options):
    """Seconds of the main job's training, writing of the trial included."""
    import numpy as np
    import xgboost as xgb

    with np.load(options.input) as arrays:
        names = options.names.split(",") if options.names else None
        matrices = [
            xgb.DMatrix(arrays[part + "_x"], label=arrays[part + "_y"], feature_names=names)
            for part in ("train", "validation")
        ]
    # The threads of xgboost start with its first training.
    xgb.train({**PARAMETERS, "max_depth": 1}, matrices[0], 1)
    attach = hook_of(options, matrices)
    start = time.perf_counter()
    callbacks = attach()
    xgb.train(
        PARAMETERS,
        matrices[0],
        ROUNDS,
        evals=[(matrices[0], "train"), (matrices[1], "validation")],
        callbacks=callbacks,
        verbose_eval=False,
    )
    if options.hook == "smdebug":
        # Ours closes itself when the training ends.
        callbacks[0].close()
    return {"seconds": time.perf_counter() - start, "xgboost": xgb.__version__}


def hook_of(options, matrices):
    """A function that makes the callbacks; what it needs is imported already."""
    collections = options.collections.split(",") if options.collections else []
    common = {
        "train_data": matrices[0],
        "validation_data": matrices[1],
        "hyperparameters": PARAMETERS,
    }
    if options.hook == "none":
        return list
    if options.hook == "trialscope":
        from trialscope.xgboost import Hook

        return lambda: [Hook(options.trial, save_interval=INTERVAL, collections=collections, strict=True, **common)]
    from smdebug.xgboost import Hook, SaveConfig

    return lambda: [
        Hook(
            out_dir=options.trial,
            save_config=SaveConfig(save_interval=INTERVAL),
            include_collections=collections,
            **common,
        )
    ]


def read(options):
    """Seconds to open a trial and to read every value of it, every page of every value touched."""
    import numpy as np

    def touch(value):
        array = np.asarray(value)
        if array.dtype.kind in "OUS" or array.size == 0:
            return array.size
        # One byte per page: enough to make the system fetch a mapped one.
        return int(array.reshape(-1).view(np.uint8)[::4096].sum())

    if options.reader == "trialscope":
        import trialscope

        opened = trialscope.open
    else:
        from smdebug.trials import create_trial as opened
    start = time.perf_counter()
    trial = opened(options.trial)
    values = touched = 0
    for name in trial.tensor_names():
        tensor = trial.tensor(name)
        for step in tensor.steps():
            touched += touch(tensor.value(step))
            values += 1
    return {"seconds": time.perf_counter() - start, "values": values, "touched": touched}


def main():
    """Runs what the arguments say."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["train", "read"])
    parser.add_argument("--hook", default="none")
    parser.add_argument("--reader", default="trialscope")
    parser.add_argument("--collections", default="")
    parser.add_argument("--names", default="")
    parser.add_argument("--input")
    parser.add_argument("--trial")
    options = parser.parse_args()
    result = (train if options.what == "train" else read)(options)
    print("\n" + json.dumps(result), flush=True)
    # Exit handlers of the original write its end marker once more; the measuring is over.
    os._exit(0)


if __name__ == "__main__":
    main()
