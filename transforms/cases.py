"""From codes to cases: who has a new vertebral fracture, at which level, since when (specification, "From codes to a case").

A case is a patient, a level and an episode. Its clocks are DX (first index diagnosis), T0 (onset) and M3.
"""

import polars as pl

from schemas.parameters import Parameters

from .clock import days_after, three_months_after
from .places import after, before, is_first_of, sum_along

UNSPECIFIED = "unspecified"
CASE_KEY = ("patient", "level")


def fracture_rows(conditions: pl.DataFrame, reports: pl.DataFrame, p: Parameters) -> pl.DataFrame:
    """Every vertebral fracture code with its level and whether it opens a case.

    conditions: events of `vertebral_fracture` codes (patient, event, at, date, is_minute, onset_date, counts, own_level,
    code_aetiology, stage). reports: LOCAL `fracture-level` and `fracture-acuity` statements of those patients.
    Adds level (the code's own, else a report's, else `unspecified`), is_confirmed, is_chronic, is_index.
    """
    c = p.cohort
    level_reports = reports.filter(pl.col("local") == "fracture-level").select(
        "patient", report="event", report_date="date", reported_level="value_code"
    )
    gap = (pl.col("report_date") - pl.col("date")).dt.total_days()
    reported = (
        conditions.filter(pl.col("own_level").is_null())
        .select("patient", "event", "date")
        .join(level_reports, on="patient")
        .with_columns(gap=gap)
        .filter(pl.col("gap").is_between(-c.level_before_days, c.level_after_days))
        .sort("event", pl.col("gap").abs(), "report")
        .unique("event", keep="first", maintain_order=True)
        .select("event", "reported_level")
    )
    chronic = reports.filter((pl.col("local") == "fracture-acuity") & (pl.col("value_code") == "chronic")).select(
        "patient", said_date="date", said_level="level"
    )
    at_that_level = (
        pl.col("own_level").is_null() | pl.col("said_level").is_null() | (pl.col("said_level") == pl.col("own_level"))
    )
    near = (pl.col("said_date") - pl.col("date")).dt.total_days().abs() <= c.chronic_statement_days
    said = conditions.select("patient", "event", "date", "own_level").join(chronic, on="patient")
    chronic_events = said.filter(near & at_that_level)["event"].unique()
    return (
        conditions.join(reported, on="event", how="left")
        .with_columns(
            level=pl.coalesce("own_level", "reported_level", pl.lit(UNSPECIFIED)),
            is_confirmed=pl.col("counts"),
            is_chronic=pl.col("event").is_in(chronic_events.implode()),
        )
        .with_columns(is_index=pl.col("is_confirmed") & (pl.col("stage") == "initial") & ~pl.col("is_chronic"))
    )


def open_cases(index: pl.DataFrame, acute: pl.DataFrame, p: Parameters) -> pl.DataFrame:
    """Chain the index codes of each patient and level into episodes; adds episode (from 0), dx_*, t0.

    A round opens one episode for every chain that has codes left: as many rounds as the most-fractured patient has cases.
    """
    c = p.cohort
    codes = index.sort(*CASE_KEY, "event").with_columns(
        gap_days=(pl.col("date") - before(pl.col("date"), *CASE_KEY)).dt.total_days()
    )
    done: list[pl.DataFrame] = []
    episode = 0
    while codes.height:
        first = codes.group_by(CASE_KEY).agg(
            dx_event=pl.col("event").first(),
            dx_at=pl.col("at").first(),
            dx_date=pl.col("date").first(),
            dx_is_minute=pl.col("is_minute").first(),
        )
        onset = (
            codes.join(first, on=CASE_KEY)
            .filter(pl.col("date") == pl.col("dx_date"))
            .group_by(CASE_KEY)
            .agg(onset_date=pl.col("onset_date").min())
        )
        in_reach = pl.col("onset_date").is_between(
            days_after(pl.col("dx_date"), -c.onset_lookback_days), pl.col("dx_date")
        )
        first = first.join(onset, on=CASE_KEY).with_columns(
            t0=pl.when(in_reach).then(pl.col("onset_date")).otherwise(pl.col("dx_date"))
        )
        current = codes.join(first.drop("onset_date"), on=CASE_KEY, maintain_order="left")
        reopened = (
            current.select(*CASE_KEY, "event", "date", "t0")
            .join(acute, on=CASE_KEY)
            .filter(
                (pl.col("acute_date") > days_after(pl.col("t0"), c.new_acute_min_days))
                & pl.col("acute_date").is_between(days_after(pl.col("date"), -c.new_acute_before_days), pl.col("date"))
            )["event"]
            .unique()
        )
        breaks = (pl.col("event") != pl.col("dx_event")) & (
            (pl.col("gap_days") >= c.clean_days)
            | pl.col("event").is_in(reopened.implode())
            | (pl.col("date") > days_after(pl.col("t0"), c.episode_days))
        )
        current = current.with_columns(later=sum_along(breaks.fill_null(False), *CASE_KEY) > 0)
        done.append(current.filter(~pl.col("later")).drop("later").with_columns(episode=pl.lit(episode)))
        codes = current.filter(pl.col("later")).select(codes.columns)
        episode += 1
    return (
        pl.concat(done)
        if done
        else codes.with_columns(
            dx_event=pl.lit(None, pl.UInt32),
            dx_at=pl.col("at"),
            dx_date=pl.col("date"),
            dx_is_minute=pl.col("is_minute"),
            t0=pl.col("date"),
            episode=pl.lit(0),
        )
    )


