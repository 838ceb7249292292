"""Rows that break the contract, or come twice: each would change a verdict if it got through, none may.

One case in fifty has one (option `--bad-rows`). The truth knows nothing of them.
"""

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
            0.2, (note("neuro-exam", "deficit", after("dx", 40, 90), status="unsure"),), tag="bad"
        ),
        "pain_of_99": Option(0.2, (score(99, day("dx", 110)),), tag="bad"),
        "no_time": Option(0.15, (_changed(note("neuro-exam", "deficit", day("dx")), observed_at=None),), tag="bad"),
        "before_birth": Option(
            0.15, (_changed(code("G83.4", day("dx"), role="diagnosis"), recorded_at=_UNBORN),), tag="bad"
        ),
        "no_code": Option(0.15, (_changed(procedure("22514", day("dx", 30)), code=None),), tag="bad"),
        "orphan_referral": Option(0.2, (refer("spine", day("dx", 30), patient_id=_NOBODY),), tag="bad"),
        "orphan_condition": Option(0.15, (_changed(code(L2, day("dx")), patient_id=_NOBODY),), tag="bad"),
        "unknown_class": Option(0.15, (visit("spaceship", day("dx", 20), specialty="spine"),), tag="bad"),
        # one id, two contents, and nothing that tells which is right: both are out
        "conflicting_referral": Option(
            0.2,
            (
                refer("spine", day("dx", 40), referral_id=_CONFLICT),
                refer("radiology", day("dx", 41), referral_id=_CONFLICT),
            ),
            tag="bad",
        ),
        "conflicting_study": Option(
            0.15,
            (
                study("72158", day("dx", 5), imaging_id=_CONFLICTING_STUDY),
                study("72131", day("dx", 6), imaging_id=_CONFLICTING_STUDY),
            ),
            tag="bad",
        ),
        "patient_without_birth": Option(
            0.1,
            (
                Row("patients", {"patient_id": _SECOND_PERSON, "sex": "female"}),
                _changed(code(L2, day("dx")), patient_id=_SECOND_PERSON),
            ),
            tag="bad",
        ),
        "duplicate": Option(0.2, (_twice(score(1, day("dx", 200, 300))),), "pain=eases", "bad"),
        # a score that was put on a scale of millimetres is right
        "millimetres": Option(0.2, (_changed(score(10, day("dx", 200, 300)), unit="mm"),), "pain=eases", "bad"),
    },
)

DIALS = (DEFECT,)
