"""The stages of one night as plain functions, and the one place that says in which order they run.

`night` calls every stage through `call`: directly (`--direct`), or as a Prefect task (flows/nightly.py). Both do the
same in the same order, so both give the same bytes.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Protocol

import duckdb
import polars as pl

from flows import alerts
from flows import as_of as as_of_rule
from flows.contract import Clean, apply_contract
from flows.detect import detect_format
from flows.engines.choose import judge_of
from flows.engines.part import Common, Judge, Part
from flows.errors import GateError, StageError, directly, failed, is_failure, is_interruption
from flows.foreign_logs import set_aside
from flows.gate import GateResult, QualityGate
from flows.kept import Kept, facts_of, keep, kept_of, may_build_on
from flows.land import Landed
from flows.land import land as land_extract
from flows.lists import write_lists
from flows.lock import only_run
from flows.merge import merge as merge_parts
from flows.meter import Measured, Meter
from flows.nights import HISTORY_FILE, Before, Night, last_night, night_of, published_before, remember
from flows.parts import PART_ROWS
from flows.private import (
    make_folder,
    private_umask,
    remove_leftovers,
    replace_folder,
    sync,
    sync_tree,
    work_folder,
    write_text,
)
from flows.progress import Progress, Quiet
from flows.publish import WAREHOUSE_FILE
from flows.publish import publish as publish_warehouse
from flows.published import open_published
from flows.receipt import canonical, effective_settings, package_version, pretty, receipt, run_id
from flows.retention import remove_old
from flows.settings import Settings
from flows.settle import QUALITY, settle, staged_history, staged_quality
from flows.stored import Stored, cohort_flow, count_part, pieces_of
from flows.summary import summary, written
from schemas.errors import AuditError, SettingsError
from schemas.value_sets import ValueSets, load_value_sets
from transforms import applied
from transforms import rates as rates_rules
from transforms.audit import with_horizons

Tables = dict[str, pl.DataFrame]
_WORK_DATABASE = "work.duckdb"
_WORK_MEMORY = "4GB"
"""What DuckDB holds before it spills into the work folder; Polars needs memory beside it."""
_SMALL_BYTES = 16 << 20
"""Files of no more are one part, whose audit leaves memory for the gate's process: it imports beside the whole work."""


class Call(Protocol):
    """Runs one stage: `call(stage, *args)` returns what `stage(*args)` returns."""

    def __call__(self, stage: Callable[..., Any], /, *args: Any) -> Any: ...


@dataclass(frozen=True)
class Plan:
    """What a run knows before it reads a row."""

    settings: Settings
    value_sets: ValueSets
    fmt: str
    work: Path
    meter: Meter = field(default_factory=Meter)
    progress: Progress = field(default_factory=Quiet)
    judge: Judge | None = None
    """Judges the parts, where it is not the settings' engine that does."""
    kept: Kept | None = None
    """What the published night left of its parts."""
    night: Night | None = None

    def connect(self) -> duckdb.DuckDBPyConnection:
        """A connection to the private work database of this run."""
        con = duckdb.connect(
            self.work / _WORK_DATABASE,
            config={"temp_directory": str(self.work / "spill"), "memory_limit": _WORK_MEMORY},
        )
        con.execute("SET enable_progress_bar = false")  # standard output is for the result
        return con


@dataclass(frozen=True)
class Outcome:
    """What a run leaves behind: paths, and counts without a value of any patient's row."""

    run_id: str
    as_of: date
    warehouse: Path
    reports: Path
    receipt: Path
    summary: Mapping[str, Any]


# Stages --------------------------------------------------------------------------------------------------------------


def land(plan: Plan) -> Landed:
    """The extract's tables as text in the work database, schema raw."""
    with plan.connect() as con:
        return land_extract(plan.settings.extract, plan.fmt, con, plan.value_sets)


def contract(plan: Plan, landed: Landed) -> Clean:
    """The rows that keep the contract, and the quarantine, as Parquet files in the work folder."""
    rows = plan.settings.engine.part_rows
    like = len(plan.kept.parts) if plan.kept and rows is None else None
    with plan.connect() as con:
        return apply_contract(
            con, landed, plan.settings, plan.value_sets, plan.work, part_rows=rows or PART_ROWS, parts_before=like
        )


