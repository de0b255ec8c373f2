"""Trains a model with the real smdebug's hook.

Runs inside the interop environment only:

    <interop python> smdebug_training.py INPUT.npz SETTINGS.json TRIAL

`INPUT.npz` holds train_x, train_y, validation_x, validation_y; the settings are rounds, interval, parameters
and collections. Prints the version of xgboost it used.
"""

import json
import os
import sys

os.environ.setdefault("SMDEBUG_LOG_LEVEL", "error")


def main():
    """Trains as told by `sys.argv`."""
    import numpy as np
    import xgboost as xgb
    from smdebug.xgboost import Hook, SaveConfig

    input_path, settings_path, trial = sys.argv[1:4]
    with open(settings_path, encoding="utf-8") as file:
        settings = json.load(file)
    with np.load(input_path) as arrays:
        train = xgb.DMatrix(arrays["train_x"], label=arrays["train_y"])
        validation = xgb.DMatrix(arrays["validation_x"], label=arrays["validation_y"])
    hook = Hook(
        out_dir=trial,
        save_config=SaveConfig(save_interval=settings["interval"]),
        include_collections=settings["collections"],
        train_data=train,
        validation_data=validation,
        hyperparameters=settings["parameters"],
    )
    xgb.train(
        settings["parameters"],
        train,
        settings["rounds"],
        evals=[(train, "train"), (validation, "validation")],
        callbacks=[hook],
        verbose_eval=False,
    )
    hook.close()
    sys.stdout.write(f"\nxgboost {xgb.__version__}\n")


if __name__ == "__main__":
    main()
