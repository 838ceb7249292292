"""When the night begins: local time of the site, on the days on which the clocks change too."""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from prefect.server.schemas.schedules import CronSchedule

from flows.nightly import nightly_audit
from flows.serve import DEFAULT_CRON, schedule_of
from flows.settings import DEFAULT_TIMEZONE
from schemas.errors import SettingsError

BERLIN = "Europe/Berlin"


def begins(cron: str, timezone: str, first: datetime, n: int = 4) -> list[str]:
    """The first n times at which Prefect's server begins a run, with their offsets."""
    schedule = schedule_of(cron, timezone)
    served = CronSchedule(cron=schedule.cron, timezone=schedule.timezone)
    return [f"{time:%d %H:%M%z}" for time in asyncio.run(served.get_dates(n, start=first))]


def test_four_is_four_before_and_after_the_clocks_go_forward() -> None:
    first = datetime(2026, 3, 28, tzinfo=ZoneInfo(BERLIN))
    assert begins(DEFAULT_CRON, BERLIN, first, 3) == ["28 04:00+0100", "29 04:00+0200", "30 04:00+0200"]


def test_four_is_four_before_and_after_the_clocks_go_back() -> None:
    first = datetime(2026, 10, 24, tzinfo=ZoneInfo(BERLIN))
    assert begins(DEFAULT_CRON, BERLIN, first, 3) == ["24 04:00+0200", "25 04:00+0100", "26 04:00+0100"]


def test_an_hour_that_is_left_out_makes_the_night_later_not_missing() -> None:
    first = datetime(2026, 3, 28, tzinfo=ZoneInfo(BERLIN))
    assert begins("30 2 * * *", BERLIN, first, 3) == ["28 02:30+0100", "29 03:30+0200", "30 02:30+0200"]


def test_an_hour_that_comes_twice_makes_one_night() -> None:
    first = datetime(2026, 10, 24, tzinfo=ZoneInfo(BERLIN))
    assert begins("30 2 * * *", BERLIN, first, 3) == ["24 02:30+0200", "25 02:30+0200", "26 02:30+0100"]


@pytest.mark.parametrize("cron", ["", "4", "61 4 * * *", "nightly", "0 4 * *", "H 4 * * *"])
def test_what_is_no_cron_line_is_refused(cron: str) -> None:
    with pytest.raises(SettingsError, match="--cron"):
        schedule_of(cron, BERLIN)


@pytest.fixture(scope="module")
def deployment() -> dict[str, Any]:
    text = (Path(__file__).resolve().parents[2] / "prefect.yaml").read_text(encoding="utf-8")
    (only,) = yaml.safe_load(text)["deployments"]
    return only


def test_the_deployment_begins_when_serve_does(deployment: dict[str, Any]) -> None:
    (schedule,) = deployment["schedules"]
    assert (schedule["cron"], schedule["timezone"]) == (DEFAULT_CRON, DEFAULT_TIMEZONE)


def test_the_deployment_names_the_flow_and_parameters_that_it_has(deployment: dict[str, Any]) -> None:
    assert deployment["entrypoint"] == "flows/nightly.py:nightly_audit"
    assert set(deployment["parameters"]) <= set(nightly_audit.parameters.properties)


def test_the_deployment_never_runs_twice_at_a_time(deployment: dict[str, Any]) -> None:
    assert deployment["concurrency_limit"] == {"limit": 1, "collision_strategy": "CANCEL_NEW"}
