"""Which parameters are in force, and which settings are refused?"""

import json
import pickle
from datetime import date
from typing import Any

import pytest

from schemas.catalogue import MEASURES, REASONS, STATES
from schemas.errors import ContentError, SettingsError
from schemas.extract import EXTRACT
from schemas.parameters import load_parameters


def test_defaults() -> None:
    p = load_parameters()
    assert (p.deadlines.imaging_days, p.cohort.levels, p.cohort.period_from) == (14, ("L2",), None)
    assert p.bedside_counts.percussion == (42, 6, 3, 27)
    assert p.guideline == "L2 compression fracture referrals"


def test_own_values() -> None:
    p = load_parameters(
        {"cohort": {"levels": ["l3", "L2"], "period_from": "2024-03-01"}, "pain": {"severe_nrs": 6.5}, "guideline": "x"}
    )
    assert (p.cohort.levels, p.cohort.period_from, p.pain.severe_nrs) == (("L2", "L3"), date(2024, 3, 1), 6.5)
    assert p.guideline == "x"
    assert p.pain.persistent_nrs == 4
    assert load_parameters({"cohort": {"levels": "Any"}}).cohort.levels == "any"


def test_rows_name_every_parameter_once() -> None:
    rows = load_parameters().as_rows()
    assert len({key for key, _, _ in rows}) == len(rows)
    assert ("deadlines.imaging_days", "14", "days") in rows
    assert all(json.loads(value) is not ... for _, value, _ in rows)


def test_parameters_travel_to_other_processes() -> None:
    p = load_parameters()
    assert pickle.loads(pickle.dumps(p)) == p


@pytest.mark.parametrize(
    ("own", "what"),
    [
        ({"deadlines": {"imaging_day": 10}}, "'deadlines.imaging_days'"),
        ({"imaging_days": 10}, "'deadlines.imaging_days'"),
        ({"deadline": {}}, "'deadlines'"),
        ({"deadlines": 3}, "a table [deadlines]"),
        ({"deadlines": {"imaging_days": "10"}}, "a whole number expected"),
        ({"deadlines": {"imaging_days": 10.5}}, "a whole number expected"),
        ({"deadlines": {"imaging_days": True}}, "a whole number expected"),
        ({"pain": {"severe_nrs": "7"}}, "a number expected"),
        ({"switches": {"calcitonin_start": 1}}, "true or false"),
        ({"guideline": 1}, "a text"),
        ({"cohort": {"levels": "L2"}}, "a list of levels"),
        ({"cohort": {"period_from": "2024-02-30"}}, "not a date"),
        ({"cohort": {"period_from": 2024}}, "a date"),
        ({"bedside_counts": {"supine": [1, 2, 3]}}, "4 numbers"),
    ],
)
def test_wrong_settings(own: dict[str, Any], what: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_parameters(own)
    assert what in str(caught.value)


@pytest.mark.parametrize(
    "own",
    [
        {"pain": {"severe_nrs": 10.1}},
        {"pain": {"severe_nrs": float("nan")}},
        {"deadlines": {"imaging_days": -1}},
        {"input": {"max_quarantined_share": 1.1}},
        {"bedside": {"pretest_probability": 1}},
        {"cohort": {"levels": ["L6"]}},
        {"cohort": {"levels": []}},
        {"cohort": {"period_from": "2024-03-02", "period_to": "2024-03-01"}},
        {"clocks": {"three_months": "91d"}},
        {"disclosure": {"profile": "eu"}},
        {"review_status": "done"},
    ],
)
def test_values_out_of_range(own: dict[str, Any]) -> None:
    with pytest.raises(ContentError):
        load_parameters(own)


def test_catalogue() -> None:
    assert len(MEASURES) == 34
    assert len({measure.id for measure in MEASURES}) == 34
    feeds = {feed for m in MEASURES for feed in (*m.trigger_feeds, *m.action_feeds, *m.justification_feeds)}
    assert feeds <= set(EXTRACT)
    assert set(REASONS["state"]) <= set(STATES)
    assert set(REASONS["measure_id"]) - {"*"} <= {measure.id for measure in MEASURES}
