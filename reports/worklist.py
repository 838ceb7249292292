"""The worklist as a workbook (specification, section 5): its sheets filled, formatted and made ready to print.

Everything that came in with the data is written as text: no cell is ever a formula or a link. The same sheets give the
same bytes. All is made in memory; who asked for it writes it down, encrypted or not.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from io import BytesIO
from typing import TYPE_CHECKING, Any

import polars as pl
import polars.selectors as cs

from schemas.review import CASE_VERDICTS, CLOSING_REASONS, STATUSES

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

_NOT_XML = r"[^\t\n\r\x{20}-\x{D7FF}\x{E000}-\x{FFFD}\x{10000}-\x{10FFFF}]"
"""Characters that no XML file may hold, and so no workbook."""
_MARKUP = r"^(?s)<r>.*</r>$"
"""XlsxWriter takes a text from `<r>` to `</r>` for rich text of its own and writes it unescaped; a space behind it tells
them apart."""
_LONGEST = 32_000
"""Characters; a cell holds 32,767, and a longer text would be left out."""
_A4 = 9
_LINE, _TALLEST = 15, 405
"""Points: of a line, and of the tallest row that there can be."""
_WRAPPED = 1.0
"""So much longer a text is for being broken between words; digits and small letters are narrower than a character of width."""
_HEADS: Mapping[str, tuple[str, int]] = {
    "finding_key": ("Finding key", 9),
    "display_id": ("Display id", 12),
    "in_house": ("In house", 12),
    "unit": ("Unit", 12),
    "case": ("Case", 11),
    "measure": ("Measure", 20),
    "severity": ("Weight", 9),
    "why": ("Why", 36),
    "closes": ("What would close it", 30),
    "due": ("Due", 11),
    "due_in_words": ("Due, in words", 22),
    "days_open": ("Days open", 6),
    "change": ("New or known", 10),
    "folded": ("Folded under it", 20),
    "was": ("Was", 22),
    "is_now": ("Is now", 60),
    "cause": ("Cause", 14),
}
"""Column → its heading and width in characters."""
_FILL_IN: Sequence[tuple[str, int, str]] = (
    ("Owner", 9, ""),
    ("Status", 9, "status_words"),
    ("Closing reason", 13, "closing_reasons"),
    ("Case verdict", 12, "case_verdicts"),
    ("Note", 16, ""),
)
"""Columns that people fill in: heading, width, and the name of the list to choose from."""
_LISTS: Sequence[tuple[str, str, Mapping[str, str]]] = (
    ("status_words", "Status", STATUSES),
    ("closing_reasons", "Closing reason, of one gap", CLOSING_REASONS),
    ("case_verdicts", "Case verdict, of all its rows", CASE_VERDICTS),
)
_ADVICE: Sequence[tuple[str, str]] = (
    ("What this is", "Gaps against the configured algorithm, for review. A gap is no statement about a clinician."),
    ("Where to begin", "Act now, from the top: who is in house stands first, then what is due first. Then Coming due."),
    ("Did the data load?", "Due, in words says how far the feeds are loaded that would show it done; Provenance says all."),
    ("How to work", "Fill in the yellow columns. One row is one gap; a case verdict is meant for all rows of the case. Work in a"
     " copy of this file that is your own: the next night's file begins with empty columns, and a run that is repeated"
     " replaces this one."),
    ("Folding", "Gaps of a case that rest on one row of the record (the same diagnosis, the same CT) are one row: the gravest"
     " is listed and the others are named in it. An urgent duty (S1, S2, X1) is always a row of its own. What remains of"
     " the others once a row is closed stands on its own the next night."),
    ("Where is the rest?", "deviations.csv beside this file lists every deviation; `spine-audit sql open_deviations` and"
     " `spine-audit sql pending_deadlines` ask for all."),
)  # fmt: skip
_HOW_TO = (34, 90)
"""The widths of a term and what is said of it."""
_COUNTS: Mapping[str, str] = {"listed": "Listed", "folded": "Folded", "beyond": "Not listed", "old": "Too old"}


@dataclass(frozen=True)
class Page:
    """One sheet. rows: what it lists; means: of each column; is_worked: people fill something in."""

    name: str
    about: str
    rows: pl.DataFrame
    means: Mapping[str, str]
    is_worked: bool


@dataclass(frozen=True)
class About:
    """What every sheet says of the night."""

    run_id: str
    as_of: date
    review_status: str


def workbook(pages: Sequence[Page], counts: pl.DataFrame, provenance: pl.DataFrame, about: About) -> bytes:
    """The workbook. counts: rows of How to; provenance: what, value."""
    from xlsxwriter import Workbook

    buffer = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = Workbook(buffer, options)
    book.set_properties(
        {
            "title": f"Worklist of {about.as_of}",
            "subject": f"Run {about.run_id}",
            "comments": "Identified: for the quality team only.",
            "created": datetime.combine(about.as_of, time()),
        }
    )
    formats = {name: book.add_format(look) for name, look in _looks().items()}
    for page in pages:
        sheet = book.add_worksheet(page.name)
        _print_setup(sheet, page.name, about)
        _fill(sheet, page, formats)
    sheet = book.add_worksheet("How to")
    _print_setup(sheet, "How to", about)
    _how_to(sheet, pages, counts, formats, book.define_name)
    sheet = book.add_worksheet("Provenance")
    _print_setup(sheet, "Provenance", about)
    _table(sheet, ("What", "Value"), (28, 90), clean(provenance).select("what", "value"), formats)
    book.close()
    return buffer.getvalue()


def clean(rows: pl.DataFrame) -> pl.DataFrame:
    """Texts without what XML forbids, none longer than a cell holds, and none that is written as it is for being markup."""
    texts = cs.string().str.replace_all(_NOT_XML, "\ufffd").str.slice(0, _LONGEST)
    return rows.with_columns(texts).with_columns(cs.string().str.replace(_MARKUP, "${0} "))


def _looks() -> dict[str, dict[str, Any]]:
    body = {"text_wrap": True, "valign": "top", "border": 1, "border_color": "#BFBFBF"}
    return {
        "head": {**body, "bold": True, "bg_color": "#1F3A5F", "font_color": "#FFFFFF", "valign": "vcenter"},
        "fill_head": {**body, "bold": True, "bg_color": "#7A5C00", "font_color": "#FFFFFF", "valign": "vcenter"},
        "text": body,
        "grave": {**body, "bold": True},
        "fill": {**body, "bg_color": "#FFF8DC"},
        "plain": {"text_wrap": True, "valign": "top"},
    }


def _print_setup(sheet: "Worksheet", name: str, about: About) -> None:
    status = "" if about.review_status == "approved" else f", guideline {about.review_status.replace('_', ' ')}"
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.set_margins(left=0.3, right=0.3, top=0.6, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    options = {"scale_with_doc": False}
    sheet.set_header(f"&L&9{name}{status}&R&9Run {about.run_id}", options)
    sheet.set_footer("&L&9Identified: for the quality team only&R&9Page &P of &N", options)


def _fill(sheet: "Worksheet", page: Page, formats: Mapping[str, "Format"]) -> None:
    rows = clean(page.rows)
    heads, widths = zip(*(_HEADS[name] for name in rows.columns), strict=True)
    _table(sheet, heads, widths, rows, formats)
    fill_in = _FILL_IN if page.is_worked else ()
    for column, (head, width, words) in enumerate(fill_in, start=rows.width):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, head, formats["fill_head"])
        for row in range(1, rows.height + 1):
            sheet.write_blank(row, column, None, formats["fill"])
        if words and rows.height:
            sheet.data_validation(1, column, rows.height, column, _choice(head, words))
    sheet.freeze_panes(1, 2)
    sheet.autofilter(0, 0, max(rows.height, 1), rows.width + len(fill_in) - 1)
    if rows.is_empty():
        sheet.write_string(1, 1, "Nothing to list", formats["plain"])


def _choice(head: str, words: str) -> dict[str, Any]:
    return {
        "validate": "list",
        "source": f"={words}",
        "error_title": head,
        "error_message": "Choose a word of the list; the sheet How to says what each means.",
    }


def _table(
    sheet: "Worksheet", heads: Sequence[str], widths: Sequence[int], rows: pl.DataFrame, formats: Mapping[str, "Format"]
) -> None:
    sheet.repeat_rows(0)
    for row, height in enumerate(_heights(rows, widths), start=1):
        sheet.set_row(row, height)
    sheet.set_row(0, 2 * _LINE)
    for column, (head, width, series) in enumerate(zip(heads, widths, rows, strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, head, formats["head"])
        look = formats["grave" if series.name in ("measure", "what") else "text"]
        write = sheet.write_string if series.dtype == pl.String else sheet.write_number
        for row, value in enumerate(series.to_list(), start=1):
            if value is None or value == "":
                sheet.write_blank(row, column, None, look)
            else:
                write(row, column, value, look)


def _heights(rows: pl.DataFrame, widths: Sequence[int]) -> list[float]:
    """The height of each row, as its longest cell needs: not every program finds it out by itself."""
    lines = [
        (pl.col(name).str.len_chars().fill_null(0) * _WRAPPED / width).ceil()
        for name, width in zip(rows.columns, widths, strict=True)
        if rows.schema[name] == pl.String
    ]
    return rows.select(pl.max_horizontal(pl.lit(1.0), *lines) * _LINE).to_series().clip(upper_bound=_TALLEST).to_list()


def _how_to(
    sheet: "Worksheet",
    pages: Sequence[Page],
    counts: pl.DataFrame,
    formats: Mapping[str, "Format"],
    define: Callable[[str, str], Any],
) -> None:
    for column, width in enumerate(_HOW_TO):
        sheet.set_column(column, column, width)
    sheet.set_column(2, 1 + len(_COUNTS), 11)
    row = _block(sheet, 0, "How to", _ADVICE, formats)
    about = {page.name: page.about for page in pages}
    for column, head in enumerate(("Sheet", "What is on it", *_COUNTS.values())):
        sheet.write_string(row, column, head, formats["head"])
    for line in clean(counts).rows(named=True):
        row += 1
        _line(sheet, row, line["sheet"], _about(about.get(line["sheet"], ""), line), formats)
        for column, name in enumerate(_COUNTS, start=2):
            sheet.write_number(row, column, line[name], formats["text"])
    row += 2
    for name, title, words in _LISTS:
        define(name, f"='How to'!$A${row + 2}:$A${row + 1 + len(words)}")
        row = _block(sheet, row, title, list(words.items()), formats)
    means = {_HEADS[name][0]: text for page in reversed(pages) for name, text in page.means.items()}
    _block(sheet, row, "Column", list(means.items()), formats)


def _about(text: str, line: Mapping[str, Any]) -> str:
    """What a sheet holds, and where the rows are for which it has no room."""
    if not (text and line["beyond"]):
        return text
    return f"{text} The gravest are listed; {line['beyond']:,} more are in deviations.csv or in `spine-audit sql`."


def _block(
    sheet: "Worksheet", row: int, title: str, lines: Sequence[tuple[str, str]], formats: Mapping[str, "Format"]
) -> int:
    """A heading and lines of two texts; the row after them and a free one."""
    sheet.write_string(row, 0, title, formats["head"])
    sheet.write_string(row, 1, "", formats["head"])
    for number, (term, text) in enumerate(lines, start=row + 1):
        _line(sheet, number, term, text, formats)
    return row + len(lines) + 2


def _line(sheet: "Worksheet", row: int, term: str, text: str, formats: Mapping[str, "Format"]) -> None:
    sheet.set_row(row, *_heights(pl.DataFrame({"term": [term], "text": [text]}), _HOW_TO))
    sheet.write_string(row, 0, term, formats["grave"])
    sheet.write_string(row, 1, text, formats["text"])