def audit(plan: Plan, clean: Clean, as_of: date) -> Stored:
    """The verdicts on all parts of the patients, as Parquet files in the work folder."""
    feeds, settings = with_horizons(clean.feeds, as_of), plan.settings
    generation, token = (plan.night.generation, plan.night.token) if plan.night else (0, "")
    common = Common(feeds, clean.codes, settings.parameters, plan.value_sets, as_of, settings.timezone, generation)
    stored = plan.work / "stored"
    stored.mkdir(exist_ok=True)
    effective = effective_settings(settings, plan.value_sets, as_of)
    facts = facts_of(effective, feeds, clean.codes, plan.value_sets, len(clean.parts), token)
    before = plan.kept.folder if plan.kept and may_build_on(plan.kept.facts, facts) else None
    parts = [
        Part(number, folder, stored / folder.name, before / folder.name if before else None)
        for number, folder in enumerate(clean.parts)
    ]
    if before is not None:
        plan.progress.note("audit: only patients of whom something changed since the night before")
    judge = plan.judge or judge_of(settings.engine)
    judge(common, parts, plan.work, plan.progress.note)
    return Stored(tuple(part.stored for part in parts), feeds, facts)


def rates(stored: Stored, as_of: date) -> Tables:
    """The counts and rates of every measure by stratum, month and reason."""
    counts = rates_rules.added([count_part(part) for part in stored.parts])
    return {
        "measures": rates_rules.measures(counts),
        "measure_periods": rates_rules.measure_periods(counts, stored.feeds, as_of),
        "measure_reasons": rates_rules.measure_reasons(counts),
    }


def merge(
    plan: Plan, stored: Stored, night: Night, quarantine: Path, made: Tables, before: Before | None = None
) -> Path:
    """The whole warehouse but its receipt, as a database file in the work folder. before: the published night."""
    whole = made | {
        "cohort_flow": cohort_flow(stored),
        "feeds": stored.feeds,
        "measure_catalogue": applied.measure_catalogue(),
        "parameters": applied.parameters(plan.settings.parameters),
        "value_sets": applied.value_sets(plan.value_sets),
    }
    path = plan.work / WAREHOUSE_FILE
    return merge_parts(stored.parts, {**whole, "quarantine": quarantine}, night, plan.value_sets, path, before)


def exports(merged: Path, folder: Path, run: pl.DataFrame) -> Path:
    """The identified lists below `folder`, from the file that will be published. run: its row of `runs`, not yet there."""
    return write_lists(merged, folder, run)


def gate(plan: Plan, asked: QualityGate) -> GateResult:
    """What the quality gate says of the merged file; its pages in the work folder. GateError (exit 14) where it holds the night
    back: then its pages are in `out`/quality at once, to show why."""
    result = asked.answer()
    for warning in result.warnings:
        plan.progress.warn(f"gate: {warning}")
    if result.blocked:
        pages = plan.settings.out / QUALITY
        replace_folder(plan.work / QUALITY, pages)
        reasons = "; ".join(result.blocked)
        raise GateError(
            f"the quality gate holds this night back, nothing was published: {reasons}. See {pages}/index.html"
        )
    return result


def publish(merged: Path, runs: pl.DataFrame, out: Path) -> Path:
    """The commit: the whole warehouse, renamed into place in one step."""
    return publish_warehouse(merged, runs, out)


# The night -----------------------------------------------------------------------------------------------------------


def night(
    settings: Settings, progress: Progress | None = None, call: Call = directly, judge: Judge | None = None
) -> Outcome:
    """The whole audit once, published into `settings.out`. judge: of the parts; else the settings choose it.

    Raises AuditError with the exit code of the command line; nothing is published then, and last night's results stay.
    """
    progress = progress or Quiet()
    try:
        outcome: Outcome = directly(_run, settings, progress, call, judge)
    except AuditError as error:
        alerts.stopped(settings, error, progress.warn)
        raise
    alerts.published(settings, outcome, progress.warn)
    return outcome


