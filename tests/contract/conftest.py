"""Fixtures of the contract's tests."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from contract.drawn import EXTRACTED_AT, Outcome, Row, draw, judge_folder


@pytest.fixture
def judge(tmp_path: Path) -> Callable[..., Outcome]:
    """Draw an extract of rows and judge it: `judge(observations=[{"level": "LUMBAR2"}])`."""

    def run(*, extracted_at: str | None = EXTRACTED_AT, **drawn: Any) -> Outcome:
        settings = {key: drawn.pop(key) for key in ("timezone", "max_share", "concept_map") if key in drawn}
        tables: dict[str, Sequence[Row]] = drawn
        return judge_folder(
            draw(tmp_path / "extract", extracted_at=extracted_at, **tables), tmp_path / "work", **settings
        )

    return run
