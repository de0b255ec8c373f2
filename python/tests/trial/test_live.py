"""A trial is read while it grows."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

import trialscope as ts
from trialscope import StepState
from trialscope.exceptions import NoMoreData, NotATrial, StepNotYetAvailable, StepUnavailable

from .writing import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Long enough on a busy machine; waits end as soon as what they wait for is there.
SOON = 30.0


class Training:
    """A training in another process."""

    def __init__(self, folder: Path) -> None:
        script = Path(__file__).with_name("training_process.py")
        self.process = subprocess.Popen(
            [sys.executable, str(script), str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.answer("open")

    def order(self, what: object) -> None:
        """Have it save a step, or end, and wait until it has."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{what}\n")
        self.process.stdin.flush()
        self.answer(str(what))

    def answer(self, expected: str) -> None:
        assert self.process.stdout is not None
        assert self.process.stdout.readline().strip() == expected

    def kill(self) -> None:
        """End it as the kernel does when memory runs out."""
        self.process.kill()
        self.process.wait()


@pytest.fixture
def training(tmp_path: Path) -> Iterator[Training]:
    training = Training(tmp_path / "t")
    with training.process:
        yield training
        training.process.kill()


def meanwhile(act: Callable[[], None]) -> threading.Thread:
    """Do something in another thread, when this one has begun to wait."""

    def later() -> None:
        time.sleep(0.1)
        act()

    thread = threading.Thread(target=later)
    thread.start()
    return thread


def test_new_steps_appear(training: Training, tmp_path: Path) -> None:
    trial = ts.open(tmp_path / "t")
    assert (trial.steps(), trial.tensor_names(), trial.last_complete_step) == ([], [], -1)
    assert repr(trial) == f"Trial({str(tmp_path / 't')!r}, growing, no steps yet, 0 tensors)"
    training.order(0)
    tensor = trial.tensor("x")
    for step in (5, 10):
        training.order(step)
        assert tensor.steps()[-1] == trial.steps("train")[-1] == trial.last_complete_step == step
        assert tensor.value(step).tolist() == [step]
        assert not trial.loaded_all_steps
    assert repr(trial) == f"Trial({str(tmp_path / 't')!r}, growing, 3 steps, 0 to 10, 1 tensors)"
    assert repr(tensor) == "Tensor('x', 3 steps, 0 to 10)"
    training.order("close")
    assert trial.loaded_all_steps
    assert not trial.is_interrupted()
    assert "complete" in repr(trial)


def test_states_of_steps(training: Training, tmp_path: Path) -> None:
    trial = ts.open(tmp_path / "t")
    assert trial.has_passed_step(0) is StepState.NOT_YET_AVAILABLE
    training.order(0)
    training.order(10)
    states = {step: trial.has_passed_step(step, "train") for step in (-1, 0, 5, 10, 15)}
    assert states == {
        -1: StepState.UNAVAILABLE,
        0: StepState.AVAILABLE,
        5: StepState.UNAVAILABLE,
        10: StepState.AVAILABLE,
        15: StepState.NOT_YET_AVAILABLE,
    }
    tensor = trial.tensor("x")
    with pytest.raises(StepNotYetAvailable, match=r"step 15 .*TRAIN is not there yet"):
        tensor.value(15, "train")
    with pytest.raises(StepUnavailable, match=r"step 5 .*nearest saved step is"):
        tensor.value(5, "train")
    training.order("close")
    assert trial.has_passed_step(15) is StepState.UNAVAILABLE
    with pytest.raises(StepUnavailable):
        tensor.value(15, "train")


def test_waiting_ends_when_the_steps_are_there(training: Training, tmp_path: Path) -> None:
    trial = ts.open(tmp_path / "t")

    def train() -> None:
        for step in (0, 5, 10):
            training.order(step)

    thread = meanwhile(train)
    trial.wait_for_steps([0, 10], timeout=SOON)
    with ts.no_refresh(trial):
        assert trial.steps() == [0, 5, 10]
    thread.join()
    # Unlike smdebug's, the trial goes on following its training.
    training.order(15)
    assert trial.steps()[-1] == 15


def test_waiting_ends_with_the_training(training: Training, tmp_path: Path) -> None:
    trial = ts.open(tmp_path / "t")
    training.order(0)
    thread = meanwhile(lambda: training.order("close"))
    with pytest.raises(NoMoreData, match="ended before step 5 of mode GLOBAL; the last saved step is 0") as raised:
        trial.wait_for_steps([0, 5], timeout=SOON)
    thread.join()
    assert (raised.value.step, raised.value.mode) == (5, "GLOBAL")
    assert isinstance(raised.value, EOFError)


@pytest.mark.parametrize("end", ["kill", "stop"])
def test_waiting_ends_when_the_training_is_interrupted(training: Training, tmp_path: Path, end: str) -> None:
    trial = ts.open(tmp_path / "t")
    training.order(0)
    assert not trial.is_interrupted()
    thread = meanwhile(training.kill if end == "kill" else lambda: training.order("stop"))
    with pytest.raises(NoMoreData, match="interrupted before step 5 of mode TRAIN") as raised:
        trial.wait_for_steps([0, 5], "train", timeout=SOON)
    thread.join()
    assert (raised.value.step, raised.value.mode) == (5, "TRAIN")
    assert trial.is_interrupted()
    assert not trial.loaded_all_steps
    assert repr(trial).startswith(f"Trial({str(tmp_path / 't')!r}, interrupted, 1 step, 0, ")
    # What is there is there.
    trial.wait_for_steps([0])
    assert trial.tensor("x").value(0).tolist() == [0]


