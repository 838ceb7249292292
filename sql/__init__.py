"""SQL that a person may also run: one statement a file. `read` finds a file by its name."""

from functools import cache
from importlib.resources import files


@cache
def read(name: str) -> str:
    """The text of `sql/<name>.sql`, e.g. `read("land/csv")`; FileNotFoundError where there is none."""
    return files(__package__).joinpath(f"{name}.sql").read_text(encoding="utf-8")
