"""What holds in every audit whatever the extract: nothing is lost, nothing is counted twice, every verdict has proof.

On the sample, and on extracts drawn by tests/reference/generate.py (absent feeds, bad rows, every level, feeds behind).
"""

from pathlib import Path

import polars as pl
import pytest

from flows.settings import load_settings, sample_folder
from schemas.catalogue import MEASURES, REASONS, STATES
from tests.agreement.audited import Audited, audited
from tests.reference.generate import write_extract
from transforms.audit import WITHOUT_LEVEL
from transforms.stored import RECOMMENDING

EXTRACTS = ("sample", 5, 16, 30, 42)
"""The sample, and seeds of drawn extracts."""
PATIENTS = 60
SHOWN = 10  # rows of a failure's message

INSTANCE = ("case_id", "measure_id", "instance")
SAFETY_OR_DATA = ("S1", "S2", "X1", "X2", "Q1", "Q2", "Q3")
COMMISSIONS = tuple(m.id for m in MEASURES if m.force == "restrictive")
DUTIES_AND_ADVICE = tuple(m.id for m in MEASURES if m.force not in ("restrictive", "informational"))
SCOPE = {
    "high_energy": tuple(m.id for m in MEASURES if m.id not in SAFETY_OR_DATA),
    "neoplastic": tuple(m.id for m in MEASURES if m.id not in SAFETY_OR_DATA),
    "prevalent": tuple(m.id for m in MEASURES if m.id not in SAFETY_OR_DATA),
    "goals_of_care": DUTIES_AND_ADVICE,
    "charting_grace": COMMISSIONS,
}
"""Reasons that reasons.csv lists for all measures, and says of which only."""
PATHWAYS = (
    ("urgent_surgical_referral", ("S1",)),
    ("surgical_referral", ("S2", "S3", "S4")),
    ("interventional_radiology_referral", ("I1", "I2")),
    ("pain_management_referral", ("P1", "S7")),
)
"""The disposition, the strongest first, and the measures that ask for it (2-evaluation.md)."""


@pytest.fixture(scope="module", params=EXTRACTS, ids=lambda name: str(name))
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Audited, Path | None]:
    """The audit of one extract, and its settings file."""
    folder = tmp_path_factory.mktemp("extract")
    work = tmp_path_factory.mktemp("work")
    if request.param == "sample":
        return audited(sample_folder(), work), None
    write_extract(folder, request.param, PATIENTS)
    return audited(folder, work, folder / "settings.toml"), folder / "settings.toml"


@pytest.fixture
def audit(made: tuple[Audited, Path | None]) -> Audited:
    return made[0]


def test_the_extract_is_worth_it(audit: Audited) -> None:
    assert audit["cases"].filter("audited").height >= 10
    assert audit["findings"]["state"].n_unique() >= 7


def none(broken: pl.DataFrame, law: str) -> None:
    """Fails with the rows that break the law."""
    if broken.height:
        rows = [{k: v for k, v in row.items() if v is not None} for row in broken.head(SHOWN).iter_rows(named=True)]
        pytest.fail("\n".join([f"{law}: {broken.height} rows", *map(str, rows)]), pytrace=False)


# Cases, measures, instances ------------------------------------------------------------------------------------------


def test_every_audited_case_has_every_measure(audit: Audited) -> None:
    every = (
        audit["cases"]
        .filter("audited")
        .select("case_id")
        .join(pl.DataFrame({"measure_id": [m.id for m in MEASURES]}), how="cross")
    )
    none(every.join(audit["findings"], on=["case_id", "measure_id"], how="anti"), "a measure says nothing of a case")


def test_a_case_without_a_level_has_its_measures_only(made: tuple[Audited, Path | None]) -> None:
    audit, settings = made
    safety = load_settings(settings_file=settings).parameters.switches.safety_unspecified
    wanted = sorted(WITHOUT_LEVEL if safety else ("Q3",))
    vague = audit["cases"].filter(~pl.col("audited"))
    assert set(vague["level"]) <= {"unspecified"}
    said = (
        vague.select("case_id")
        .join(audit["findings"], on="case_id", how="left")
        .group_by("case_id")
        .agg(pl.col("measure_id").unique().sort())
    )
    none(said.filter(pl.col("measure_id").list.join(" ") != " ".join(wanted)), f"not exactly {wanted}")


