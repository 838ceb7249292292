"""The command line `spine-audit` (specification, section 4).

stdout carries the result, stderr the log. Everything heavy is imported inside the command that needs it, so that
`--help` answers at once. No traceback is ever shown: not for a user's error, and not for ours, whose text might quote a
record.
"""

import gc
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from schemas.errors import AuditError

if TYPE_CHECKING:
    from flows.run import Outcome
    from flows.settings import Settings
    from flows.sql_shell import Result

_USAGE = 2
_INTERRUPTED = 130
_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 120}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line and returns its exit code; never raises."""
    from flows.private import private_umask

    try:
        with private_umask():
            code = cli.main(args=arguments, prog_name="spine-audit", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except click.ClickException as error:
        error.show()
        return _USAGE
    except AuditError as error:
        return _say(str(error), error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        return _say("interrupted; unless this night was published already, last night's results stay", _INTERRUPTED)
    except BrokenPipeError:  # the reader of stdout has gone, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except BaseException as error:
        from flows.errors import is_failure, place

        if not is_failure(error):
            raise
        return _say(f"unexpected error: {place(error)} (its message is withheld, it may quote a record)", 1)


def script() -> None:
    """The entry point that is installed as `spine-audit`."""
    code = main()
    gc.freeze()  # all that was imported need not be searched for cycles only to end: a quarter of a second
    sys.exit(code)


def _say(text: str, code: int) -> int:
    click.echo(f"spine-audit: {text}", err=True)
    return code


# Options that several commands share ----------------------------------------------------------------------------------


def _extract_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """--extract, --format, --as-of, --settings."""
    for option in reversed(
        (
            click.option(
                "--extract", type=click.Path(path_type=Path), help="Folder of the extract. Default: the sample."
            ),
            click.option(
                "--format",
                "fmt",
                type=click.Choice(["auto", "native", "fhir", "omop"]),
                default="auto",
                show_default=True,
                help="Form of the extract; auto goes by the names of its files.",
            ),
            click.option(
                "--as-of",
                metavar="DATE",
                help="The audit knows everything through the end of this day (YYYY-MM-DD). Default: the last day that"
                " the extract shows whole.",
            ),
            click.option(
                "--settings", "settings_file", type=click.Path(path_type=Path), metavar="FILE", help="Settings, TOML."
            ),
        )
    ):
        command = option(command)
    return command


class _Share(click.FloatRange):
    """A number from 0 to 1. What is no number (`nan`) lies in no range, but click's comparison lets it pass."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        share = super().convert(value, param, ctx)
        if share != share:
            self.fail(f"{value!r} is not a number", param, ctx)
        return share