def _run(settings: Settings, progress: Progress, call: Call, judge: Judge | None) -> Outcome:
    detect_format(settings.extract, settings.fmt)  # before anything is made
    if set("?\\") & set(str(settings.out.absolute())):
        raise SettingsError(
            f"{settings.out}: DuckDB takes a ? or a \\ in a path for something else; name another folder with --out"
        )
    with private_umask():
        make_folder(settings.out)
        with only_run(settings.out):
            remove_leftovers(settings.out)
            _require_link(settings.out / "reports" / "latest")
            before = _settle(settings.out, progress)
            _warn_of_gap(before, settings.out / HISTORY_FILE, progress)
            if settings.as_of is not None:  # else only the extract can tell
                _refuse_earlier(before, settings.as_of)
            with work_folder(settings.out) as work, QualityGate(work) as checks:
                outcome = _night(prepare(settings, work, progress, judge), call, before, checks)
            if removed := remove_old(settings.out, settings.parameters.retention, outcome.as_of):
                progress.note(f"retention: reports and receipts of {removed} old runs were removed")
            return outcome


def prepare(settings: Settings, work: Path, progress: Progress | None = None, judge: Judge | None = None) -> Plan:
    """The plan of a run that works in the private folder `work`. Raises AuditError (exit 10, 11, 13)."""
    return Plan(
        settings=settings,
        value_sets=load_value_sets(
            settings.value_sets_folder, settings.concept_map, settings.parameters.input.include_unverified_codes
        ),
        fmt=detect_format(settings.extract, settings.fmt),
        work=work,
        progress=progress or Quiet(),
        judge=judge,
    )


@contextmanager
def at_work(plan: Plan, name: str) -> Iterator[None]:
    """Says and measures one stage; an error that isn't ours comes out without its text."""
    with plan.progress.stage(name), plan.meter.stage(name):
        try:
            yield
        except AuditError:
            raise
        except BaseException as error:
            if is_interruption(error):
                raise KeyboardInterrupt from None
            if not is_failure(error):
                raise
            raise failed(error, name) from None


def landed_as_of(plan: Plan, landed: Landed) -> date:
    """The as-of date: set, or told by the extract."""
    with plan.connect() as con:
        return as_of_rule.resolve_as_of(plan.settings.as_of, landed.extracted_at, plan.settings.timezone, con)