def test_waiting_for_a_step_that_was_passed(training: Training, tmp_path: Path) -> None:
    trial = ts.open(tmp_path / "t")
    training.order(0)
    training.order(10)
    with pytest.raises(StepUnavailable, match="step 5"):
        trial.wait_for_steps([5, 15], timeout=SOON)
    with pytest.raises(StepUnavailable, match="steps count from 0"):
        trial.wait_for_steps([-1], timeout=SOON)


def test_waiting_no_longer_than_asked(training: Training, tmp_path: Path) -> None:
    trial = ts.open(tmp_path / "t")
    training.order(0)
    before = time.monotonic()
    with pytest.raises(TimeoutError, match=r"steps \[5, 7\] of mode GLOBAL are not there after 0.3 s"):
        trial.wait_for_steps([0, 5, 7], timeout=0.3)
    assert 0.3 <= time.monotonic() - before < SOON
    with pytest.raises(TimeoutError):
        trial.wait_for_steps([5], timeout=0)


def test_waiting_for_a_trial_to_begin(tmp_path: Path) -> None:
    with pytest.raises(NotATrial):
        ts.open(tmp_path / "t", wait=0.1)
    writers: list[Writer] = []
    thread = meanwhile(lambda: writers.append(Writer(tmp_path / "t")))
    trial = ts.open(tmp_path / "t", wait=SOON)
    thread.join()
    with writers[0] as writer:
        writer.save(0, {"x": 1.0})
        assert trial.steps() == [0]


def test_standing_still(tmp_path: Path) -> None:
    with Writer(tmp_path / "t") as writer:
        writer.save(0, {"x": 1.0})
        trial, other = ts.open(tmp_path / "t"), ts.open(tmp_path / "t", name="other")
        with ts.no_refresh(trial) as same:
            assert same is trial
            writer.save(1, {"x": 1.0})
            assert (trial.steps(), other.steps()) == ([0], [0, 1])
            with ts.refresh([trial, other]) as both:
                assert both == [trial, other]
                assert trial.steps() == [0, 1]
            writer.save(2, {"x": 1.0})
            assert (trial.steps(), other.steps()) == ([0, 1], [0, 1, 2])
            trial.refresh_data()
            assert trial.steps() == [0, 1, 2]
        assert trial.dynamic_refresh
        with pytest.raises(KeyError), ts.no_refresh([trial, other]):
            raise KeyError
        assert trial.dynamic_refresh
        assert other.dynamic_refresh


def test_only_some_steps(tmp_path: Path) -> None:
    with Writer(tmp_path / "t") as writer:
        for step in (0, 999, 1000, 1001, 2500):
            writer.save(step, {"x": float(step)})
        some = ts.open(tmp_path / "t", range_steps=(999, 2500))
        assert some.steps() == [999, 1000, 1001]
        writer.save(1500, {"x": 1.0})
        writer.save(3000, {"x": 1.0})
        assert some.steps() == [999, 1000, 1001, 1500]
    assert ts.open(tmp_path / "t", range_steps=(1001, None)).steps() == [1001, 1500, 2500, 3000]
    assert ts.open(tmp_path / "t", range_steps=(None, 1000)).steps() == [0, 999]
    for wrong in ((5, 5), (5, 4), (-1, 4)):
        with pytest.raises(ValueError, match="first, end"):
            ts.open(tmp_path / "t", range_steps=wrong)


def test_steps_of_several_modes(tmp_path: Path) -> None:
    with Writer(tmp_path / "t") as writer:
        for step, (mode, mode_step) in enumerate([("TRAIN", 0), ("EVAL", 0), ("TRAIN", 1), ("PREDICT", 0)]):
            writer.save(step, {"x": float(step), mode.lower(): 1.0}, mode=mode, mode_step=mode_step)
    trial = ts.open(tmp_path / "t")
    assert trial.steps() == [0, 1, 2, 3]
    assert trial.steps(ts.modes.TRAIN) == trial.steps("train") == [0, 1]
    assert trial.modes() == [ts.modes.TRAIN, ts.modes.EVAL, ts.modes.PREDICT]
    assert trial.tensor("x").value(0, "eval").tolist() == trial.tensor("x").value(1).tolist() == [1]
    assert list(trial.tensor("x").values("train")) == [0, 1]
    assert trial.tensor_names(mode="eval") == ["eval", "x"]
    assert trial.tensor("x").prev_steps(1, mode="train") == [0, 1]
    assert trial.tensor("x").prev_steps(2, 2) == [1, 2]
    assert trial.tensor("x").prev_steps(2, 0) == trial.tensor("x").prev_steps(2) == [0, 1, 2]
    assert trial.tensor("x").prev_steps(-1) == []


def test_identity(tmp_path: Path) -> None:
    with Writer(tmp_path / "t"):
        pass
    trial = ts.open(tmp_path / "t")
    assert trial.name == "t"
    assert ts.open(f" {tmp_path}/t/ ").name == "t"
    same, other = ts.open(str(tmp_path / "t")), ts.open(tmp_path / "t", name="mine")
    assert trial == same
    assert hash(trial) == hash(same)
    assert trial != other
    assert trial != str(tmp_path / "t")
    assert other.name == "mine"


def test_threads_share_a_trial(tmp_path: Path) -> None:
    failures: list[BaseException] = []

    def read(trial: ts.Trial) -> None:
        try:
            while not trial.loaded_all_steps:
                for step in trial.steps():
                    assert trial.tensor("x").value(step)[0] == step
        except BaseException as error:
            failures.append(error)
            raise

    with Writer(tmp_path / "t") as writer:
        writer.save(0, {"x": np.zeros(2000)})
        trial = ts.open(tmp_path / "t")
        threads = [threading.Thread(target=read, args=(trial,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for step in range(1, 30):
            writer.save(step, {"x": np.full(2000, step)})
    for thread in threads:
        thread.join(SOON)
        assert not thread.is_alive()
    assert failures == []
