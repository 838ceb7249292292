"""Gaps that rest on one row are one row of the worklist, and what can still be done never hides behind what can't."""

from datetime import date
from pathlib import Path

from schemas.stored import STORED
from tests.warehouse import drawn

from .books import counts_of, made, rows_of

DAY = "2024-12-10"
CT = {"trigger_event": drawn.number("ct"), "trigger_table": "imaging", "trigger_row_id": "ct"}
DX = {"trigger_event": drawn.number("dx"), "trigger_table": "conditions", "trigger_row_id": "dx"}


def night_of(*findings: dict[str, object], evidence: list[tuple[str, str, str]], **case: object) -> drawn.Night:
    """One case, and which rows its findings rest on: measure, role, row."""
    patient = "patient-of-a"
    events = [
        drawn.event(patient, "imaging", "ct", DAY), drawn.event(patient, "conditions", "dx", DAY),
        drawn.event(patient, "referrals", "r", DAY),
    ]  # fmt: skip
    return drawn.night_of(
        drawn.cases(drawn.case("a", t0=date(2024, 12, 10), **case)),
        drawn.findings(*findings),
        events=drawn.frame(STORED["events"], events),
        evidence=drawn.frame(STORED["evidence"], [drawn.evidence("a", *row) for row in evidence]),
    )


def deviates(measure: str, reason: str = "missing", **more: object) -> dict[str, object]:
    return drawn.finding("a", measure, "deviation", reason, trigger_at=DAY, **more)


def test_one_ct_gives_one_row(tmp_path: Path) -> None:
    night = night_of(
        deviates("G1", "wrong_modality", due_at="2024-12-24"),
        deviates("G2", "wrong_modality", **CT),
        deviates("B1", due_at="2024-12-11", **DX),
        deviates("B2", due_at="2024-12-11", **DX),
        evidence=[("G1", "trigger", "dx"), ("G1", "action", "ct"), ("G2", "trigger", "ct"),
                  ("B1", "trigger", "dx"), ("B2", "trigger", "dx")],
    )  # fmt: skip
    book = made(night, tmp_path)
    (row,) = rows_of(book, "Act now")
    assert row["Measure"].startswith("G1 ")
    assert [part.split()[0] for part in row["Folded under it"].split("; ")] == ["G2", "B1", "B2"]
    assert [rows_of(book, sheet) for sheet in ("Review", "Advice")] == [[], []]


def test_a_chain_folds_under_its_gravest(tmp_path: Path) -> None:
    """M1 shares a row with G4 only, and G4 with S1."""
    night = night_of(
        deviates("S1", due_at=DAY), deviates("G4", due_at=DAY), deviates("M1", due_at=DAY),
        evidence=[("S1", "action", "r"), ("G4", "action", "r"), ("G4", "trigger", "ct"), ("M1", "trigger", "ct")],
    )  # fmt: skip
    (row,) = rows_of(made(night, tmp_path), "Act now")
    assert row["Measure"].startswith("S1 ")
    assert [part.split()[0] for part in row["Folded under it"].split("; ")] == ["G4", "M1"]


def test_an_urgent_duty_is_a_row_of_its_own(tmp_path: Path) -> None:
    """The same examination triggers both: one asks for a surgeon, one for an MRI."""
    night = night_of(
        drawn.finding("a", "X1", "pending", "not_yet_due", trigger_at=DAY, due_at="2025-01-02"),
        drawn.finding("a", "S1", "pending", "not_yet_due", trigger_at=DAY, due_at="2025-01-01"),
        evidence=[("S1", "trigger", "dx"), ("X1", "trigger", "dx")],
    )
    rows = rows_of(made(night, tmp_path), "Act now")
    assert [(row["Measure"][:2], row["Due"], row["Folded under it"]) for row in rows] == [
        ("S1", "2025-01-01", None), ("X1", "2025-01-02", None),
    ]  # fmt: skip


def test_of_two_as_grave_the_one_due_first_is_listed_and_the_other_named_with_its_day(tmp_path: Path) -> None:
    night = night_of(
        drawn.finding("a", "M1", "pending", "not_yet_due", trigger_at=DAY, due_at="2025-01-06", severity="moderate"),
        drawn.finding("a", "Q1", "pending", "not_yet_due", trigger_at=DAY, due_at="2025-01-03", severity="moderate"),
        evidence=[("M1", "trigger", "dx"), ("Q1", "trigger", "dx")],
    )
    (row,) = rows_of(made(night, tmp_path), "Coming due")
    assert row["Measure"].startswith("Q1 ")
    assert "due 2025-01-06" in row["Folded under it"]


def test_what_can_still_be_done_does_not_fold_under_what_cannot(tmp_path: Path) -> None:
    """S1 is graver, but late; S2 waits."""
    night = night_of(
        deviates("S1", "late", due_at=DAY, action_at="2024-12-12"),
        drawn.finding("a", "S2", "pending", "not_yet_due", trigger_at=DAY, due_at="2025-01-01"),
        evidence=[("S1", "trigger", "dx"), ("S2", "trigger", "dx")],
    )
    book = made(night, tmp_path)
    assert [row["Measure"][:2] for row in rows_of(book, "Act now")] == ["S2"]
    assert [row["Measure"][:2] for row in rows_of(book, "Review")] == ["S1"]


def test_advice_is_one_row_a_case(tmp_path: Path) -> None:
    night = night_of(
        deviates("P1", due_at=DAY, **CT), deviates("F2", due_at=DAY, **DX), deviates("T1", due_at=DAY), evidence=[]
    )
    book = made(night, tmp_path)
    (row,) = rows_of(book, "Advice")
    assert row["Measure"].startswith("F2 ")  # moderate, before low and advisory
    assert [part.split()[0] for part in row["Folded under it"].split("; ")] == ["T1", "P1"]


def test_nothing_folds_under_what_is_too_old_to_be_listed(tmp_path: Path) -> None:
    night = night_of(
        drawn.finding("a", "G1", "deviation", "missing", trigger_at="2024-07-03", due_at="2024-07-17"),
        drawn.finding("a", "G4", "deviation", "missing", trigger_at="2024-07-04", due_at="2024-07-18"),
        evidence=[("G1", "trigger", "dx"), ("G4", "trigger", "dx")],
    )
    book = made(night, tmp_path)
    assert [row["Measure"][:2] for row in rows_of(book, "Act now")] == ["G4"]  # 180 days ago, and no day more
    assert counts_of(book)["Act now"] == (1, 0, 0, 1)
