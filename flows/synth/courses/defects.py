"""Rows that break the contract, or come twice, and patients who only look like a case: none may change a verdict.

One case in fifty brings such a row (option `--bad-rows`). The truth knows nothing of them.
"""

from datetime import date

import polars as pl

from flows.synth.describe import L2, code, note, procedure, refer, score, study, visit
from flows.synth.dials import Dial, Option
from flows.synth.rows import Row, after, day

_NOBODY = pl.concat_str(pl.lit("nobody-"), "key")
_SECOND_PERSON = pl.concat_str(pl.lit("pat-"), "key", pl.lit("-x"))
_UNBORN = pl.lit("1890-01-01").str.to_datetime(time_unit="us")
_CONFLICT = pl.concat_str(pl.lit("ref-"), "key", pl.lit("-twice"))
_CONFLICTING_STUDY = pl.concat_str(pl.lit("img-"), "key", pl.lit("-twice"))


def _changed(row: Row, **cells: object) -> Row:
    return Row(row.table, {**row.cells, **cells}, row.name, row.copies)


def _twice(row: Row) -> Row:
    return Row(row.table, row.cells, row.name, copies=2)


DEFECT = Dial(
    "defect",
    {
        "none": Option(98),
        "unknown_status": Option(
            0.2, (note("neuro-exam", "deficit", after("dx", 40, 90), status="unsure"),), "arc=ordinary", "bad_rows"
        ),
        "pain_of_99": Option(0.2, (score(99, day("dx", 110)),), "arc=ordinary", "bad_rows"),
        "no_time": Option(
            0.15, (_changed(note("neuro-exam", "deficit", day("dx")), observed_at=None),), "arc=ordinary", "bad_rows"
        ),
        "before_birth": Option(
            0.15,
            (_changed(code("G83.4", day("dx"), role="diagnosis"), recorded_at=_UNBORN),),
            "arc=ordinary",
            "bad_rows",
        ),
        "no_code": Option(0.15, (_changed(procedure("22514", day("dx", 30)), code=None),), "arc=ordinary", "bad_rows"),
        "orphan_referral": Option(
            0.2, (refer("spine", day("dx", 30), patient_id=_NOBODY),), "arc=ordinary", "bad_rows"
        ),
        "orphan_condition": Option(
            0.15, (_changed(code(L2, day("dx")), patient_id=_NOBODY),), "arc=ordinary", "bad_rows"
        ),
        "unknown_class": Option(
            0.15, (visit("spaceship", day("dx", 20), specialty="spine"),), "arc=ordinary", "bad_rows"
        ),
        # one id, two contents, and nothing that tells which is right: both are out
        "conflicting_referral": Option(
            0.2,
            (
                refer("spine", day("dx", 40), referral_id=_CONFLICT),
                refer("radiology", day("dx", 41), referral_id=_CONFLICT),
            ),
            "arc=ordinary",
            "bad_rows",
        ),
        "conflicting_study": Option(
            0.15,
            (
                study("72158", day("dx", 5), imaging_id=_CONFLICTING_STUDY),
                study("72131", day("dx", 6), imaging_id=_CONFLICTING_STUDY),
            ),
            "arc=ordinary",
            "bad_rows",
        ),
        "patient_without_birth": Option(
            0.1,
            (
                Row("patients", {"patient_id": _SECOND_PERSON, "sex": "female"}),
                _changed(code(L2, day("dx")), patient_id=_SECOND_PERSON),
            ),
            "arc=ordinary",
            "bad_rows",
        ),
        "duplicate": Option(0.6, (_twice(score(1, day("dx", 200, 300))),), "arc=ordinary pain=eases", "bad_rows"),
        # a score that was put on a scale of millimetres is right
        "millimetres": Option(
            0.3, (_changed(score(10, day("dx", 200, 300)), unit="mm"),), "arc=ordinary pain=eases", "bad_rows"
        ),
    },
)

# Other patients, who have a fracture code and yet no case that is audited.

_ALIKE = pl.concat_str(pl.lit("pat-"), "key", pl.lit("-y"))
_PERSON = Row("patients", {"patient_id": _ALIKE, "birth_date": date(1951, 5, 17), "sex": "female"})


def _alike(*rows: Row) -> tuple[Row, ...]:
    return (_PERSON, *(_changed(row, patient_id=_ALIKE) for row in rows))


LOOKALIKE = Dial(
    "lookalike",
    {
        "none": Option(98),
        "healing": Option(0.4, _alike(code("S32.020D", day("dx"), role="diagnosis")), "arc=ordinary"),
        "refuted": Option(0.4, _alike(code(L2, day("dx"), verification="refuted")), "arc=ordinary"),
        "ordered": Option(0.4, _alike(code(L2, day("dx"), role="order")), "arc=ordinary"),
        "old": Option(
            0.4, _alike(code(L2, day("dx")), note("fracture-acuity", "chronic", day("dx", 1))), "arc=ordinary"
        ),
        "other_level": Option(0.4, _alike(code("S32.040A", day("dx")), score(8, day("dx"))), "arc=ordinary"),
    },
)

DIALS = (DEFECT, LOOKALIKE)
