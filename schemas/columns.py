"""The one form in which a table and its columns are declared.

The contract's checks, the warehouse's comments, the data dictionary and the documentation are all made from these
declarations: nothing about a column is said twice.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

_NO_SYNONYMS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Column:
    """One column.

    `type` is the DuckDB type of the value that readers see. The fields from `kind` on matter for the extract only: they
    say how a text becomes that value and what happens to a text that doesn't (specification, section 1).
    """

    name: str
    type: str
    description: str
    unit: str | None = None
    nullable: bool = True
    kind: str = "text"
    """How the contract reads the text: id, text, time, date, number, flag, enum, level, regions, system, code."""
    values: tuple[str, ...] = ()
    """The canonical words of an enum."""
    synonyms: Mapping[str, str] = field(default_factory=lambda: _NO_SYNONYMS)
    """Further spellings of an enum's words (lower case)."""
    strict: bool = False
    """An optional enum whose unknown words reject the row, because null already means something."""
    references: str | None = None
    """The table in which an accepted row with this id must exist."""
    future: bool = False
    """A time that may lie after the extraction (a plan)."""

    @property
    def required(self) -> bool:
        """True where a null rejects the row."""
        return not self.nullable

    @property
    def rejects(self) -> bool:
        """True where a text that can't be read rejects the row instead of becoming null with a warning."""
        return self.required or self.strict


@dataclass(frozen=True)
class Table:
    """One table: what a row is, its columns in order, and the columns that identify a row."""

    name: str
    description: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    required: bool = False

    @property
    def id(self) -> str | None:
        """The name of the id column, null where rows have none (followup)."""
        return self.key[0] if len(self.key) == 1 else None

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names in order."""
        return tuple(column.name for column in self.columns)

    def __getitem__(self, name: str) -> Column:
        """The column of that name; KeyError where there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    def __iter__(self) -> Iterator[Column]:
        return iter(self.columns)

    def of_kind(self, *kinds: str) -> tuple[Column, ...]:
        """The columns of these kinds, in order."""
        return tuple(column for column in self.columns if column.kind in kinds)
