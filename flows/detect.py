"""Which of the three formats an extract has (specification, section 4, "Command line")."""

import re
from pathlib import Path

from schemas.errors import ExtractError, SettingsError

FORMATS: tuple[str, ...] = ("native", "fhir", "omop")
SUPPORTED: tuple[str, ...] = ("native", "fhir")

_PEEK_BYTES = 65_536
_BUNDLE = re.compile(rb'"resourceType"\s*:\s*"Bundle"')


def detect_format(extract: Path, fmt: str = "auto") -> str:
    """The format of the folder: `fmt` itself, or what its files tell where that is `auto`.

    Raises ExtractError (exit 11) where there is no folder, or where the files tell none or several formats;
    SettingsError (exit 10) for a format that this version doesn't read.
    """
    if not extract.is_dir():
        what = "not a folder" if extract.exists() else "no such folder"
        raise ExtractError(f"{extract}: {what}; name the folder of the extract with --extract")
    found = fmt if fmt != "auto" else _only(extract, formats_in(extract))
    if found not in SUPPORTED:
        raise SettingsError(f"format {found!r} isn't supported yet; this version reads {' and '.join(SUPPORTED)}")
    return found


def formats_in(extract: Path) -> tuple[str, ...]:
    """Every format that the folder's files speak for."""
    entries = sorted(extract.iterdir())
    names = [entry.name for entry in entries]
    signs = {
        "native": any(name.startswith("patients.") for name in names) or (extract / "patients").is_dir(),
        "fhir": any("Patient" in name and ".ndjson" in name for name in names) or any(map(_is_bundle, entries)),
        "omop": any(name.lower().startswith("person.") for name in names),
    }
    return tuple(name for name in FORMATS if signs[name])


def _only(extract: Path, found: tuple[str, ...]) -> str:
    if len(found) == 1:
        return found[0]
    if found:
        raise ExtractError(f"{extract}: holds files of {' and '.join(found)}; say which one to read with --format")
    raise ExtractError(
        f"{extract}: no extract in it: neither patients.csv or patients.parquet (native), nor *Patient*.ndjson or"
        " bundles (fhir), nor person.csv (omop); name another folder with --extract"
    )


def _is_bundle(path: Path) -> bool:
    if path.suffix != ".json" or path.name == "manifest.json" or not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            return _BUNDLE.search(file.read(_PEEK_BYTES)) is not None
    except OSError:
        return False
