"""The checks as a checkpoint of Great Expectations, over SQL on the warehouse file; no row of it goes through Python.

What is stored and rendered of a result is words and numbers made here, none of them a value of a patient's row: counts
of 1 to 10 as a range, and no failing value (`partial_unexpected_count` 0).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import duckdb_engine
import great_expectations as gx
from great_expectations import expectations as gxe
from great_expectations.data_context.types.base import (
    DataContextConfig,
    FilesystemStoreBackendDefaults,
    ProgressBarsConfig,
)
from great_expectations.expectations.metadata_types import FailureSeverity

from flows.quality import dialect
from flows.quality.checks import CHECKS, Check
from flows.quality.verdict import Answer
from flows.quality.warehouse import Warehouse
from reports.quality import Asked, Looked
from reports.small_counts import shown, shown_share

RESULT_FORMAT = {"result_format": "SUMMARY", "partial_unexpected_count": 0}
"""No failing value is kept in a result, a stored validation or a page."""

_ROUNDING = 1e-12
"""The ends of an interval are rounded numbers."""


class Unanswered(Exception):
    """A check could not be asked; the name of the check, never the reason in a library's words."""


class ExpectNoOffendingRows(gxe.UnexpectedRowsExpectation):
    """What an SQL file of ours says of the warehouse: nothing is wrong, or how much is."""

    metric_dependencies: ClassVar[tuple[str, ...]] = ("unexpected_rows_query.table",)
    """The rows alone: their number would be the same query a second time."""

    def _validate(
        self, metrics: dict, runtime_configuration: dict | None = None, execution_engine: Any = None
    ) -> dict[str, Any]:
        rows = metrics["unexpected_rows_query.table"]
        if rows and "n_offending" in rows[0]:
            number = rows[0]["n_offending"]
            return {"success": number == 0, "result": {"observed_value": shown(number), "details": {"lines": []}}}
        lines = [_line(row) for row in rows]
        number = sum(line.is_outside for line in lines)
        told = [[line.what, line.before, line.now, line.is_outside] for line in lines]
        return {"success": number == 0, "result": {"observed_value": str(number), "details": {"lines": told}}}


def _line(row: Mapping[str, Any]) -> Looked:
    """A row of a comparison in words. Its shape says what its numbers are."""

    def side(name: str) -> str:
        count, whole = row.get(f"n_{name}"), row.get(f"of_{name}")
        if f"days_{name}" in row:
            return _days(row[f"days_{name}"])
        if count is None:
            return ""
        return shown(count) if whole is None else shown_share(count, whole)

    return Looked(str(row["what"]), side("before"), side("now"), bool(row["is_outside"]))


def _days(days: int | None) -> str:
    if days is None:
        return "not said"
    return "1 day" if days == 1 else f"{days} days"


def run_checks(warehouse: Warehouse, blocking: Mapping[str, bool], project: Path) -> list[Answer]:
    """Every check once, with stored validations and Data Docs in `project`.

    Raises Unanswered where one of them could not be asked.
    """
    asked = [check for check in CHECKS if warehouse.compares or not check.compares]
    defaults = FilesystemStoreBackendDefaults(root_directory=str(project))
    sites: Any = defaults.data_docs_sites
    for site in sites.values():
        site["show_how_to_buttons"] = False
    context = gx.get_context(
        mode="ephemeral",
        project_config=DataContextConfig(
            store_backend_defaults=defaults,
            analytics_enabled=False,
            progress_bars=ProgressBarsConfig(globally=False, metric_calculations=False),
            data_docs_sites=sites,
        ),
    )
    source = context.data_sources.add_sql(  # type: ignore[call-arg]
        "warehouse",
        connection_string=f"{dialect.NAME}:///:memory:",
        kwargs={"creator": lambda: duckdb_engine.ConnectionWrapper(warehouse.cursor())},
    )
    try:
        suites: dict[str, tuple[str, list[Any]]] = {
            "warehouse": ("feeds", [_expectation(check, blocking) for check in asked if not check.compares]),
            "rates": ("measures", _of_rates()),
            "feeds": ("feeds", _of_feeds()),
        }
        if warehouse.compares:
            compared = [_expectation(check, blocking) for check in asked if check.compares]
            suites["night_before"] = ("feeds", compared)
        checkpoint = context.checkpoints.add(
            gx.Checkpoint(
                name="before_publishing",
                validation_definitions=[
                    _definition(context, source, name, table, suite) for name, (table, suite) in suites.items()
                ],
                result_format=RESULT_FORMAT,
            )
        )
        results = [each for run in checkpoint.run().run_results.values() for each in run.results]
        # Once for all: as an action of the checkpoint it would be done anew for each suite, with the templates read anew.
        context.build_data_docs(build_index=False)
    finally:
        source.get_engine().dispose()
    silent = [Answer(check.kind, Asked(check.file.title, True, None, ())) for check in CHECKS if check not in asked]
    return [*(_answer(result) for result in results), *silent]


