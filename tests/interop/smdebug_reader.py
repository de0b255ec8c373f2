"""Reads a trial with the real smdebug and writes what it saw as JSON.

Runs inside the interop environment only (smdebug does not install beside current packages),
so it imports nothing of this project:

    <interop python> smdebug_reader.py TRIAL OUTPUT.json
"""

import base64
import json
import os
import sys

# The original sleeps a second before it believes an end marker, and waits minutes for missing event files.
os.environ.setdefault("SMDEBUG_TRAINING_END_DELAY_REFRESH", "0")
os.environ.setdefault("SMDEBUG_MISSING_EVENT_FILE_RETRY_LIMIT", "1")
os.environ.setdefault("SMDEBUG_LOG_LEVEL", "error")


def describe_value(value):
    """Dtype, shape and exact content of what `Tensor.value` returned."""
    import numpy as np

    if value is None:
        return {"none": True}
    array = np.asarray(value)
    described = {"dtype": array.dtype.name, "shape": list(array.shape)}
    if array.dtype.kind in "US":
        described["dtype"] = "str"
        described["strings"] = [str(item) for item in array.ravel()]
    else:
        little = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<"), copy=False)
        described["base64"] = base64.b64encode(little.tobytes()).decode("ascii")
    return described


def guarded(call):
    """The described result of `call`, or the error it raised."""
    try:
        return describe_value(call())
    except Exception as error:  # noqa: BLE001 - every failure of the original is a result here
        return {"error": type(error).__name__, "message": str(error)}


def describe_trial(path):
    """Everything a test compares: names, steps, modes, workers, collections, values."""
    from smdebug import modes
    from smdebug.trials import create_trial

    trial = create_trial(path)
    steps = trial.steps()
    tensors = {}
    for name in trial.tensor_names():
        tensor = trial.tensor(name)
        values = {}
        for step in tensor.steps():
            values[str(step)] = {
                worker: guarded(lambda t=tensor, s=step, w=worker: t.value(s, worker=w))
                for worker in tensor.workers(step)
            }
        tensors[name] = {"steps": tensor.steps(), "values": values}
    return {
        "steps": steps,
        "steps_by_mode": {mode.name: trial.steps(mode=mode) for mode in modes},
        "mode_of_step": {str(step): [trial.mode(step).name, trial.mode_step(step)] for step in steps},
        "names_by_mode": {
            mode.name: trial.tensor_names(mode=mode) if mode.name == "GLOBAL" or mode in trial.modes() else []
            for mode in modes
        },
        "workers": trial.workers(),
        "num_workers": trial.num_workers,
        "last_complete_step": trial.last_complete_step,
        "loaded_all_steps": trial.loaded_all_steps,
        "collections": {
            name: {
                "include_regex": list(collection.include_regex),
                "tensor_names": sorted(collection.tensor_names),
                "tensors_in_trial": trial.tensor_names(collection=name),
            }
            for name, collection in sorted(trial.collections().items())
        },
        "tensors": tensors,
    }


def main():
    """Reads `sys.argv[1]`, writes `sys.argv[2]`."""
    trial_path, output_path = sys.argv[1:3]
    try:
        result = {"trial": describe_trial(trial_path)}
    except BaseException as error:  # noqa: BLE001 - the test wants to know how the original failed
        result = {"error": type(error).__name__, "message": str(error)}
    with open(output_path, "w", encoding="utf-8") as output:
        json.dump(result, output)
    # The original leaves non-daemon helpers behind; the answer is written, so leave at once.
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