def find_cases(fractures: pl.DataFrame, reports: pl.DataFrame, p: Parameters) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(cases, case_codes): one row a case; and the codes that belong to it, absorbed ones without a level included."""
    index = fractures.filter("is_index")
    acute = reports.filter((pl.col("local") == "fracture-acuity") & (pl.col("value_code") == "acute")).select(
        "patient", level=pl.col("level").fill_null(UNSPECIFIED), acute_date="date"
    )
    levelled = open_cases(index.filter(pl.col("level") != UNSPECIFIED), acute, p)
    heads = levelled.select(*CASE_KEY, "episode", "dx_date").unique()
    vague = index.filter(pl.col("level") == UNSPECIFIED)
    absorbed = vague.join(heads.select("patient", "dx_date", "episode", case_level="level"), on="patient").filter(
        (pl.col("date") - pl.col("dx_date")).dt.total_days().abs() <= p.cohort.absorb_unspecified_days
    )
    loose = open_cases(vague.filter(~pl.col("event").is_in(absorbed["event"].implode())), acute, p)
    codes = pl.concat([levelled, loose], how="diagonal_relaxed")
    case_codes = pl.concat(
        [
            codes.select(*CASE_KEY, "episode", "event", "code_aetiology", "encounter"),
            absorbed.select(
                "patient", pl.col("case_level").alias("level"), "episode", "event", "code_aetiology", "encounter"
            ),
        ]
    )
    head_columns = ["dx_event", "dx_at", "dx_date", "dx_is_minute", "t0"]
    cases = codes.group_by(*CASE_KEY, "episode").agg(pl.col(head_columns).first()).sort(*CASE_KEY, "episode")
    cases = cases.with_columns(
        m3_date=three_months_after(pl.col("t0"), p.clocks.three_months),
        previous_t0=before(pl.col("t0"), *CASE_KEY),
        next_t0=after(pl.col("t0"), *CASE_KEY),
        next_dx_event=after(pl.col("dx_event"), *CASE_KEY),
    )
    return cases, case_codes


def audit_scope(p: Parameters) -> tuple[pl.Expr, pl.Expr]:
    """(in_period, in_levels) of a case."""
    c = p.cohort
    in_period = pl.lit(True)
    if c.period_from is not None:
        in_period = in_period & (pl.col("t0") >= c.period_from)
    if c.period_to is not None:
        in_period = in_period & (pl.col("t0") <= c.period_to)
    unspecified = pl.col("level") == UNSPECIFIED
    in_levels = ~unspecified if c.levels == "any" else pl.col("level").is_in(list(c.levels))
    return in_period, in_levels


def cohort_line(cases: pl.DataFrame, p: Parameters) -> pl.DataFrame:
    """Adds line to each case: audited, unspecified_level, other_level, outside_period."""
    in_period, in_levels = audit_scope(p)
    return cases.with_columns(
        line=pl.when(~in_levels & (pl.col("level") != UNSPECIFIED))
        .then(pl.lit("other_level"))
        .when(~in_period)
        .then(pl.lit("outside_period"))
        .when(pl.col("level") == UNSPECIFIED)
        .then(pl.lit("unspecified_level"))
        .otherwise(pl.lit("audited"))
    )


LINE_ORDER = (
    "audited",
    "unspecified_level",
    "outside_period",
    "other_level",
    "index_case",
    "chronic",
    "no_initial_character",
    "prevalent_only",
    "not_confirmed",
)


def cohort_lines(fractures: pl.DataFrame, cases: pl.DataFrame, case_codes: pl.DataFrame) -> pl.DataFrame:
    """One row a patient and level: the best line that it reached (a patient with an audited case is `audited` there)."""
    # A code that another level's case absorbed tells no story of its own.
    absorbed = case_codes.join(fractures.select("event", own="level"), on="event").filter(
        pl.col("own") != pl.col("level")
    )
    rest = fractures.filter(~pl.col("event").is_in(absorbed["event"].implode()) & ~pl.col("is_index")).with_columns(
        line=pl.when(~pl.col("is_confirmed"))
        .then(pl.lit("not_confirmed"))
        .when(pl.col("stage") == "subsequent")
        .then(pl.lit("prevalent_only"))
        .when(pl.col("stage") != "initial")
        .then(pl.lit("no_initial_character"))
        .otherwise(pl.lit("chronic"))
    )
    every = pl.concat([cases.select(*CASE_KEY, "line"), rest.select(*CASE_KEY, "line")])
    rank = pl.col("line").replace_strict({name: i for i, name in enumerate(LINE_ORDER)}, return_dtype=pl.Int32)
    return (
        every.with_columns(rank=rank)
        .sort(*CASE_KEY, "rank")
        .unique(CASE_KEY, keep="first", maintain_order=True)
        .drop("rank")
    )


FLOW_STEPS = (
    ("extracted", "patients"),
    ("patient_row_quarantined", "patients"),
    ("fracture_code", "patients"),
    ("prevalent_only", "patients"),
    ("no_initial_character", "patients"),
    ("not_confirmed", "patients"),
    ("chronic", "patients"),
    ("index_case", "cases"),
    ("unspecified_level", "cases"),
    ("other_level", "cases"),
    ("outside_period", "cases"),
    ("audited", "cases"),
)


def cohort_counts(fractures: pl.DataFrame, cases: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """What each patient adds to the counts from extract to audited cases: patient, line, n.

    A patient without any index case is counted once, under the best line.
    """
    rank = pl.col("line").replace_strict({name: i for i, name in enumerate(LINE_ORDER)}, return_dtype=pl.Int32)
    best = (
        lines.filter(~pl.col("patient").is_in(cases["patient"].unique().implode()))
        .with_columns(rank=rank)
        .sort("patient", "rank")
        .unique("patient", keep="first", maintain_order=True)
    )
    coded = fractures.select("patient").unique().with_columns(line=pl.lit("fracture_code"))
    opened = cases.select("patient", line=pl.lit("index_case"))
    every = [coded, best.select("patient", "line"), opened, cases.select("patient", "line")]
    together = pl.concat(every).sort("patient", "line").with_row_index("row")
    first = together.filter(is_first_of("patient", "line"))
    after_it = pl.col("row").shift(-1, fill_value=together.height)
    return first.select("patient", "line", n=(after_it - pl.col("row")).cast(pl.Int64))


def cohort_flow(counts: pl.DataFrame, patients: int, quarantined_patients: int) -> pl.DataFrame:
    """`audit.cohort_flow`: the counts (line, n) of all patients together, and the patients of the whole extract."""
    whole = {"extracted": patients + quarantined_patients, "patient_row_quarantined": quarantined_patients}
    told = whole | dict(counts.group_by("line").agg(pl.col("n").sum()).rows())
    return pl.DataFrame(
        [(i + 1, line, unit, told.get(line, 0)) for i, (line, unit) in enumerate(FLOW_STEPS)],
        schema={"step": pl.Int64, "line": pl.String, "unit": pl.String, "n": pl.Int64},
        orient="row",
    )
