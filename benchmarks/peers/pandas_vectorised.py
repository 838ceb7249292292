"""(b) pandas, vectorised: whole columns, merges and groupbys, no row loop."""

from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.peers import Counts
from benchmarks.peers.pandas_tables import Extract, days, hours, moment, read

MOMENT = ["patient_id", "at", "day", "is_minute"]


def counts(folder: Path) -> Counts:
    """The counts of the six measures."""
    x = read(folder)
    measures = {"Q1": q1, "G1": g1, "M4": m4, "P2": p2, "P3": p3, "T1": t1}
    found = {name: measure(x).value_counts() for name, measure in measures.items()}
    return sorted((name, str(state), int(n)) for name, states in found.items() for state, n in states.items())


def _of_cases(x: Extract, events: pd.DataFrame) -> pd.DataFrame:
    return events.merge(x.cases, on="patient_id")


def _in_course(x: Extract, events: pd.DataFrame) -> pd.DataFrame:
    """Events in [T0, end] of each case."""
    rows = _of_cases(x, events)
    return rows[rows["day"].between(rows["t0"], rows["end_date"])]


def _says(x: Extract, code: str, *values: str) -> pd.DataFrame:
    said = x.statements
    hit = said["code_key"] == code
    return said[hit & said["value_code"].isin(values)] if values else said[hit]


def _coded(events: pd.DataFrame, *value_sets: str) -> pd.DataFrame:
    return events[events["value_set"].isin(value_sets)]


def _states(steps: list[tuple[pd.Series, str]], otherwise: str) -> pd.Series:
    """The word of the first step that holds."""
    tests, words = zip(*steps, strict=True)
    return pd.Series(np.select([test.to_numpy(dtype=bool) for test in tests], words, otherwise))


def q1(x: Extract) -> pd.Series:
    """A neurological examination or a deficit from 24 h before to 24 h after DX."""
    deficits = _coded(x.conditions, "neuro_deficit")
    rows = _of_cases(x, pd.concat([_says(x, "neuro-exam")[MOMENT], deficits[MOMENT]]))
    exact = rows["is_minute"] & rows["dx_is_minute"]
    by_hours = rows["at"].between(rows["dx_at"] - hours(24), rows["dx_at"] + hours(24))
    by_days = rows["day"].between(rows["dx_date"] - days(1), rows["dx_date"] + days(1))
    seen = rows[by_hours.where(exact, by_days) & (rows["day"] <= rows["end_date"])]
    c = x.cases
    due = c["dx_date"] + days(1)
    dies = c["dx_is_minute"] & c["death_at"].notna()
    ended = (c["death_at"] < c["dx_at"] + hours(24)).where(dies, c["end_date"] < due)
    return _states(
        [
            (c["is_minor"] | (c["hospice_date"] < c["dx_date"]), "excluded"),
            (c["case_number"].isin(seen["case_number"]), "met"),
            (c["hospice_date"] <= due, "exception"),
            (ended, "censored"),
            (x.horizon("observations", "conditions") < due, "pending"),
        ],
        "deviation",
    )


def g1(x: Extract) -> pd.Series:
    """A native MRI of the region from DX - 28 to DX + 14, or CT where MRI is contraindicated."""
    contraindicated = pd.concat(
        [_says(x, "mri-contraindication", "present")[MOMENT], _coded(x.conditions, "mri_contraindication")[MOMENT]]
    )
    unknown_device = _says(x, "mri-contraindication", "unknown-device")
    s = _of_cases(x, x.studies)
    s = s[s["day"].between(s["dx_date"] - days(28), s["end_date"])]
    no_mri = s["patient_id"].map(contraindicated.groupby("patient_id")["day"].min())
    unclear = s["patient_id"].map(unknown_device.groupby("patient_id")["day"].min())
    is_mri, in_window = s["modality"] == "mri", s["day"] <= s["dx_date"] + days(14)
    covers = pd.Series(False, index=s.index)
    for region in s["region"].unique():
        covers |= (s["region"] == region) & s["regions"].str.contains(region, regex=False)
    good = covers & s["is_native"] & (is_mri | (no_mri <= s["day"] + days(3)))
    no_contrast = ~s["is_native"] & ~s["is_enhanced"]
    unclear_mri = is_mri & ((s["regions"].str.strip("|") == "") | (covers & no_contrast))
    unclear_ct = ~is_mri & covers & (unclear <= s["day"] + days(3))
    first_mri = s[is_mri & good & in_window].groupby("case_number")["moment"].min()
    done, late = s.loc[good & in_window, "case_number"], s.loc[good & ~in_window, "case_number"]
    unsure = s.loc[(unclear_mri | unclear_ct) & in_window, "case_number"]

    conditions = _coded(x.conditions, "malignancy_suspicion", "spine_infection")
    conditions = conditions.assign(
        known_at=conditions["at"], known_day=conditions["day"], known_is_minute=conditions["is_minute"]
    )
    known = ["patient_id", "day", "known_at", "known_day", "known_is_minute"]
    suspected = _of_cases(x, pd.concat([conditions[known], _says(x, "pathology-assessment", "suspicious")[known]]))
    suspected = suspected[suspected["day"].between(suspected["t0"] - days(365), suspected["end_date"])]
    suspected = suspected.assign(known=moment(suspected["known_at"], suspected["known_is_minute"].astype(bool)))
    suspected = suspected.groupby("case_number").agg(known=("known", "min"), known_day=("known_day", "min"))
    refused = _of_cases(x, _says(x, "declined", "mri", "imaging"))
    in_time = refused["day"].between(refused["dx_date"] - days(29), refused["dx_date"] + days(21))

    c = x.cases.join(first_mri.rename("mri"), on="case_number").join(suspected, on="case_number")
    number, due = c["case_number"], c["dx_date"] + days(14)
    other_question = (c["known"] < c["mri"]).where(c["mri"].notna(), c["known_day"] <= due)
    return _states(
        [
            (c["is_excluded"] | (c["hospice_date"] < c["dx_date"]), "excluded"),
            (other_question, "not_applicable"),
            (number.isin(done), "met"),
            (number.isin(refused.loc[in_time, "case_number"]) | (c["hospice_date"] <= due), "exception"),
            (c["end_date"] < due, "censored"),
            (x.horizon("imaging") < due, "pending"),
            (number.isin(late), "deviation"),
            (number.isin(unsure), "indeterminate"),
        ],
        "deviation",
    )


