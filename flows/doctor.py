"""`spine-audit doctor`: is everything as it must be, and if not, what to do. Changes nothing."""

import os
import platform
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from flows.receipt import package_version
from schemas.errors import AuditError

_NEEDED: tuple[str, ...] = ("duckdb", "polars", "pyarrow", "pandera", "click", "rich", "prefect", "fastapi", "tzdata")
_FREE_TIMES_EXTRACT = 5
"""Work files and the new warehouse beside the old one take a few times the size of the extract."""
_FREE_BYTES = 1 << 30
_GIB = 1 << 30


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. verdict: `ok`, `note` or `broken`; remedy: what to do, empty where nothing."""

    what: str
    verdict: str
    detail: str
    remedy: str = ""

    @property
    def is_broken(self) -> bool:
        """True where a run can't succeed like this."""
        return self.verdict == "broken"


def examine(extract: Path | None, fmt: str, as_of: str | None, settings_file: Path | None, out: Path) -> list[Finding]:
    """Everything that can be looked at without reading a patient's row."""
    return [
        *_installation(),
        *_guarded("settings", lambda: _settings(extract, fmt, as_of, settings_file, out)),
        *_guarded("extract", lambda: _extract(extract, fmt)),
        *_warehouse(out),
        *_privacy(out),
        *_disk(extract, out),
    ]


def render(findings: list[Finding]) -> str:
    """A line each, the remedies below what needs them, a verdict at the end."""
    signs = {"ok": "ok    ", "note": "note  ", "broken": "BROKEN"}
    lines = []
    for finding in findings:
        lines.append(f"{signs[finding.verdict]}  {finding.what}: {finding.detail}")
        if finding.remedy:
            lines.append(f"        → {finding.remedy}")
    broken = sum(finding.is_broken for finding in findings)
    lines.append("")
    lines.append(f"{broken} to mend before a run can succeed." if broken else "Nothing stands in the way of a run.")
    return "\n".join(lines)


def _guarded(what: str, look: Callable[[], Iterator[Finding]]) -> list[Finding]:
    try:
        return list(look())
    except AuditError as error:
        return [Finding(what, "broken", str(error), f"mend it; a run would end with exit code {error.exit_code}")]


def _installation() -> Iterator[Finding]:
    is_new_enough = sys.version_info >= (3, 11)
    yield Finding(
        "Python",
        "ok" if is_new_enough else "broken",
        platform.python_version(),
        "" if is_new_enough else "use 3.11 or newer",
    )
    yield Finding("spine-audit", "ok", package_version())
    for name in _NEEDED:
        try:
            yield Finding(name, "ok", version(name))
        except PackageNotFoundError:
            yield Finding(name, "broken", "not installed", "run `make setup`, or install the package again")
    if find_spec("prefect") is None:
        yield Finding(
            "orchestration", "note", "Prefect can't be imported", "`spine-audit run --direct` works without it"
        )
    elif url := os.environ.get("PREFECT_API_URL"):
        yield Finding("orchestration", "ok", f"runs are recorded on {url}")
    else:
        yield Finding("orchestration", "ok", "Prefect starts a server for each run (PREFECT_API_URL is not set)")


def _settings(
    extract: Path | None, fmt: str, as_of: str | None, settings_file: Path | None, out: Path
) -> Iterator[Finding]:
    from flows.settings import load_settings
    from schemas.value_sets import load_value_sets

    settings = load_settings(extract, out, fmt, as_of, settings_file)
    yield Finding("settings", "ok", f"{settings_file or 'defaults'}, days in {settings.timezone}")
    value_sets = load_value_sets(
        settings.value_sets_folder, settings.concept_map, settings.parameters.input.include_unverified_codes
    )
    yield Finding("value sets", "ok", f"{len(value_sets.names)} sets, {value_sets.codes.height:,} codes")


def _extract(extract: Path | None, fmt: str) -> Iterator[Finding]:
    from flows.detect import detect_format
    from flows.settings import sample_folder

    folder = extract or sample_folder()
    yield Finding("extract", "ok", f"{folder}, {detect_format(folder, fmt)}")


def _warehouse(out: Path) -> Iterator[Finding]:
    from flows.publish import WAREHOUSE_FILE
    from flows.warehouse import open_warehouse, records

    if not (out / WAREHOUSE_FILE).exists():
        yield Finding("warehouse", "note", f"nothing is published in {out}/ yet", "spine-audit run")
        return
    try:
        with open_warehouse(out) as con:
            run = records(con, "SELECT run_id, as_of, package_version FROM runs")[0]
    except AuditError as error:
        yield Finding("warehouse", "broken", str(error), "move the file away and run again")
        return
    except Exception as error:
        yield Finding(
            "warehouse",
            "broken",
            f"opens, but is no audit ({type(error).__name__})",
            "move the file away and run again",
        )
        return
    yield Finding("warehouse", "ok", f"run {run['run_id']}, as of {run['as_of']}, by version {run['package_version']}")
    link = out / "reports" / "latest"
    is_current = link.is_symlink() and link.readlink().name == run["run_id"]
    yield Finding(
        "reports",
        "ok" if is_current else "note",
        f"latest is {link.readlink().name if link.is_symlink() else 'missing'}",
        "" if is_current else "a run was stopped just after publishing; the next run mends it",
    )


def _privacy(out: Path) -> Iterator[Finding]:
    if not out.exists():
        return
    open_to_others = [path for path in (out, *sorted(out.rglob("*"))) if not path.is_symlink() and _mode(path) & 0o077]
    if open_to_others:
        first = open_to_others[0]
        yield Finding(
            "privacy",
            "note",
            f"{len(open_to_others)} files or folders in {out}/ are open to others, e.g. {first} ({_mode(first):o})",
            f"chmod -R go= {out}",
        )
    else:
        yield Finding("privacy", "ok", f"{out}/ is for its owner only")


def _disk(extract: Path | None, out: Path) -> Iterator[Finding]:
    place = next(folder for folder in (out.absolute(), *out.absolute().parents) if folder.exists())
    free = shutil.disk_usage(place).free
    size = (
        sum(path.stat().st_size for path in extract.rglob("*") if path.is_file()) if extract and extract.is_dir() else 0
    )
    wanted = max(_FREE_BYTES, size * _FREE_TIMES_EXTRACT)
    detail = f"{free / _GIB:.1f} GiB free where {out}/ lies"
    if free < wanted:
        yield Finding("disk", "note", detail, f"free at least {wanted / _GIB:.1f} GiB, or name another --out")
    else:
        yield Finding("disk", "ok", detail)
    if not os.access(place, os.W_OK):
        yield Finding("disk", "broken", f"{place} can't be written to", "name another --out")


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)