def _night(plan: Plan, call: Call, before: Before | None, checks: QualityGate) -> Outcome:
    started_at = datetime.now(UTC).isoformat(timespec="seconds")
    out = plan.settings.out
    with at_work(plan, "land"):
        landed: Landed = call(land, plan)
        as_of = landed_as_of(plan, landed)
    _refuse_earlier(before, as_of)
    settings = replace(plan.settings, as_of=as_of)
    effective = effective_settings(settings, plan.value_sets, as_of)
    run = run_id(landed.files, effective)
    night = night_of(run, effective, before)
    is_incremental = settings.parameters.source.incremental
    kept = None
    if is_incremental and before and before.is_comparable:
        kept = kept_of(out, before.run_id, before.token)
    plan = replace(plan, settings=settings, kept=kept, night=night)
    if sum(size for _, _, size in landed.files) <= _SMALL_BYTES:
        checks.start()
    with at_work(plan, "contract"):
        clean: Clean = call(contract, plan, landed)
    with at_work(plan, "audit"):
        stored: Stored = call(audit, plan, clean, as_of)
    plan.meter.stages += pieces_of(stored, "audit")
    checks.start()
    with at_work(plan, "rates"):
        made: Tables = call(rates, stored, as_of)
    with at_work(plan, "merge"):
        merged: Path = call(merge, plan, stored, night, clean.quarantine, made, before)
    # Both only read the merged file, and all that they write is private to this run until it is published.
    earlier = before.path if before and before.is_comparable else None
    checks.ask(merged, earlier, settings.parameters.gate, as_of, plan.work / QUALITY)
    try:
        with at_work(plan, "exports"):
            prepared = call(exports, merged, plan.work / run, _runs(run, landed, settings, as_of, {}))
            with open_published(merged) as con:
                rows, counts = written(con), summary(con)
    except StageError:
        with suppress(StageError):  # a file that does not add up may be why the lists failed: then that is to be said
            call(gate, plan, checks)
        raise
    with at_work(plan, "gate"):
        judged: GateResult = call(gate, plan, checks)
    plan.meter.stages += [
        Measured("gate.import", round(judged.import_seconds, 3), None),
        Measured("gate.checks", round(judged.seconds, 3), None),
    ]
    quarantine = pl.read_parquet(clean.quarantine, glob=False, columns=["table_name", "reason", "severity"])

    def paper(*, published: bool) -> dict[str, Any]:
        return receipt(
            run,
            landed,
            effective,
            stored.feeds,
            quarantine,
            rows,
            plan.meter.stages,
            started_at=started_at,
            published=published,
        )

    papers = make_folder(make_folder(out / "runs") / run)
    with at_work(plan, "publish"):
        # All of the night stands in its place, and on the disk, before the rename of audit.duckdb commits it.
        receipt_file = write_text(papers / "receipt.json", pretty(paper(published=False)))
        sync_tree(prepared)
        replace_folder(prepared, make_folder(out / "reports") / run)
        sync_tree(plan.work / QUALITY)
        replace_folder(plan.work / QUALITY, staged_quality(out, run))
        keep_days = settings.parameters.retention.keep_history_days
        remember(merged, as_of, out / HISTORY_FILE, staged_history(out, run), keep_days)
        if is_incremental:
            keep(plan.work / "stored", stored.facts, out, run)
        for folder in (papers, out / "runs", out / "reports", out):
            sync(folder)
        runs = _runs(run, landed, settings, as_of, paper(published=True))
        try:
            warehouse: Path = call(publish, merged, runs, out)
        finally:
            _settle(out, plan.progress)
    write_text(receipt_file, pretty(paper(published=True)))
    return Outcome(run, as_of, warehouse, out / "reports" / run, receipt_file, counts)


def _settle(out: Path, progress: Progress) -> Before | None:
    """Makes everything in `out` follow the night that is published there; that night."""
    for name in (WAREHOUSE_FILE, HISTORY_FILE):
        set_aside(out / name, progress.warn)
    published = published_before(out / WAREHOUSE_FILE)
    settle(out, published.run_id if published else None)
    return published


def _require_link(latest: Path) -> None:
    """Refuses before the work, not after the commit, what the link to the newest reports could not replace."""
    if latest.is_dir() and not latest.is_symlink():
        raise SettingsError(f"{latest}: a folder where the link to the newest reports belongs; move it away")


def _warn_of_gap(before: Before | None, history: Path, progress: Progress) -> None:
    """Says that one of the two files that belong together is missing or of another night, as after restoring only one."""
    last, published = last_night(history), before.run_id if before else None
    if last != published:
        progress.warn(
            f"{history} ends with {last or 'no night'}, but what is published is {published or 'nothing'}: from tonight on"
            f" nights can be compared again, earlier ones not. To keep them, put {WAREHOUSE_FILE} and {HISTORY_FILE} of one"
            " and the same backup in place and run again"
        )


def _refuse_earlier(before: Before | None, as_of: date) -> None:
    """A look back never replaces tonight (exit 10)."""
    if before is not None and as_of < before.as_of:
        raise SettingsError(
            f"{before.path} holds the audit as of {before.as_of}, later than {as_of}: use another --out to look back"
        )


def _runs(run: str, landed: Landed, settings: Settings, as_of: date, content: Mapping[str, Any]) -> pl.DataFrame:
    parameters = settings.parameters
    row = {
        "run_id": run,
        "as_of": as_of,
        "timezone": settings.timezone,
        "guideline": parameters.guideline,
        "guideline_version": parameters.guideline_version,
        "review_status": parameters.review_status,
        "package_version": package_version(),
        "source": landed.source,
        "format": landed.format,
        "extracted_at": landed.extracted_at,
        "receipt": canonical(content),
    }
    texts = dict.fromkeys(("source", "extracted_at"), pl.String)
    return pl.DataFrame([row], schema_overrides=texts)