def m4(x: Extract) -> pd.Series:
    """Calcitonin ends within 35 days of its first start in [T0, end]."""
    horizon = x.horizon("medications")
    rows = _of_cases(x, x.calcitonin)
    in_course = rows["day"].between(rows["t0"], rows["end_date"])
    start = rows[in_course].groupby("case_number")["day"].min().rename("trigger")
    rows = rows.join(start, on="case_number", how="inner")
    due, seen, covered = rows["trigger"] + days(35), rows["day"] <= rows["end_date"], rows["covered_to"]
    to = covered.where(covered.isna() | (covered <= rows["end_date"]), rows["end_date"])
    told = pd.DataFrame(
        {
            "case_number": rows["case_number"],
            "planned_to": covered,
            "last": to.where(seen & (to >= rows["day"])),
            "starts_later": seen & (rows["day"] > due),
            "is_unknown": seen & covered.isna(),
            "ran_before": seen & (rows["day"] < rows["t0"]) & (covered >= rows["t0"] - days(1)),
        }
    )
    told = told.groupby("case_number").max()
    flags = ["starts_later", "is_unknown", "ran_before"]
    c = x.cases.join(start, on="case_number").join(told, on="case_number")
    c[flags] = c[flags].eq(True)
    due, end = c["trigger"] + days(35), c["end_date"]
    goes_on = (c["last"] > due) | c["starts_later"]
    is_open = (due >= horizon) & (c["last"] > horizon)
    outlives = (c["planned_to"] > due) & (end < due)
    unknown, idle = c["is_unknown"] & ~goes_on, c["trigger"].isna()
    other = _coded(x.conditions, "calcitonin_other_indication")["patient_id"]
    return _states(
        [
            (c["is_excluded"] | (c["hospice_date"] < c["trigger"]), "excluded"),
            (idle & (horizon < end.clip(upper=x.as_of)), "pending"),
            (idle, "not_applicable"),
            (~goes_on & ~c["is_unknown"] & ~is_open & ~outlives, "met"),
            (c["patient_id"].isin(other) | c["ran_before"], "exception"),
            (end < due, "censored"),
            ((horizon < due + days(1)) & (is_open | unknown), "pending"),
            (unknown, "indeterminate"),
        ],
        "deviation",
    )


def _blocks(x: Extract) -> pd.DataFrame:
    return _in_course(x, _coded(x.procedures, "nerve_root_block"))


def p2(x: Extract) -> pd.Series:
    """Persistent pain, and whether a nerve root block was done or considered."""
    s = _in_course(x, x.scores).sort_values(["case_number", "at", "is_minute", "observation_id"])
    s["run"] = (s["score"] < 4).groupby(s["case_number"]).cumsum()
    s = s[s["score"] >= 4]
    since = s.groupby(["case_number", "run"])["day"].transform("min")
    said = _in_course(x, x.course)
    said = said[said["value_code"].isin(["persistent", "worsening"])]
    pain = pd.concat([rows[["case_number", "day"]] for rows in (s[s["day"] >= since + days(7)], said)])
    start = pain.groupby("case_number")["day"].min().rename("trigger")
    thought = _in_course(x, _says(x, "considered", "nerve-root-block"))
    c = x.cases.join(start, on="case_number")
    acted = c["case_number"].isin(_blocks(x)["case_number"]) | c["case_number"].isin(thought["case_number"])
    idle = c["trigger"].isna()
    return _states(
        [
            (c["is_excluded"] | (c["hospice_date"] < c["trigger"]), "excluded"),
            (idle & (x.horizon("observations") < c["end_date"].clip(upper=x.as_of)), "pending"),
            (idle | ~acted, "not_applicable"),
        ],
        "met",
    )