def _shares(**meanings: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """An option for each share that a user can set."""

    def with_options(command: Callable[..., Any]) -> Callable[..., Any]:
        for name, meaning in reversed(meanings.items()):
            option = click.option(
                f"--{name.replace('_', '-')}", type=_Share(0, 1), metavar="SHARE", help=f"Share {meaning}."
            )
            command = option(command)
        return command

    return with_options


def _engine_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """--engine, --scheduler, --workers, --part-rows: the fields of Engine in flows/settings.py."""
    for option in reversed(
        (
            click.option(
                "--engine",
                "name",
                type=click.Choice(["local", "dask"]),
                default="local",
                show_default=True,
                help="Who judges the patients, part by part: processes of this machine, or a Dask cluster.",
            ),
            click.option("--scheduler", metavar="ADDRESS", help="Dask's scheduler, such as tcp://10.0.0.5:8786."),
            click.option(
                "--workers",
                type=click.IntRange(1),
                metavar="N",
                help="Processes at a time of the local engine. Default: as processors and memory allow.",
            ),
            click.option(
                "--part-rows",
                type=click.IntRange(1),
                metavar="N",
                help="Rows of a part; smaller parts need less memory. The results are the same. Default: 1,600,000.",
            ),
        )
    ):
        command = option(command)
    return command


_out_option = click.option(
    "--out", type=click.Path(path_type=Path), default=Path("out"), show_default=True, help="Folder of the results."
)


@click.group(
    context_settings=_CONTEXT,
    epilog="""\b
Examples:
  spine-audit run                                   audit the sample into out/
  spine-audit run --extract /data/tonight --settings site.toml
  spine-audit explain MRN-000123                    one patient, measure by measure
  spine-audit sql open_deviations

\b
Exit codes: 0 done (deviations are a result), 2 command line, 10 settings or option, 11 extract unreadable,
12 contract broken, 13 value sets or parameters invalid, 14 nothing published, 15 another run is at work,
1 anything else.""",
)
@click.version_option(package_name="spine-audit", prog_name="spine-audit")
def cli() -> None:
    """Audits care after a vertebral compression fracture against a referral algorithm, night after night.

    An extract of the record goes in; a read-only warehouse and lists for review come out.
    """


# Commands ------------------------------------------------------------------------------------------------------------


@cli.command(
    epilog="""\b
Examples:
  spine-audit run
  spine-audit run --extract /data/tonight --out /srv/audit --settings site.toml
  spine-audit run --extract /data/tonight --as-of 2026-09-30 --direct
  spine-audit run --extract /data/tonight --out /shared/audit --engine dask --scheduler tcp://10.0.0.5:8786
  PREFECT_API_URL=http://127.0.0.1:4200/api spine-audit run    (recorded on that Prefect server)"""
)
@_extract_options
@_out_option
@click.option("--direct", is_flag=True, help="Run the stages as plain functions, without Prefect.")
@click.option("--quiet", is_flag=True, help="Say nothing on the way.")
@_engine_options
def run(
    extract: Path | None,
    fmt: str,
    as_of: str | None,
    settings_file: Path | None,
    out: Path,
    direct: bool,
    quiet: bool,
    **engine: Any,
) -> None:
    """The whole audit once, published in one step into --out.

    Without arguments the sample is audited into out/. Where anything stops the run, last night's results stay in place.
    """
    from flows.detect import detect_format
    from flows.engines.choose import require
    from flows.progress import progress
    from flows.settings import Engine, load_settings

    settings = load_settings(extract, out, fmt, as_of, settings_file, direct, Engine(**engine))
    detect_format(settings.extract, settings.fmt)  # what can be said at once is said before Prefect starts
    require(settings.engine)
    if direct:
        from flows.run import night

        outcome = night(settings, progress(quiet))
    else:
        from flows.through_prefect import run_flow

        outcome = run_flow(settings, settings_file, quiet)
    click.echo(_closing(outcome, settings, out))


@cli.command(
    epilog="""\b
Examples:
  spine-audit serve --extract /data/tonight --out /srv/audit --settings site.toml
  spine-audit serve --extract /data/tonight --out /srv/audit --cron "30 5 * * 1-5"
  PREFECT_API_URL=http://127.0.0.1:4200/api spine-audit serve    (scheduled by that Prefect server)"""
)
@_extract_options
@_out_option
@click.option(
    "--cron",
    default="0 4 * * *",
    show_default=True,
    metavar="LINE",
    help="When: minute, hour, day, month, weekday, in the time zone of the settings.",
)
@click.option(
    "--name", "deployment", default="nightly", show_default=True, help="Of the deployment, where sites share a server."
)
@click.option("--quiet", is_flag=True, help="Say nothing on the way.")
@_engine_options
def serve(
    extract: Path | None,
    fmt: str,
    as_of: str | None,
    settings_file: Path | None,
    out: Path,
    cron: str,
    deployment: str,
    quiet: bool,
    **engine: Any,
) -> None:
    """Runs the audit every night, until it is stopped.

    Scheduled and recorded by the Prefect server of PREFECT_API_URL, or by one that is started with it and ends with it.
    A run that fails leaves last night's results in place, and the next one comes all the same.
    """
    from flows.engines.choose import require
    from flows.serve import serve as serve_flow
    from flows.settings import Engine, load_settings

    settings = load_settings(extract, out, fmt, as_of, settings_file, engine=Engine(**engine))
    require(settings.engine)

    def say(text: str) -> None:
        if not quiet:
            click.echo(f"spine-audit serve: {text}", err=True)

    serve_flow(settings, settings_file, cron, deployment, quiet, say)


def _closing(outcome: "Outcome", settings: "Settings", out: Path) -> str:
    from reports.summary import closing

    option = "" if out == Path("out") else f" --out {out}"
    places = {
        "Warehouse": str(out / outcome.warehouse.name),
        "For the quality nurse (keep private)": str(out / "reports" / outcome.run_id / "identified" / "worklist.xlsx"),
        "Lists with names (keep private)": f"{out / 'reports' / outcome.run_id / 'identified'}/",
        "What was read and judged": str(out / "runs" / outcome.run_id / outcome.receipt.name),
        "To look at one case": f"spine-audit explain CASE_ID{option}",
        "To see what is open": f"spine-audit sql open_deviations{option}",
    }
    parameters = settings.parameters
    guideline = f"{parameters.guideline}, {parameters.guideline_version}"
    return closing(outcome.as_of, outcome.summary, guideline, parameters.review_status, places)


@cli.command(
    epilog="""\b
Examples:
  spine-audit check --extract /data/tonight
  spine-audit check --extract /data/fhir --format fhir --settings site.toml"""
)
@_extract_options
def check(extract: Path | None, fmt: str, as_of: str | None, settings_file: Path | None) -> None:
    """Reads and validates an extract; publishes nothing.

    Prints for every table what became of its rows (read = accepted + set aside + exact duplicates), why rows were set
    aside, and which day the audit would be of.
    """
    from flows.check import check_extract
    from flows.settings import load_settings

    click.echo(check_extract(load_settings(extract, Path("out"), fmt, as_of, settings_file)))


@cli.command(
    epilog="\b\nExamples:\n  spine-audit measures\n  spine-audit measures S1 G1\n  spine-audit measures --format csv"
)
@click.argument("measure_ids", nargs=-1, metavar="[MEASURE]...")
@click.option("--format", "fmt", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
def measures(measure_ids: tuple[str, ...], fmt: str) -> None:
    """The catalogue of measures; named ones with everything that is known of them."""
    from flows.catalogue_text import catalogue

    click.echo(catalogue(measure_ids, fmt))


@cli.command(
    epilog="""\b
Examples:
  spine-audit explain 3f2a90bc11d0e8a7
  spine-audit explain pat-0004 --out /srv/audit
  spine-audit explain MRN-000123 | less"""
)
@click.argument("identifier", metavar="CASE_ID|PATIENT_ID|DISPLAY_ID")
@_out_option
def explain(identifier: str, out: Path) -> None:
    """One case as the audit saw it: timeline, open gaps, then measure by measure.

    For each measure: the verdict and why, its dates, what was looked for and would have met it, the rows that decided,
    what came near and did not count, and where sources disagree. The text names a patient: keep it private.
    """
    from flows.explain import explain as explain_case
    from flows.warehouse import open_warehouse

    with open_warehouse(out) as con:
        click.echo(explain_case(con, identifier))


@cli.command(
    epilog="""\b
Examples:
  spine-audit sql --list
  spine-audit sql open_gaps_by_patient --set advisory=true
  spine-audit sql "SELECT measure_id, rate FROM measures WHERE stratum = 'overall'" --format csv
  spine-audit sql my_query.sql
  spine-audit sql                                   a small shell"""
)
@click.argument("query", required=False, metavar="[QUERY|FILE.sql|NAME]")
@_out_option
@click.option("--format", "fmt", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
@click.option("--set", "assignments", multiple=True, metavar="NAME=VALUE", help="A parameter of a saved query.")
@click.option(
    "--list", "list_only", is_flag=True, help="The saved queries, what they give and which parameters they take."
)
def sql(query: str | None, out: Path, fmt: str, assignments: tuple[str, ...], list_only: bool) -> None:
    """Read-only SQL on the published warehouse; nothing outside of it can be reached.

    NAME is a saved query, a view or a table. Without an argument: a shell.
    """
    from flows import sql_shell
    from flows.warehouse import open_warehouse

    if list_only:
        click.echo(sql_shell.listing())
        return
    text = sql_shell.find_query(query) if query is not None else None
    with open_warehouse(out) as con:
        sql_shell.set_variables(con, assignments, query)
        if text is None:
            sql_shell.shell(con, fmt, click.echo)
            return
        result = sql_shell.execute(con, text)
    _show(result, fmt)


def _show(result: "Result", fmt: str) -> None:
    """A result on stdout; on stderr where the table form does not hold all of it."""
    from flows import sql_shell

    click.echo(sql_shell.render(result, fmt))
    if fmt == "table" and len(result.rows) > sql_shell.TABLE_ROWS:
        click.echo(f"{len(result.rows):,} rows, {sql_shell.TABLE_ROWS} shown; --format csv gives all", err=True)


@cli.command(
    epilog="""\b
Examples:
  spine-audit synth --cases 400 --out /tmp/extract
  spine-audit synth --cases 1000000 --seed 7 --out /data/million
  spine-audit synth --cases 2000 --without-fracture 0.99 --out /data/hospital      (200,000 patients)
  spine-audit run --extract /tmp/extract --out /tmp/audit"""
)
@click.option("--cases", type=click.IntRange(1, 10_000_000), required=True, help="Cases.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Same seed, same bytes.")
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="DIR", help="A new folder.")
@click.option("--format", "fmt", type=click.Choice(["parquet", "csv"]), default="parquet", show_default=True)
@click.option(
    "--without-fracture",
    type=_Share(0, 1, max_open=True),
    default=0.0,
    show_default=True,
    help="Share of the patients who have no fracture.",
)
@_shares(
    deficits="of the cases: a neurological deficit",
    missed="of what is due: not done, or late",
    undocumented="of what is due to be written down: not, or late",
    recent="of the cases: so recent that not all can be told yet; the imaging feed is three days behind",
    second_episodes="of the patients: a second fracture years later",
    bad_rows="of the cases: a row that breaks the contract or comes twice (beyond 0.1 a table may have too many)",
)
def synth(cases: int, seed: int, out: Path, fmt: str, without_fracture: float, **shares: float | None) -> None:
    """A synthetic extract of any size, and beside it the truth: what the audit must find.

    DIR is an extract like any other, in Parquet or CSV parts. DIR.truth.parquet holds state and reason of every measure
    and instance of every case, known from the plan of each patient. It holds for the default settings (times are UTC).
    """
    from flows.synth.write import Recipe, write

    given = {name: share for name, share in shares.items() if share is not None}
    recipe = Recipe(cases, seed, fmt=fmt, shares=given, without_fracture=without_fracture)
    for table, rows in write(recipe, out).items():
        click.echo(f"{table:<14}{rows:>14,}")


@cli.command(
    epilog="""\b
Examples:
  spine-audit diff                                           the two newest nights
  spine-audit diff 2026-09-29-0a1b2c3d 2026-09-30-4e5f6a7b --out /srv/audit
  spine-audit diff --format csv > changes.csv"""
)
@click.argument("run_a", required=False)
@click.argument("run_b", required=False)
@_out_option
@click.option("--format", "fmt", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
def diff(run_a: str | None, run_b: str | None, out: Path, fmt: str) -> None:
    """What became of the findings between two nights, and why.

    new: a deviation now and not before; resolved: before and not now; persisting: both; changed: any other change of a
    verdict, and a window that opened or is gone. The table leaves out what persists as it was; csv and json have all. It
    names cases: keep it private.
    """
    from flows.nights import diff as between
    from flows.sql_shell import Result

    found = between(out, run_a, run_b)
    cause = found.names.index("cause")
    rows = [row for row in found.rows if fmt != "table" or row[0] != "persisting" or row[cause] is not None]
    _show(Result(found.names, rows), fmt)
    counts = ", ".join(
        f"{sum(row[0] == change for row in found.rows):,} {change}"
        for change in ("new", "resolved", "changed", "persisting")
    )
    alone = " (one and the same night: there is nothing to compare with)" if found.run_a == found.run_b else ""
    click.echo(f"{found.run_a} to {found.run_b}: {counts}{alone}", err=True)


@cli.command(epilog="\b\nExamples:\n  spine-audit doctor\n  spine-audit doctor --settings site.toml --out /srv/audit")
@_extract_options
@_out_option
def doctor(extract: Path | None, fmt: str, as_of: str | None, settings_file: Path | None, out: Path) -> None:
    """Checks installation, settings, extract, warehouse and disk, and says what to do. Changes nothing."""
    from flows.doctor import examine, render

    findings = examine(extract, fmt, as_of, settings_file, out)
    click.echo(render(findings))
    if any(finding.is_broken for finding in findings):
        click.get_current_context().exit(1)