def test_findings_are_of_cases_that_are_there(audit: Audited) -> None:
    key = ["case_id", "patient_id", "level", "t0"]
    for name in ("findings", "case_facts", "case_events", "recommendations"):
        on = key if name == "findings" else ["case_id"]
        none(audit[name].join(audit["cases"], on=on, how="anti"), f"{name} of no case")
    assert audit["case_facts"]["case_id"].sort().equals(audit["cases"]["case_id"].sort())
    assert audit["cases"]["case_id"].is_unique().all()


def test_one_verdict_an_instance(audit: Audited) -> None:
    findings = audit["findings"]
    none(findings.filter(pl.struct(INSTANCE).is_duplicated()), "an instance has two states")
    none(findings.filter(~pl.col("state").is_in(STATES) | pl.col("state").is_null()), "no state")
    none(findings.filter(pl.col("reason").is_null() | (pl.col("reason") == "")), "no reason")


def test_instances_are_numbered_in_the_order_of_their_triggers(audit: Audited) -> None:
    rows = audit["findings"].sort(INSTANCE)
    number = pl.int_range(1, pl.len() + 1, dtype=rows.schema["instance"]).over("case_id", "measure_id")
    none(rows.filter(pl.col("instance") != number), "not 1, 2, ... n")
    day = pl.col("trigger_at").str.slice(0, 10)
    none(rows.filter(day < day.shift().over("case_id", "measure_id")), "an earlier trigger has a higher number")


def test_every_reason_is_in_the_catalogue(audit: Audited) -> None:
    said = audit["findings"].select("measure_id", "state", "reason").unique()
    own = REASONS.filter(pl.col("measure_id") != "*").select("measure_id", "state", "reason")
    common = REASONS.filter(pl.col("measure_id") == "*").select("state", "reason")
    odd = said.join(own, on=["measure_id", "state", "reason"], how="anti").join(
        common, on=["state", "reason"], how="anti"
    )
    none(odd, "not in reasons.csv")
    for reason, measures in SCOPE.items():
        none(
            said.filter((pl.col("reason") == reason) & ~pl.col("measure_id").is_in(measures)), f"{reason} out of scope"
        )


def test_finding_keys_are_unique(audit: Audited) -> None:
    keys = audit["findings"]["finding_key"]
    assert keys.is_unique().all()
    assert keys.str.contains(r"^[0-9a-f]{16}$").all()


def test_only_what_is_due_has_a_deadline(audit: Audited) -> None:
    findings = audit["findings"]
    no_deadline = [m for m in COMMISSIONS if m != "M4"]
    none(
        findings.filter(pl.col("measure_id").is_in(no_deadline) & pl.col("due_at").is_not_null()), "a commission is due"
    )
    none(findings.filter(pl.col("trigger_at").is_null() & pl.col("due_at").is_not_null()), "due without a trigger")
    late = pl.col("late_by_hours").is_not_null() | pl.col("late_by_days").is_not_null()
    is_late = (pl.col("state") == "deviation") & (pl.col("reason") == "late")
    none(findings.filter(late != is_late), "late by something, but not a late one; or the reverse")
    none(findings.filter(pl.col("late_by_hours").is_not_null() & pl.col("late_by_days").is_not_null()), "late twice")
    none(findings.filter((pl.col("late_by_hours") < 0) | (pl.col("late_by_days") < 0)), "late by less than nothing")
    cents = pl.col("late_by_hours").map_batches(
        lambda s: pl.Series([h is None or float(f"{h:.2f}") == h for h in s]), return_dtype=pl.Boolean
    )
    none(findings.filter(~cents), "hours with more than two decimals")


def test_missing_facts_are_of_what_can_not_be_told(audit: Audited) -> None:
    none(
        audit["findings"].filter(pl.col("missing_facts").is_not_null() & (pl.col("state") != "indeterminate")),
        "missing what?",
    )


# Evidence ------------------------------------------------------------------------------------------------------------


