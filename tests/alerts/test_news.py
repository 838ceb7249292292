"""What a night tells: what is new, once, in counts; and nobody's name."""

import pytest

from .conftest import Night
from .sink import Sink

WINDOW = "measure_id = '{}'"
CRITICAL = "state = 'deviation' AND severity = 'critical'"
NEWS = ("urgent", "critical", "withdrawn")


def windows(tonight: Night, measure: str) -> list[str]:
    return tonight.keys("open_windows", WINDOW.format(measure))


@pytest.mark.parametrize("measure", ["S1", "S2", "X1"])
@pytest.mark.parametrize("before", [None, "not_applicable", "indeterminate"])
def test_an_urgent_duty_is_told_when_its_window_opens(
    tonight: Night, mail: Sink, measure: str, before: str | None
) -> None:
    (key,) = windows(tonight, measure)
    tonight.changed((key, before, "pending", "new event"))
    tonight.tell(*NEWS)
    assert mail.subjects == ["spine-audit: 1 urgent, still to be met"]
    assert f"  {measure} " in mail.texts[0]
    assert ": 1 (new event 1)" in mail.texts[0]
    assert "spine-audit sql open_windows --out" in mail.texts[0]


def test_a_window_that_was_open_before_is_not_told_again(tonight: Night, mail: Sink) -> None:
    (key,) = windows(tonight, "S1")
    tonight.changed((key, "pending", "pending", "new event"))
    tonight.tell(*NEWS)
    assert mail.raw == []


def test_a_window_that_becomes_urgent_is_told(tonight: Night, mail: Sink) -> None:
    """A suspected tumour was known; now there is a deficit too."""
    (key,) = windows(tonight, "X1")
    tonight.changed((key, "pending", "pending", "new event"), urgency="soon")
    tonight.tell(*NEWS)
    assert mail.subjects == ["spine-audit: 1 urgent, still to be met"]


def test_other_pending_duties_are_not_urgent(tonight: Night, mail: Sink) -> None:
    keys = tonight.keys("findings", "state = 'pending' AND measure_id NOT IN ('S1', 'S2', 'X1')")
    assert keys
    tonight.changed(*((key, None, "pending", "new event") for key in keys))
    tonight.tell(*NEWS)
    assert mail.raw == []


def test_a_suspected_tumour_without_a_deficit_is_not_urgent(tonight: Night, mail: Sink) -> None:
    (key,) = windows(tonight, "X1")
    tonight.changed((key, None, "pending", "new event"))
    with_view = "UPDATE stored.verdicts SET urgency = 'soon' WHERE measure_id = 'X1'"
    tonight.write(with_view)
    tonight.tell(*NEWS)
    assert mail.raw == []


def test_critical_deviations_are_counted_by_measure_and_cause(tonight: Night, mail: Sink) -> None:
    keys = tonight.keys("findings", f"{CRITICAL} AND measure_id = 'S1'")
    causes = ["new event", *["rule"] * (len(keys) - 1)]
    tonight.changed(*((key, None, "deviation", cause) for key, cause in zip(keys, causes, strict=True)))
    tonight.tell(*NEWS)
    assert mail.subjects == [f"spine-audit: {len(keys)} newly critical"]
    assert f": {len(keys)} (new event 1, rule {len(keys) - 1})" in mail.texts[0]


def test_a_deviation_that_becomes_critical_is_told(tonight: Night, mail: Sink) -> None:
    key = tonight.keys("findings", CRITICAL)[0]
    tonight.changed((key, "deviation", "deviation", "corrected row"), severity="high")
    tonight.tell(*NEWS)
    assert mail.subjects == ["spine-audit: 1 newly critical"]


@pytest.mark.parametrize(
    ("where", "before", "why"),
    [
        (CRITICAL, "deviation", "it was one before"),
        ("state = 'deviation' AND severity = 'high'", None, "it is not critical"),
    ],
)
def test_other_deviations_are_not_told(tonight: Night, mail: Sink, where: str, before: str | None, why: str) -> None:
    tonight.changed(*((key, before, "deviation", "new event") for key in tonight.keys("findings", where)))
    tonight.tell(*NEWS)
    assert mail.raw == [], why


@pytest.mark.parametrize(
    ("key", "before", "after", "cause", "is_told"),
    [
        ("S1", "deviation", "met", "corrected row", True),
        ("S1", "deviation", None, "corrected row", True),
        ("X1", "deviation", "excluded", "corrected row", True),
        ("S2", "pending", "not_applicable", "corrected row", True),
        ("S1", "pending", None, "corrected row", True),
        ("S1", "deviation", "met", "rule", False),  # no correction
        ("S1", "pending", "met", "new event", False),  # it was done
        ("S1", "pending", "deviation", "corrected row", False),  # told as critical
        ("G1", "pending", None, "corrected row", False),
    ],
)
def test_what_a_correction_lifts_is_withdrawn(
    tonight: Night, mail: Sink, key: str, before: str, after: str | None, cause: str, is_told: bool
) -> None:
    tonight.changed((key, before, after, cause))
    tonight.tell(*NEWS)
    assert mail.subjects == (["spine-audit: 1 withdrawn"] if is_told else [])


