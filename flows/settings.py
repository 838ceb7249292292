"""The settings of a run: a site's TOML file, the command line's options over it (specification, section 4)."""

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from flows.private import require_private
from flows.worklist_password import worklist_password
from schemas.errors import SettingsError
from schemas.parameters import Parameters, load_parameters

OWN_KEYS: tuple[str, ...] = ("as_of", "timezone", "concept_map", "value_sets")
"""Keys of the settings file that are no parameters."""
DEFAULT_TIMEZONE = "UTC"
_MACHINE_ZONES = frozenset({"localtime", "posixrules", "Factory"})
"""Names that mean whatever this machine is set to, or nothing: never a site's time zone."""


@dataclass(frozen=True)
class Engine:
    """Who judges the parts of the patients, and how large these are. It never changes a verdict.

    name: `local` or `dask`. scheduler: the address of Dask's. workers: processes at a time of the local engine, None = as
    processors and memory allow. part_rows: clean rows of a part, None = as flows/parts.py has it.
    """

    name: str = "local"
    scheduler: str | None = None
    workers: int | None = None
    part_rows: int | None = None


LOCAL = Engine()


@dataclass(frozen=True)
class Settings:
    """Everything that a run is told. `as_of` is None until the extract has said it (flows/as_of.py)."""

    extract: Path
    out: Path
    fmt: str
    as_of: date | None
    timezone: str
    concept_map: Path | None
    value_sets_folder: Path | None
    parameters: Parameters
    direct: bool = False
    engine: Engine = LOCAL
    notify_file: Path | None = None
    """Where the addresses of the alerts stand (flows/alerts.py): the file, never what is in it."""


def load_settings(
    extract: Path | None = None,
    out: Path = Path("out"),
    fmt: str = "auto",
    as_of: str | None = None,
    settings_file: Path | None = None,
    direct: bool = False,
    engine: Engine = LOCAL,
) -> Settings:
    """The settings in force. Without an extract: the sample.

    Raises SettingsError (exit 10) for a file that isn't there or is no TOML, an unknown key, a wrong type, a bad date
    or time zone, addresses of alerts that others may read, a password of the worklist that can't be used; ContentError
    (exit 13) for a parameter out of its range.
    """
    worklist_password()  # refused before the work begins; read again when the workbook is written, and kept nowhere
    content = _read(settings_file) if settings_file else {}
    folder = settings_file.parent if settings_file else Path()
    own = {key: content[key] for key in OWN_KEYS if key in content}
    overrides = {key: value for key, value in content.items() if key not in OWN_KEYS}
    _require_known(overrides)
    as_of_day = parse_date(own["as_of"], "setting as_of") if "as_of" in own else None
    parameters = load_parameters(overrides)
    return Settings(
        extract=extract or sample_folder(),
        out=out,
        fmt=fmt,
        as_of=parse_date(as_of, "--as-of") if as_of is not None else as_of_day,
        timezone=_timezone(own.get("timezone", DEFAULT_TIMEZONE)),
        concept_map=_path(own, "concept_map", folder, is_folder=False),
        value_sets_folder=_path(own, "value_sets", folder, is_folder=True),
        parameters=parameters,
        direct=direct,
        engine=engine,
        notify_file=_private_file(parameters.notify.urls_file, "notify.urls_file", folder),
    )


def sample_folder() -> Path:
    """The sample extract: packed in the wheel, or data/sample of a checkout."""
    here = Path(__file__).resolve().parent
    packed = here / "sample"
    return packed if packed.is_dir() else here.parent / "data" / "sample"


def parse_date(value: Any, what: str) -> date:
    """A date given as TOML date or as text YYYY-MM-DD; SettingsError otherwise."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if not isinstance(value, str):
        raise SettingsError(f"{what}: a date is expected, not {_type(value)}; write it as YYYY-MM-DD")
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise SettingsError(f"{what}: {value!r} is no date; write it as YYYY-MM-DD")


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (FileNotFoundError, NotADirectoryError):
        raise SettingsError(f"{path}: no such settings file; correct --settings") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        where = f" ({error})" if isinstance(error, tomllib.TOMLDecodeError) else " (it is not UTF-8)"
        raise SettingsError(f"{path}: not a TOML file{where}; correct that line") from None
    except OSError as error:
        raise SettingsError(f"{path}: the settings file can't be read ({error.strerror})") from None


def _require_known(overrides: Mapping[str, Any]) -> None:
    """Top-level keys: against our own as well as the parameters'. Keys inside tables are load_parameters' to judge."""
    rows = load_parameters().keys()
    top = {key.partition(".")[0] for key in rows}
    for key in overrides:
        if key in top:
            continue
        known = sorted({*OWN_KEYS, *top, *rows})
        same_word = [name for name in rows if name.rpartition(".")[2] == key]
        near = same_word or difflib.get_close_matches(key, known, n=1, cutoff=0.0)
        raise SettingsError(f"unknown setting {key!r}: the nearest known one is {near[0]!r}")


def _timezone(value: Any) -> str:
    if not isinstance(value, str):
        raise SettingsError(
            f"setting timezone: a text is expected, not {_type(value)}; write for example 'Europe/Berlin'"
        )
    known = available_timezones() - _MACHINE_ZONES
    if value not in known:
        near = difflib.get_close_matches(value, known, n=1, cutoff=0.0)
        raise SettingsError(f"setting timezone: {value!r} is no IANA time zone; the nearest known one is {near[0]!r}")
    return value


def _path(own: Mapping[str, Any], key: str, folder: Path, *, is_folder: bool) -> Path | None:
    if key not in own:
        return None
    value = own[key]
    if not isinstance(value, str):
        raise SettingsError(f"setting {key}: a path in quotes is expected, not {_type(value)}")
    path = folder / value
    if not (path.is_dir() if is_folder else path.is_file()):
        kind = "folder" if is_folder else "file"
        raise SettingsError(f"setting {key}: {path}: no such {kind}; paths are relative to the settings file")
    return path


def _private_file(value: str, key: str, folder: Path) -> Path | None:
    """A file that holds secrets; SettingsError where it is not there, or not for its owner only. Nothing is read."""
    if not value:
        return None
    return require_private(folder / value, f"setting {key}", "; paths are relative to the settings file")


def _type(value: Any) -> str:
    names = {bool: "true or false", int: "a number", float: "a number", str: "a text", list: "a list", dict: "a table"}
    return names.get(type(value), type(value).__name__)
