"""(b) pandas, row by row: one function a measure, called for each case with the events of its patient.

What most such audits look like: easy to read beside the guideline, and a few milliseconds a case.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.peers import Counts
from benchmarks.peers.pandas_tables import days, hours, moment, read


class Chart:
    """The events of one patient, a frame each."""

    def __init__(self, parts: dict[str, dict[str, pd.DataFrame]], empty: dict[str, pd.DataFrame], patient: str) -> None:
        self._frames = {name: groups.get(patient, empty[name]) for name, groups in parts.items()}

    def __getattr__(self, name: str) -> pd.DataFrame:
        return self._frames[name]

    def says(self, code: str, *values: str) -> pd.DataFrame:
        rows = self.statements[self.statements["code_key"] == code]
        return rows[rows["value_code"].isin(values)] if values else rows

    def coded(self, table: str, *value_sets: str) -> pd.DataFrame:
        rows = self._frames[table]
        return rows[rows["value_set"].isin(value_sets)]


@dataclass(frozen=True)
class Clock:
    """Through which day things can be seen."""

    as_of: pd.Timestamp
    horizon: Callable[..., pd.Timestamp]


Judge = Callable[[Any, Chart, Clock], list[str]]


def counts(folder: Path) -> Counts:
    """The counts of the six measures."""
    x = read(folder)
    names = ("conditions", "procedures", "statements", "scores", "course", "calcitonin", "studies", "therapy")
    parts = {name: dict(list(getattr(x, name).groupby("patient_id"))) for name in names}
    empty = {name: getattr(x, name).iloc[:0] for name in names}
    clock = Clock(x.as_of, x.horizon)
    judges: dict[str, Judge] = {"Q1": q1, "G1": g1, "M4": m4, "P2": p2, "P3": p3, "T1": t1}
    found: Counter[tuple[str, str]] = Counter()
    for case in x.cases.itertuples(index=False):
        chart = Chart(parts, empty, case.patient_id)
        for name, judge in judges.items():
            found.update((name, state) for state in judge(case, chart, clock))
    return sorted((name, state, n) for (name, state), n in found.items())


def in_course(case: Any, rows: pd.DataFrame) -> pd.DataFrame:
    """Events in [T0, end]."""
    return rows[rows["day"].between(case.t0, case.end_date)]


def q1(case: Any, chart: Chart, clock: Clock) -> list[str]:
    """A neurological examination or a deficit from 24 h before to 24 h after DX."""
    due = case.dx_date + days(1)
    if case.is_minor or case.hospice_date < case.dx_date:
        return ["excluded"]
    for rows in (chart.says("neuro-exam"), chart.coded("conditions", "neuro_deficit")):
        for event in rows[rows["day"] <= case.end_date].itertuples():
            if event.is_minute and case.dx_is_minute:
                near = abs(event.at - case.dx_at) <= hours(24)
            else:
                near = abs(event.day - case.dx_date) <= days(1)
            if near:
                return ["met"]
    if case.hospice_date <= due:
        return ["exception"]
    exact = case.dx_is_minute and not pd.isna(case.death_at)
    if case.death_at < case.dx_at + hours(24) if exact else case.end_date < due:
        return ["censored"]
    return ["pending" if clock.horizon("observations", "conditions") < due else "deviation"]


def g1(case: Any, chart: Chart, clock: Clock) -> list[str]:
    """A native MRI of the region from DX - 28 to DX + 14, or CT where MRI is contraindicated."""
    first, due = case.dx_date - days(28), case.dx_date + days(14)
    if case.is_excluded or case.hospice_date < case.dx_date:
        return ["excluded"]
    said = chart.says("mri-contraindication", "present")["day"]
    no_mri = min([*said, *chart.coded("conditions", "mri_contraindication")["day"]], default=pd.NaT)
    unclear = min(chart.says("mri-contraindication", "unknown-device")["day"], default=pd.NaT)
    done, late, unsure, first_mri = False, False, False, None
    for study in chart.studies.itertuples():
        if not first <= study.day <= case.end_date:
            continue
        is_mri, in_window, covers = study.modality == "mri", study.day <= due, case.region in study.regions
        good = covers and study.is_native and (is_mri or no_mri <= study.day + days(3))
        if is_mri:
            unsure_here = not study.regions.strip("|") or (covers and not study.is_native and not study.is_enhanced)
        else:
            unsure_here = covers and unclear <= study.day + days(3)
        done, late = done or (good and in_window), late or (good and not in_window)
        unsure = unsure or (unsure_here and in_window)
        if is_mri and good and in_window:
            first_mri = study.moment if first_mri is None else min(first_mri, study.moment)
    if _other_question(case, chart, first_mri, due):
        return ["not_applicable"]
    if done:
        return ["met"]
    refused = chart.says("declined", "mri", "imaging")["day"].between(first - days(1), due + days(7)).any()
    if refused or case.hospice_date <= due:
        return ["exception"]
    if case.end_date < due:
        return ["censored"]
    if clock.horizon("imaging") < due:
        return ["pending"]
    return ["indeterminate" if unsure and not late else "deviation"]


def _other_question(case: Any, chart: Chart, first_mri: int | None, due: pd.Timestamp) -> bool:
    """Whether a tumour or an infection was suspected before the MRI, or by the deadline."""
    conditions = chart.coded("conditions", "malignancy_suspicion", "spine_infection")
    conditions = conditions.assign(
        known_at=conditions["at"], known_day=conditions["day"], known_is_minute=conditions["is_minute"]
    )
    for rows in (conditions, chart.says("pathology-assessment", "suspicious")):
        near = rows[rows["day"].between(case.t0 - days(365), case.end_date)]
        if first_mri is None:
            if (near["known_day"] <= due).any():
                return True
        elif (moment(near["known_at"], near["known_is_minute"].astype(bool)) < first_mri).any():
            return True
    return False


def m4(case: Any, chart: Chart, clock: Clock) -> list[str]:
    """Calcitonin ends within 35 days of its first start in [T0, end]."""
    horizon, end = clock.horizon("medications"), case.end_date
    drugs = chart.calcitonin
    start = in_course(case, drugs)["day"].min()
    if case.is_excluded or case.hospice_date < start:
        return ["excluded"]
    if pd.isna(start):
        return ["pending" if horizon < min(clock.as_of, end) else "not_applicable"]
    due = start + days(35)
    seen = drugs[drugs["day"] <= end]
    to = seen["covered_to"].clip(upper=end)
    last = to[to >= seen["day"]].max()
    goes_on = bool(last > due or (seen["day"] > due).any())
    unknown = bool(seen["covered_to"].isna().any())
    is_open = bool(horizon <= due and last > horizon)
    outlives = bool(end < due and drugs["covered_to"].max() > due)
    if not (goes_on or unknown or is_open or outlives):
        return ["met"]
    ran_before = ((seen["day"] < case.t0) & (seen["covered_to"] >= case.t0 - days(1))).any()
    if ran_before or len(chart.coded("conditions", "calcitonin_other_indication")):
        return ["exception"]
    if end < due:
        return ["censored"]
    if horizon < due + days(1) and (is_open or (unknown and not goes_on)):
        return ["pending"]
    return ["indeterminate" if unknown and not goes_on else "deviation"]


def p2(case: Any, chart: Chart, clock: Clock) -> list[str]:
    """Persistent pain, and whether a nerve root block was done or considered."""
    said = in_course(case, chart.course)
    starts = list(said.loc[said["value_code"].isin(["persistent", "worsening"]), "day"])
    since = None
    for score in in_course(case, chart.scores).sort_values(["at", "is_minute", "observation_id"]).itertuples():
        since = None if score.score < 4 else since or score.day
        if since and score.day >= since + days(7):
            starts.append(score.day)
    start = min(starts, default=pd.NaT)
    if case.is_excluded or case.hospice_date < start:
        return ["excluded"]
    if pd.isna(start):
        waits = clock.horizon("observations") < min(clock.as_of, case.end_date)
        return ["pending" if waits else "not_applicable"]
    blocks = in_course(case, chart.coded("procedures", "nerve_root_block"))
    thought = in_course(case, chart.says("considered", "nerve-root-block"))
    return ["met" if len(blocks) or len(thought) else "not_applicable"]


def p3(case: Any, chart: Chart, clock: Clock) -> list[str]:
    """Each nerve root block: a pain score of 4 or more in the two weeks before, known within 48 h."""
    blocks = in_course(case, chart.coded("procedures", "nerve_root_block"))
    if case.is_excluded:
        return ["excluded"] * max(1, blocks["day"].nunique())
    if not len(blocks):
        waits = clock.horizon("procedures") < min(clock.as_of, case.end_date)
        return ["pending" if waits else "not_applicable"]
    scores = in_course(case, chart.scores)
    firsts = blocks.sort_values(["at", "is_minute"]).drop_duplicates("day")
    return [_block(case, block, scores, clock) for block in firsts.itertuples()]


def _block(case: Any, block: Any, scores: pd.DataFrame, clock: Clock) -> str:
    if case.hospice_date < block.day:
        return "excluded"
    before = scores[scores["day"].between(block.day - days(14), block.day)]
    for score in before[before["score"] >= 4].itertuples():
        if score.known_is_minute and block.is_minute:
            in_time = score.known_at <= block.at + hours(48)
        else:
            in_time = score.known_day <= block.day + days(2)
        if in_time:
            return "met"
    if clock.horizon("procedures", "observations") < block.day + days(2):
        return "pending"
    return "deviation" if len(before) else "indeterminate"


def t1(case: Any, chart: Chart, clock: Clock) -> list[str]:
    """Physical therapy within 28 days of the day on which the acute pain had subsided."""
    observed, end, fallback = clock.horizon("observations"), case.end_date, case.t0 + days(42)
    scores, course = in_course(case, chart.scores), in_course(case, chart.course)
    scores = scores[scores["day"] >= case.t0 + days(14)].sort_values(["at", "is_minute", "observation_id"])
    course = course[course["day"] >= case.t0 + days(14)]
    early = scores[scores["day"] <= fallback]
    starts = [*scores.loc[scores["score"] <= 3, "day"], *course.loc[course["value_code"] == "resolved", "day"]]
    if len(early) and early["score"].iloc[-1] < 7 and fallback <= min(observed, end):
        starts.append(fallback)
    start = min(starts, default=pd.NaT)
    if case.is_excluded or case.hospice_date < start:
        return ["excluded"]
    if pd.isna(start):
        return [_not_subsided(case, clock, bool(len(early) or (course["day"] <= fallback).any()))]
    due = max(start, case.dx_date) + days(28)
    if in_course(case, chart.therapy)["day"].le(due).any():
        return ["met"]
    refused = chart.says("declined", "physical-therapy")["day"].between(start - days(1), due + days(7)).any()
    if refused or case.hospice_date <= due:
        return ["exception"]
    if end < due:
        return ["censored"]
    waits = clock.horizon("referrals", "encounters", "procedures", "observations") < due
    return ["pending" if waits else "deviation"]


def _not_subsided(case: Any, clock: Clock, is_recorded: bool) -> str:
    fallback, observed = case.t0 + days(42), clock.horizon("observations")
    if case.end_date < fallback:
        return "censored"
    if observed < max(fallback, min(clock.as_of, case.end_date)):
        return "pending"
    return "not_applicable" if is_recorded else "indeterminate"
