"""The report and the document, from made-up results."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from trialscope.demo import report
from trialscope.demo.census import Located
from trialscope.demo.report import Result
from trialscope.demo.rule_process import Verdict, update
from trialscope.demo.terminal import Screen
from trialscope.demo.training import Findings, Outcome


def result(*, located: Located | None = None, verdict: Verdict | None = None) -> Result:
    return Result(
        trial=Path("runs/a trial"),
        located=located or Located(path=Path("/data/adult.data"), origin="file"),
        num_train=80,
        num_validation=20,
        outcome=Outcome(seconds=0.5, rounds=51, hook_seconds=0.25, problems=[]),
        findings=Findings(
            steps=[0, 5],
            metrics={"train-logloss": {0: 0.5, 5: 0.25}},
            mean_abs_shap={"Age": 0.5, "Sex": 0.125, "Hours per week": 1.0},
            shap_step=5,
            num_tensors=7,
        ),
        verdict=verdict or Verdict(rule="R", status="NoIssuesFound", last_step=5, evaluations=2),
        size_bytes=1_500_000,
        num_files=6,
    )


def lines_of(shown: Result) -> list[str]:
    return report.result_lines(shown, Screen(io.StringIO(), live=False, colour=False))


def test_report_says_the_numbers() -> None:
    text = "\n".join(lines_of(result()))
    assert "R  NoIssuesFound  looked 2 times, last at step 5" in text
    assert "train-logloss  0.5000  0.2500  0.2500        5" in text
    assert "51 rounds in 0.50 s, 0.25 s of them in the hook" in text
    assert "7 tensors at 2 steps, 1.5 MB in 6 files" in text
    order = [line.split("  ")[1] for line in text.splitlines() if line.endswith("#") or "0 #" in line or "0 █" in line]
    assert [name.strip() for name in order] == ["Hours per week", "Age", "Sex"]


def test_commands_quote_the_path() -> None:
    commands = [command for command, _ in report.next_commands(Path("runs/a trial"), "trialscope")]
    assert "trialscope doctor 'runs/a trial'" in commands


def test_synthetic_data_is_called_synthetic() -> None:
    located = Located(path=None, origin="synthetic", reason="no network")
    shown = "\n".join(lines_of(result(located=located)))
    notes = "\n".join(report.data_lines(located, num_rows=100, num_train=80, num_validation=20))
    assert "NOT the census data" in shown
    assert "NOT the census data" in notes
    assert "no network" in notes
    assert report.document(result(located=located))["data"]["synthetic"] is True


def test_findings_and_messages_are_told() -> None:
    verdict = Verdict(
        rule="R",
        status="IssuesFound",
        last_step=5,
        evaluations=2,
        findings=[{"step": 5, "explanation": "loss stands still", "remedy": "raise eta"}],
        messages=["two metrics were not there"],
    )
    text = "\n".join(lines_of(result(verdict=verdict)))
    assert "step 5: loss stands still" in text
    assert "raise eta" in text
    assert "two metrics were not there" in text
    assert report.rule_note(verdict) == "R: 1 found"


def test_document_is_json_and_ranked() -> None:
    document = json.loads(json.dumps(report.document(result())))
    assert document["schema"] == "trialscope.demo/1"
    ranking = document["mean_abs_shap"]["ranking"]
    assert [entry["feature"] for entry in ranking] == ["Hours per week", "Age", "Sex"]
    assert document["metrics"] == {"train-logloss": {"0": 0.5, "5": 0.25}}
    assert document["rule"]["status"] == "NoIssuesFound"


@pytest.mark.parametrize("line", ["", "no JSON", "[1]", '{"event": "something new"}'])
def test_lines_that_say_nothing_are_passed_over(line: str) -> None:
    verdict = Verdict(rule="R")
    update(verdict, line)
    assert verdict == Verdict(rule="R")


def test_verdict_follows_the_events() -> None:
    verdict = Verdict(rule="R")
    finding: dict[str, Any] = {"step": 5, "explanation": "e"}
    assert report.rule_note(verdict) == "R: starting"
    update(verdict, '{"event": "step_evaluated", "step": 5}')
    assert (verdict.status, report.rule_note(verdict)) == ("InProgress", "R: step 5 fine")
    update(verdict, json.dumps({"event": "finding_opened", "finding": finding}))
    assert (verdict.status, verdict.findings) == ("IssuesFound", [finding])
    status = {"event": "rule_status", "status": "IssuesFound", "last_step": 10, "evaluations": 3}
    update(verdict, json.dumps({**status, "messages": [{"severity": "note", "code": "c", "text": "t"}]}))
    assert (verdict.last_step, verdict.evaluations, verdict.messages) == (10, 3, ["t"])