def test_every_deviation_has_evidence(audit: Audited) -> None:
    deviations = audit["findings"].filter(pl.col("state") == "deviation")
    none(deviations.join(audit["evidence"], on=INSTANCE, how="anti"), "a deviation without a row behind it")


def test_evidence_is_of_findings_that_are_there(audit: Audited) -> None:
    evidence = audit["evidence"]
    none(evidence.join(audit["findings"], on=INSTANCE, how="anti"), "evidence of no finding")
    none(evidence.filter(pl.struct(*INSTANCE, "role", "table_name", "row_id").is_duplicated()), "a row twice in a role")
    roles = {"trigger", "action", "exception", "justification", "exclusion"}
    none(evidence.filter(~pl.col("role").is_in(roles)), "no such role")


def test_every_trigger_row_is_evidence(audit: Audited) -> None:
    triggered = audit["findings"].filter(pl.col("trigger_row_id").is_not_null())
    rows = audit["evidence"].filter(pl.col("role") == "trigger")
    none(
        triggered.join(
            rows,
            left_on=[*INSTANCE, "trigger_table", "trigger_row_id"],
            right_on=[*INSTANCE, "table_name", "row_id"],
            how="anti",
        ),
        "the row that triggered isn't shown",
    )


def test_every_evidence_row_points_at_a_row_that_exists(audit: Audited) -> None:
    patients = audit.clean["patients"].select("patient_id", row_id="patient_id", table_name=pl.lit("patients"))
    where = [patients]
    if "followup" in audit.clean:
        start = pl.col("started_date").dt.to_string("%Y-%m-%d")
        row_id = pl.concat_str("patient_id", start, separator="|")
        where.append(audit.clean["followup"].select("patient_id", row_id=row_id, table_name=pl.lit("followup")))
    people = audit["cases"].select("case_id", "patient_id").join(pl.concat(where), on="patient_id")
    rows = pl.concat(
        [
            people.select("case_id", "table_name", "row_id"),
            audit["case_events"].select("case_id", "table_name", "row_id"),
        ]
    )
    none(audit["evidence"].join(rows, on=["case_id", "table_name", "row_id"], how="anti"), "no such row")


def test_every_event_of_a_case_is_an_accepted_row_of_its_patient(audit: Audited) -> None:
    events = audit["case_events"].join(audit["cases"].select("case_id", "patient_id"), on="case_id")
    none(events.filter(pl.struct("case_id", "table_name", "row_id").is_duplicated()), "an event twice")
    for name, rows in audit.clean.items():
        if name in ("patients", "followup"):
            continue
        known = rows.select("patient_id", row_id=rows.columns[0])
        mine = events.filter(pl.col("table_name") == name)
        none(mine.join(known, on=["patient_id", "row_id"], how="anti"), f"no such row in {name}")


# Counts --------------------------------------------------------------------------------------------------------------


def test_rows_read_are_accepted_quarantined_or_duplicates(audit: Audited) -> None:
    feeds = audit["feeds"]
    assert feeds.height == 9
    parts = pl.col("rows_accepted") + pl.col("rows_quarantined") + pl.col("rows_duplicate")
    none(feeds.filter(pl.col("rows_read") != parts), "rows are lost")
    none(feeds.filter(~pl.col("present") & (pl.col("rows_read") != 0)), "rows of a table that isn't there")
    counted = {name: rows.height for name, rows in audit.clean.items()}
    assert dict(feeds.filter("present").select("table_name", "rows_accepted").iter_rows()) == counted
    bad = audit["quarantine"]
    # A row may break the contract in one column only for each of its values that became null.
    rows = {"rejected": "rows_quarantined", "warning": "rows_warned"}
    for severity, column in rows.items():
        told = dict(bad.filter(pl.col("severity") == severity).group_by("table_name").len().iter_rows())
        wanted = dict(feeds.filter(pl.col(column) > 0).select("table_name", column).iter_rows())
        assert told == wanted, severity


