"""`spine-audit doctor`: is everything as it must be, and if not, what to do. Changes nothing."""

import os
import platform
import shutil
import sys
import urllib.request
from collections.abc import Callable, Iterator
from http.client import HTTPException
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import HTTPError

from flows.finding import Finding
from schemas.errors import AuditError

if TYPE_CHECKING:
    from flows.settings import Settings

_NEEDED: tuple[str, ...] = (
    "duckdb", "polars", "pyarrow", "pandera", "click", "rich", "prefect", "fastapi", "tzdata",
    "great-expectations", "duckdb-engine", "sqlalchemy", "jinja2", "apprise",
)  # fmt: skip
_ASK_SECONDS = 5
_TIMES_EXTRACT = 5
_TIMES_COMPRESSED = 16
"""Work files and the new night beside the old one take so many times the extract's size, as CSV and as Parquet or gzip."""
_FREE_BYTES = 1 << 30
_GIB = 1 << 30


def examine(extract: Path | None, fmt: str, as_of: str | None, settings_file: Path | None, out: Path) -> list[Finding]:
    """Everything that can be looked at without reading a patient's row."""
    installed = [*_installation(), *packages(_NEEDED)]
    if any(finding.is_broken for finding in installed):  # what looks at the rest needs them
        return installed
    from flows.doctor_folder import folder
    from flows.receipt import package_version

    settings, loaded = _settings(extract, fmt, as_of, settings_file, out)
    is_incremental = settings is None or bool(settings.parameters.source.incremental)
    return [
        *installed,
        Finding("spine-audit", "ok", package_version()),
        _orchestration(),
        *loaded,
        *(_guarded("alerts", lambda: _alerts(settings)) if settings else []),
        *_guarded("extract", lambda: _extract(extract, fmt, settings)),
        *_guarded("out folder", lambda: folder(out, is_incremental=is_incremental)),
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
        return [_unfit(what, error)]


def _unfit(what: str, error: AuditError) -> Finding:
    return Finding(what, "broken", str(error), f"mend it; a run would end with exit code {error.exit_code}")


def _installation() -> Iterator[Finding]:
    is_new_enough = sys.version_info >= (3, 11)
    yield Finding(
        "Python",
        "ok" if is_new_enough else "broken",
        platform.python_version(),
        "" if is_new_enough else "use 3.11 or newer",
    )


def packages(names: tuple[str, ...]) -> Iterator[Finding]:
    """Whether they are installed, without importing any: some take seconds."""
    for name in names:
        try:
            yield Finding(name, "ok", version(name))
        except PackageNotFoundError:
            yield Finding(name, "broken", "not installed", "run `make setup`, or install the package again")


def _orchestration() -> Finding:
    what, instead = "orchestration", "`spine-audit run --direct` works without it"
    if find_spec("prefect") is None:
        return Finding(what, "note", "Prefect can't be imported", instead)
    url = os.environ.get("PREFECT_API_URL")
    if not url:
        return Finding(what, "ok", "Prefect starts a server for each run (PREFECT_API_URL is not set)")
    if _answers(url):
        return Finding(what, "ok", f"runs are recorded on {url}")
    return Finding(
        what, "broken", f"{url} does not answer", f"start it, or correct or unset PREFECT_API_URL; {instead}"
    )


def _answers(url: str) -> bool:
    """Whether a server is there, whatever it says: who may ask it is Prefect's matter."""
    if not url.startswith(("http://", "https://")):
        return False
    try:
        with urllib.request.urlopen(f"{url.rstrip('/')}/health", timeout=_ASK_SECONDS):
            return True
    except HTTPError:
        return True
    except (OSError, HTTPException, ValueError):
        return False


def _settings(
    extract: Path | None, fmt: str, as_of: str | None, settings_file: Path | None, out: Path
) -> tuple["Settings | None", list[Finding]]:
    from flows.settings import load_settings

    try:
        settings = load_settings(extract, out, fmt, as_of, settings_file)
    except AuditError as error:
        return None, [_unfit("settings", error)]
    found = Finding("settings", "ok", f"{settings_file or 'defaults'}, days in {settings.timezone}")
    return settings, [found, *_guarded("value sets", lambda: _value_sets(settings))]


def _value_sets(settings: "Settings") -> Iterator[Finding]:
    from schemas.value_sets import load_value_sets

    sets = load_value_sets(
        settings.value_sets_folder, settings.concept_map, settings.parameters.input.include_unverified_codes
    )
    yield Finding("value sets", "ok", f"{len(sets.names)} sets, {sets.codes.height:,} codes")


def _alerts(settings: "Settings") -> Iterator[Finding]:
    """How many addresses, never which. That their file is private was asked with the settings."""
    from flows.alerts import URLS_VARIABLE, addresses_of

    try:
        count = len(addresses_of(settings))
    except (OSError, UnicodeDecodeError) as error:
        remedy = "one address a line, in UTF-8; until then nobody is told"
        yield Finding("alerts", "note", f"{settings.notify_file} can't be read ({type(error).__name__})", remedy)
        return
    if count:
        yield Finding("alerts", "ok", f"addresses: {count}; docs/operations.md says how to try them")
    elif settings.notify_file:
        remedy = f"write one a line, or take urls_file out of {settings.notify_file.parent}'s settings"
        yield Finding("alerts", "note", f"{settings.notify_file} holds no address: nobody is told", remedy)
    else:
        yield Finding("alerts", "ok", f"off: neither [notify] urls_file nor {URLS_VARIABLE} names an address")


def _extract(extract: Path | None, fmt: str, settings: "Settings | None") -> Iterator[Finding]:
    from flows.detect import detect_format
    from flows.settings import sample_folder

    folder = extract or sample_folder()
    yield Finding("extract", "ok", f"{folder}, {detect_format(folder, fmt)}")
    if settings:
        yield from _guarded("as-of", lambda: _as_of(folder, settings))


def _as_of(folder: Path, settings: "Settings") -> Iterator[Finding]:
    """Of which day the audit would be, where settings or manifest say."""
    from flows.as_of import default_as_of
    from flows.land import MANIFEST, Manifest, read_manifest

    path = folder / MANIFEST
    manifest = read_manifest(path.read_bytes()) if path.is_file() else Manifest()
    if settings.as_of:
        yield Finding("as-of", "ok", f"{settings.as_of}, as set")
    elif manifest.extracted_at:
        day = default_as_of(manifest.extracted_at, settings.timezone)
        yield Finding("as-of", "ok", f"{day}, from {MANIFEST}")
    else:
        remedy = f"write extracted_at into {MANIFEST}, or name the day with --as-of; a run needs one of both"
        yield Finding("as-of", "note", "neither the settings nor the extract name a day", remedy)


def _disk(extract: Path | None, out: Path) -> Iterator[Finding]:
    place = next(folder for folder in (out.absolute(), *out.absolute().parents) if folder.exists())
    free = shutil.disk_usage(place).free
    wanted = max(_FREE_BYTES, _takes(extract))
    detail = f"{free / _GIB:.1f} GiB free where {out}/ lies"
    if free < wanted:
        yield Finding("disk", "note", detail, f"free at least {wanted / _GIB:.1f} GiB, or name another --out")
    else:
        yield Finding("disk", "ok", detail)
    if not os.access(place, os.W_OK):
        yield Finding("disk", "broken", f"{place} can't be written to", "name another --out")


def _takes(extract: Path | None) -> int:
    """The bytes that a run of this extract takes beside what lies there already, roughly."""
    files = [path for path in extract.rglob("*") if path.is_file()] if extract and extract.is_dir() else []
    times = {".parquet": _TIMES_COMPRESSED, ".gz": _TIMES_COMPRESSED}
    return sum(path.stat().st_size * times.get(path.suffix.lower(), _TIMES_EXTRACT) for path in files)