def _definition(context: Any, source: Any, name: str, table: str, suite: list[Any]) -> Any:
    asset = source.add_table_asset(name, table_name=table, schema_name="audit")
    return context.validation_definitions.add(
        gx.ValidationDefinition(
            name=name,
            data=asset.add_batch_definition_whole_table("all"),
            suite=context.suites.add(gx.ExpectationSuite(name=name, expectations=suite)),
        )
    )


_BY_NAME = {check.name: check for check in CHECKS}


def _answer(result: Any) -> Answer:
    meta = result.expectation_config.meta
    check = _BY_NAME.get(meta.get("check"))
    title = check.file.title if check else meta["title"]
    if result.exception_info and "observed_value" not in result.result and "element_count" not in result.result:
        raise Unanswered(title)
    told = result.result.get("details", {}).get("lines", [])
    number = result.result.get("observed_value", shown(result.result.get("unexpected_count", 0)))
    lines = tuple(Looked(*line) for line in told)
    return Answer(check.kind if check else meta["kind"], Asked(title, bool(result.success), str(number), lines))


def _expectation(check: Check, blocking: Mapping[str, bool]) -> gxe.UnexpectedRowsExpectation:
    """A check as an expectation. Of rows that are wrong only their number leaves the database."""
    file = check.file
    query = file.text.strip().rstrip(";")
    if not check.compares:
        query = f"SELECT count(*) AS n_offending FROM (\n{query}\n) AS offending"
    return ExpectNoOffendingRows(
        unexpected_rows_query=query.replace("{", "{{").replace("}", "}}"),
        description=file.title,
        severity=FailureSeverity.CRITICAL if blocking[check.kind] else FailureSeverity.WARNING,
        meta={"check": check.name},
    )


def _of_rates() -> list[gxe.Expectation]:
    """Of the table of rates, in Great Expectations' own words; sql/warehouse/checks/rates_within_bounds.sql says more."""
    key = ["measure_id", "stratum", "stratum_value"]
    rates = ("rate", "wilson_low", "wilson_high", "worst", "best")
    return [
        gxe.ExpectCompoundColumnsToBeUnique(
            column_list=key, meta={"kind": "uniqueness", "title": "Rates of a measure and stratum that occur twice"}
        ),
        *(
            gxe.ExpectColumnValuesToBeBetween(
                column=name,
                min_value=-_ROUNDING,
                max_value=1 + _ROUNDING,
                meta={"kind": "rates", "title": f"Rates whose {name} is below 0 or above 1"},
            )
            for name in rates
        ),
    ]


def _of_feeds() -> list[gxe.Expectation]:
    """Of the table of feeds."""
    counts = ("rows_read", "rows_accepted", "rows_quarantined", "rows_duplicate")
    return [
        gxe.ExpectColumnValuesToBeUnique(
            column="table_name", meta={"kind": "uniqueness", "title": "Feeds that occur twice"}
        ),
        *(
            gxe.ExpectColumnValuesToBeBetween(
                column=name,
                min_value=0,
                meta={"kind": "conservation", "title": f"Feeds whose {name} is below 0"},
            )
            for name in counts
        ),
    ]


def data_docs(project: Path) -> Path:
    """The folder of the pages that Great Expectations rendered."""
    return project / "uncommitted" / "data_docs" / "local_site"
