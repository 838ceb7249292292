"""What Prefect gets to see of a stage: its name, whether it may be tried again, and no text of a foreign error."""

from types import SimpleNamespace
from typing import Any

import pytest

from flows import run
from flows.errors import StageError
from flows.nightly import TASKS, _as_task, _may_help, nightly_audit
from schemas.errors import ExtractError


def test_every_stage_is_a_task_of_its_name() -> None:
    assert [task.name for task in TASKS.values()] == [
        "land",
        "contract",
        "audit",
        "rates",
        "merge",
        "exports",
        "gate",
        "publish",
    ]


def test_only_the_pull_is_tried_again() -> None:
    assert {task.name for task in TASKS.values() if task.retries} == {"land"}


def test_nothing_is_persisted() -> None:
    assert [task.persist_result for task in TASKS.values()] == [False] * len(TASKS)
    assert nightly_audit.persist_result is False


@pytest.mark.parametrize(
    ("error", "again"),
    [(StageError("disk", transient=True), True), (StageError("ours"), False), (ExtractError("damaged"), False)],
)
def test_a_broken_extract_is_not_read_four_times(error: Exception, again: bool) -> None:
    state: Any = SimpleNamespace(result=lambda raise_on_failure: error)
    assert _may_help(None, None, state) is again


def test_a_task_passes_on_no_text_of_a_foreign_error() -> None:
    def stage() -> None:
        raise ValueError("pat-secret")

    with pytest.raises(StageError) as caught:
        _as_task(stage).fn()
    assert "pat-secret" not in str(caught.value)
    assert caught.value.__context__ is None


def test_an_error_of_ours_passes_unchanged() -> None:
    def stage() -> None:
        raise ExtractError("patients.csv: damaged")

    with pytest.raises(ExtractError, match=r"patients\.csv"):
        run.directly(stage)