def p3(x: Extract) -> pd.Series:
    """Each nerve root block: a pain score of 4 or more in the two weeks before, known within 48 h."""
    key = ["case_number", "day"]
    blocks = _blocks(x).sort_values(["at", "is_minute"]).drop_duplicates(key)[[*key, "at", "is_minute"]]
    scores = _in_course(x, x.scores)[["case_number", "score", "day", "known_at", "known_day", "known_is_minute"]]
    pairs = blocks.merge(scores.rename(columns={"day": "score_day"}), on="case_number")
    pairs = pairs[pairs["score_day"].between(pairs["day"] - days(14), pairs["day"])]
    exact = pairs["known_is_minute"] & pairs["is_minute"]
    by_hours, by_days = pairs["known_at"] <= pairs["at"] + hours(48), pairs["known_day"] <= pairs["day"] + days(2)
    shown = (pairs["score"] >= 4) & by_hours.where(exact, by_days)
    told = pairs.assign(is_shown=shown).groupby(key)["is_shown"].any()
    done = blocks.join(told, on=key)[[*key, "is_shown"]].rename(columns={"day": "trigger"})
    c = x.cases.merge(done, on="case_number", how="left")
    idle = c["trigger"].isna()
    return _states(
        [
            (c["is_excluded"] | (c["hospice_date"] < c["trigger"]), "excluded"),
            (idle & (x.horizon("procedures") < c["end_date"].clip(upper=x.as_of)), "pending"),
            (idle, "not_applicable"),
            (c["is_shown"].eq(True), "met"),
            (x.horizon("procedures", "observations") < c["trigger"] + days(2), "pending"),
            (c["is_shown"].isna(), "indeterminate"),
        ],
        "deviation",
    )


def t1(x: Extract) -> pd.Series:
    """Physical therapy within 28 days of the day on which the acute pain had subsided."""
    observed = x.horizon("observations")
    scores, course = _in_course(x, x.scores), _in_course(x, x.course)
    scores = scores[scores["day"] >= scores["t0"] + days(14)]
    course = course[course["day"] >= course["t0"] + days(14)]
    early_scores = scores[scores["day"] <= scores["t0"] + days(42)]
    early_course = course[course["day"] <= course["t0"] + days(42)]
    last = early_scores.sort_values(["at", "is_minute", "observation_id"]).drop_duplicates("case_number", keep="last")
    fallback = last["t0"] + days(42)
    moderate = last.assign(day=fallback)[(last["score"] < 7) & (fallback <= last["end_date"].clip(upper=observed))]
    gone = [scores[scores["score"] <= 3], course[course["value_code"] == "resolved"], moderate]
    start = pd.concat([rows[["case_number", "day"]] for rows in gone]).groupby("case_number")["day"].min()
    c = x.cases.join(start.rename("trigger"), on="case_number")
    c["due"] = np.maximum(c["trigger"], c["dx_date"].where(c["trigger"].notna())) + days(28)

    acted = x.therapy.merge(c, on="patient_id")
    acted = acted[acted["day"].between(acted["t0"], acted["end_date"]) & (acted["day"] <= acted["due"])]
    refused = _says(x, "declined", "physical-therapy").merge(c, on="patient_id")
    refused = refused[refused["day"].between(refused["trigger"] - days(1), refused["due"] + days(7))]
    number, idle, end = c["case_number"], c["trigger"].isna(), c["end_date"]
    recorded = number.isin(early_scores["case_number"]) | number.isin(early_course["case_number"])
    fallback = c["t0"] + days(42)
    waits = (observed < fallback) | (observed < end.clip(upper=x.as_of))
    return _states(
        [
            (c["is_excluded"] | (c["hospice_date"] < c["trigger"]), "excluded"),
            (idle & (end < fallback), "censored"),
            (idle & waits, "pending"),
            (idle & ~recorded, "indeterminate"),
            (idle, "not_applicable"),
            (number.isin(acted["case_number"]), "met"),
            (number.isin(refused["case_number"]) | (c["hospice_date"] <= c["due"]), "exception"),
            (end < c["due"], "censored"),
            (x.horizon("referrals", "encounters", "procedures", "observations") < c["due"], "pending"),
        ],
        "deviation",
    )
