"""What `explain` shows beside an unmet measure: what came near, and why it does not count."""

from flows.answers import ANSWERS
from flows.explain import near_misses
from schemas.catalogue import MEASURES

FINDING = {"trigger_at": "2024-03-01T12:00:00+00:00", "due_at": "2024-03-02T12:00:00+00:00"}
DX = "2024-03-01T10:00:00+00:00"


def event(row_id: str, at: str, sets: str, table: str = "referrals") -> dict[str, str | None]:
    return {
        "table_name": table, "row_id": row_id, "event_at": at, "value_sets": sets, "code_system": "LOCAL", "code": sets,
        "value": None,
    }  # fmt: skip


def near(*events: dict[str, str | None], measure: str = "S1") -> list[str]:
    return near_misses(FINDING, ANSWERS[measure], events, DX)


def test_the_wrong_specialty_at_the_right_time() -> None:
    assert near(event("r1", "2024-03-01T14:00:00+00:00", "neurology")) == [
        "2024-03-01 14:00 referrals r1 LOCAL neurology [neurology]: not a surgical specialty"
    ]


def test_the_right_specialty_at_the_wrong_time_comes_first() -> None:
    found = near(event("r1", "2024-03-01", "neurology"), event("r2", "2024-03-09", "neurosurgery"))
    assert found[0].startswith("2024-03-09 referrals r2")
    assert "after the deadline" in found[0]


def test_the_right_specialty_in_time_that_did_not_count() -> None:
    assert "in time, but did not count" in near(event("r1", "2024-03-01", "neurosurgery"))[0]


def test_an_hour_after_the_deadline() -> None:
    assert near(event("r1", "2024-03-02T13:00:00+00:00", "neurosurgery"))[0].endswith(": after the deadline")
    assert near(event("r1", "2024-03-02T12:00:00+00:00", "neurosurgery"))[0].endswith("or value)")
    assert near(event("r1", "2024-03-02", "neurosurgery"))[0].endswith("or value)")


def test_before_the_trigger() -> None:
    assert near(event("r1", "2024-02-20", "neurosurgery"))[0].endswith(": before the trigger")


def test_another_kind_of_event_is_not_near() -> None:
    assert near(event("m1", "2024-03-01", "analgesic", "medications")) == []


def test_the_wrong_specialty_at_the_wrong_time_is_not_near() -> None:
    assert near(event("r1", "2024-04-01", "neurology")) == []


def test_three_at_most() -> None:
    assert len(near(*(event(f"r{n}", f"2024-03-0{n}", "neurosurgery") for n in range(1, 7)))) == 3


def test_every_measure_has_its_words() -> None:
    assert set(ANSWERS) == {measure.id for measure in MEASURES}