@pytest.mark.parametrize(("key", "before"), [("X1", "deviation"), ("S2", "deviation"), ("X1", "pending")])
def test_what_was_never_told_is_not_withdrawn(tonight: Night, mail: Sink, key: str, before: str) -> None:
    """A suspected tumour without a deficit; a deviation of high severity."""
    tonight.changed((key, before, "met", "corrected row"), severity="high", urgency="soon")
    tonight.tell(*NEWS)
    assert mail.raw == []


def test_a_wait_for_data_is_not_withdrawn(tonight: Night, mail: Sink) -> None:
    """Pending only because a feed is behind, it never was a window that could be told."""
    tonight.changed(("S1", "pending", None, "corrected row"), was_triggered=False)
    tonight.tell(*NEWS)
    assert mail.raw == []


def test_the_same_night_is_told_once_for_each_night_that_it_is_compared_with(tonight: Night, mail: Sink) -> None:
    """Run again, it has no news; run again after a correction of the same day, it has."""
    key = tonight.keys("findings", CRITICAL)[0]
    for previous, n in (("2026-09-29-00000000", 1), ("2026-09-29-00000000", 1), ("2026-09-30-00000000", 2)):
        tonight.changed((key, None, "deviation", "new event"), previous=previous)
        tonight.tell("critical")
        assert len(mail.subjects) == n


def test_one_message_holds_all_news(tonight: Night, mail: Sink) -> None:
    (window,) = windows(tonight, "S1")
    critical = tonight.keys("findings", CRITICAL)[0]
    tonight.changed(
        (window, None, "pending", "new event"),
        (critical, "pending", "deviation", "as-of"),
        ("S1", "deviation", None, "corrected row"),
    )
    tonight.tell(*NEWS)
    assert mail.subjects == ["spine-audit: 1 urgent, still to be met, 1 newly critical, 1 withdrawn"]


@pytest.mark.parametrize("name", NEWS)
def test_a_site_chooses_what_it_is_told(tonight: Night, mail: Sink, name: str) -> None:
    (window,) = windows(tonight, "S1")
    critical = tonight.keys("findings", CRITICAL)[0]
    tonight.changed(
        (window, None, "pending", "new event"),
        (critical, None, "deviation", "new event"),
        ("S1", "deviation", None, "corrected row"),
    )
    tonight.tell(name)
    (subject,) = mail.subjects
    assert ("urgent" in subject, "critical" in subject, "withdrawn" in subject) == (
        name == "urgent",
        name == "critical",
        name == "withdrawn",
    )


def test_the_heartbeat_comes_also_when_nothing_is_new(tonight: Night, mail: Sink) -> None:
    tonight.changed()
    tonight.tell()
    assert mail.subjects == [f"spine-audit heartbeat: done, audit through {tonight.outcome.as_of}"]
    ((through, n),) = tonight.ask(
        "SELECT (SELECT min(loaded_through) FROM feeds WHERE present), (SELECT count(*) FROM open_windows)"
    )
    assert "Finished at        20" in mail.texts[0]
    assert f"Data through       {through}" in mail.texts[0]
    assert f"Windows open       {n} " in mail.texts[0]


def test_the_first_night_of_all_tells_no_news(tonight: Night, mail: Sink) -> None:
    keys = tonight.keys("findings", f"({CRITICAL}) OR state = 'pending'")
    tonight.changed(*((key, None, "deviation", "initial") for key in keys), previous=None)
    tonight.tell()
    assert mail.subjects == [f"spine-audit heartbeat: done, audit through {tonight.outcome.as_of}"]
    assert "The first night of all" in mail.texts[0]


def test_no_message_holds_an_identity(tonight: Night, mail: Sink) -> None:
    keys = tonight.keys("findings", CRITICAL)
    opened = [key for measure in ("S1", "S2", "X1") for key in windows(tonight, measure)]
    tonight.changed(
        *((key, None, "deviation", "new event") for key in keys),
        *((key, None, "pending", "new event") for key in opened),
        ("S1", "deviation", None, "corrected row"),
    )
    tonight.tell()
    assert len(mail.texts) == 2
    names = {
        name
        for column in ("case_id", "patient_id", "display_id", "finding_key")
        for (name,) in tonight.ask(
            f"SELECT DISTINCT {column} FROM open_deviations UNION SELECT DISTINCT {column} FROM open_windows"
        )
        if name
    }
    people = tonight.ask("SELECT DISTINCT patient_id, display_id FROM cases")
    names |= {str(name) for row in people for name in row if name}
    assert len(names) > 500
    # As they went over the wire and as they are read.
    sent = [*mail.texts, *(raw.decode("utf-8", "replace") for raw in mail.raw)]
    assert [name for name in names if any(name in text for text in sent)] == []