def test_the_eight_states_add_up(audit: Audited) -> None:
    states = pl.sum_horizontal(f"n_{state}" for state in STATES)
    for name in ("measures", "measure_periods"):
        none(audit[name].filter(states != pl.col("n")), f"{name}: the states don't add up")
    measures = audit["measures"]
    whole = measures.filter(pl.col("stratum") == "overall").select("measure_id", whole="n")
    of_case = measures.filter(~pl.col("stratum").is_in(["overall", "level_unspecified"]))
    strata = of_case.group_by("measure_id", "stratum").agg(pl.col("n").sum()).join(whole, on="measure_id")
    none(strata.filter(pl.col("n") != pl.col("whole")), "a stratum doesn't add up to the whole")
    reasons = audit["measure_reasons"].group_by("measure_id").agg(pl.col("n").sum()).join(whole, on="measure_id")
    none(reasons.filter(pl.col("n") != pl.col("whole")), "the reasons don't add up")


def test_every_finding_is_counted(audit: Audited) -> None:
    # Q3 asks after the level itself: a case without one counts overall, and once more in its own stratum.
    count_once = (
        pl.when(pl.col("measure_id") == "Q3")
        .then(pl.col("stratum") == "overall")
        .otherwise(pl.col("stratum").is_in(["overall", "level_unspecified"]))
    )
    counted = audit["measures"].filter(count_once).group_by("measure_id").agg(pl.col("n").sum())
    rows = audit["findings"].group_by("measure_id").agg(rows=pl.len().cast(pl.Int64))
    none(
        counted.join(rows, on="measure_id", how="full").filter(pl.col("n") != pl.col("rows").fill_null(0)),
        "rows are lost",
    )


def test_the_cohort_adds_up(audit: Audited) -> None:
    flow = dict(audit["cohort_flow"].select("line", "n").iter_rows())
    cases = audit["cases"]
    assert flow["audited"] == cases.filter("audited").height
    assert flow["unspecified_level"] == cases.filter(~pl.col("audited")).height
    parts = ("audited", "unspecified_level", "other_level", "outside_period")
    assert flow["index_case"] == sum(flow[line] for line in parts)
    patients = audit["feeds"].filter(pl.col("table_name") == "patients")
    assert flow["extracted"] == audit.clean["patients"].height + flow["patient_row_quarantined"]
    assert flow["patient_row_quarantined"] == patients["rows_quarantined"].item()
    lines = audit["cohort_lines"]
    none(lines.filter(pl.struct("patient_id", "level").is_duplicated()), "two lines")
    mine = cases.join(lines, on=["patient_id", "level"], how="left")
    said = pl.when("audited").then(pl.lit("audited")).otherwise(pl.lit("unspecified_level"))
    none(mine.filter(pl.col("line").is_null() | (pl.col("line") != said)), "a case on another line")


# What is recommended -------------------------------------------------------------------------------------------------


def test_recommendations_are_what_was_triggered(audit: Audited) -> None:
    on = audit["findings"].filter(
        pl.col("measure_id").is_in(RECOMMENDING)
        & pl.col("trigger_at").is_not_null()
        & ~pl.col("state").is_in(["excluded", "not_applicable"])
    )
    audited_cases = audit["cases"].filter("audited").select("case_id")
    on = on.join(audited_cases, on="case_id", how="semi")
    told = audit["recommendations"].join(audited_cases, on="case_id", how="semi")
    none(on.join(told, on=INSTANCE, how="anti"), "triggered and not recommended")
    none(told.join(on, on=INSTANCE, how="anti"), "recommended and not triggered")
    none(told.join(on, on=INSTANCE).filter(pl.col("due_at").ne_missing(pl.col("due_at_right"))), "another deadline")


def test_the_disposition_is_the_strongest_recommendation(audit: Audited) -> None:
    told: dict[str, set[str]] = {}
    for case_id, measure in audit["recommendations"].select("case_id", "measure_id").iter_rows():
        told.setdefault(case_id, set()).add(measure)
    wrong = []
    for case_id, is_audited, said in audit["cases"].select("case_id", "audited", "disposition").iter_rows():
        on = told.get(case_id, set())
        wanted = next((pathway for pathway, measures in PATHWAYS if on & set(measures)), "conservative_management")
        if said != (wanted if is_audited else None):
            wrong.append((case_id, said, wanted))
    assert wrong == []
