"""Times of the extract: texts or Parquet's values in, instants with their precision out (specification, section 1)."""

from datetime import datetime

import polars as pl

_CLOCK = r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?"
_OFFSET = r"(Z|[+-]([01]\d|2[0-3]):[0-5]\d)"
_TIME = rf"^\d{{4}}-\d{{2}}-\d{{2}}([T ]{_CLOCK}{_OFFSET}?)?$"
_PARTIAL = r"^\d{4}(-(0[1-9]|1[0-2]))?$"
_DAY_CHARACTERS = 10
_MINUTE_CHARACTERS = len("T00:00")
_LOCAL = pl.Datetime("us")

_FORMS: tuple[tuple[int, str, str], ...] = (
    (10, "-", "%Y-%m-%d"),
    (16, "T", "%Y-%m-%dT%H:%M"),
    (16, " ", "%Y-%m-%d %H:%M"),
    (17, "T", "%Y-%m-%dT%H:%MZ"),
    (17, " ", "%Y-%m-%d %H:%MZ"),
    (19, "T", "%Y-%m-%dT%H:%M:%S"),
    (19, " ", "%Y-%m-%d %H:%M:%S"),
    (20, "T", "%Y-%m-%dT%H:%M:%SZ"),
    (20, " ", "%Y-%m-%d %H:%M:%SZ"),
)
"""(bytes, a mark, format) of the usual forms of a time: they are read whole, the others are taken to pieces."""

_FIRST, _LAST = datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59, 999_999)
"""The times that a text of the contract can say; a value of Parquet's may lie outside."""

_COLUMNS = ("at", "date", "minute", "partial")


def parse_times(batch: pl.DataFrame, column: str, timezone: str) -> pl.DataFrame:
    """`batch` with at., date., minute. and partial.`column` beside a time: a text, or a value that Parquet had.

    A local time that occurs twice is its first occurrence, one that doesn't exist is shifted forward by the gap. A day
    stands at its local midnight. All but partial are null where the text is no time.
    """
    landed = batch.get_column(column).alias("landed").to_frame()
    is_text = landed.schema["landed"] == pl.String
    times = _of_texts(landed, timezone) if is_text else _of_values(landed, timezone)
    return batch.hstack(times.select(pl.col(name).alias(f"{name}.{column}") for name in _COLUMNS))


def _of_texts(landed: pl.DataFrame, timezone: str) -> pl.DataFrame:
    text, size, is_time = pl.col("landed"), pl.col("size"), pl.col("is_time")
    landed = landed.with_columns(is_time=text.str.contains(_TIME).fill_null(False), size=text.str.len_bytes())
    sizes = set(landed.filter("is_time").get_column("size").unique())

    def read(*, is_utc: bool) -> pl.Expr:
        forms = [form for form in _FORMS if form[0] in sizes and form[2].endswith("Z") == is_utc]
        moments = [
            pl.when(is_time & (size == n) & text.str.contains(mark, literal=True))
            .then(text)
            .str.to_datetime(form, strict=False, time_unit="us")
            for n, mark, form in forms
        ]
        return pl.coalesce(*moments, pl.lit(None, _LOCAL))

    has_others = landed.select((text.is_not_null() & ~is_time).any()).item()
    times = _with_instants(landed.with_columns(local=read(is_utc=False), utc=read(is_utc=True)), timezone)
    times = times.with_columns(
        minute=pl.when(pl.col("date").is_not_null()).then(size > _DAY_CHARACTERS),
        partial=text.str.contains(_PARTIAL).fill_null(False) if has_others else pl.lit(False),
    )
    if sizes <= {n for n, _, _ in _FORMS}:
        return times
    times = times.with_row_index("row")
    unusual = times.filter(is_time & ~size.is_in([n for n, _, _ in _FORMS])).select("row", "landed")
    own = _in_pieces(unusual, timezone).select("row", *(pl.col(name).alias(f"own_{name}") for name in _COLUMNS[:3]))
    return times.join(own, on="row", how="left", maintain_order="left").with_columns(
        pl.coalesce(f"own_{name}", name).alias(name) for name in _COLUMNS[:3]
    )


def _in_pieces(landed: pl.DataFrame, timezone: str) -> pl.DataFrame:
    """at, date, minute of texts that are a day with a time of day, which may have a fraction or an offset."""
    rest = pl.col("landed").str.slice(_DAY_CHARACTERS)
    clock, offset = pl.col("clock"), pl.col("offset")
    pieces = landed.with_columns(
        day=pl.col("landed").str.slice(0, _DAY_CHARACTERS).str.to_date("%Y-%m-%d", strict=False),
        clock=rest.str.replace(_OFFSET + "$", "").str.slice(1),
        offset=rest.str.extract(_OFFSET + "$", 1),
    )
    of_day = pl.duration(
        hours=_whole(clock.str.slice(0, 2)),
        minutes=_whole(clock.str.slice(3, 2)),
        seconds=_whole(clock.str.slice(_MINUTE_CHARACTERS, 2)),
        microseconds=_whole(clock.str.slice(len("00:00:00.")).str.slice(0, 6).str.pad_end(6, "0")),
        time_unit="us",
    )
    sign = pl.when(offset.str.starts_with("-")).then(-1).otherwise(1)
    shift = pl.duration(
        hours=sign * _whole(offset.str.slice(1, 2)), minutes=sign * _whole(offset.str.slice(4, 2)), time_unit="us"
    )
    moment = pl.col("day").cast(_LOCAL) + of_day
    moments = pieces.with_columns(
        local=pl.when(offset.is_null()).then(moment), utc=pl.when(offset.is_not_null()).then(moment - shift)
    )
    return _with_instants(moments, timezone).with_columns(minute=pl.when(pl.col("date").is_not_null()).then(True))


def _whole(digits: pl.Expr) -> pl.Expr:
    return digits.cast(pl.Int64, strict=False).fill_null(0)


def _of_values(landed: pl.DataFrame, timezone: str) -> pl.DataFrame:
    """A DATE has day precision, a timestamp minute precision; with a time zone it is an instant already."""
    kind = landed.schema["landed"]
    has_zone = isinstance(kind, pl.Datetime) and kind.time_zone is not None
    value = pl.col("landed")
    if kind == pl.Date:  # first, and as a step of its own: a cast of a day beyond all years ends the program
        landed = landed.select(pl.when(value.is_between(_FIRST.date(), _LAST.date())).then(value).alias("landed"))
    moment = value.dt.convert_time_zone("UTC").dt.replace_time_zone(None) if has_zone else value.cast(_LOCAL)
    moment = pl.when(moment.is_between(_FIRST, _LAST)).then(moment)
    nothing = pl.lit(None, _LOCAL)
    moments = landed.select(local=nothing if has_zone else moment, utc=moment if has_zone else nothing)
    return _with_instants(moments, timezone).with_columns(
        minute=pl.when(pl.col("date").is_not_null()).then(pl.lit(kind != pl.Date)), partial=pl.lit(False)
    )


def _with_instants(moments: pl.DataFrame, timezone: str) -> pl.DataFrame:
    """at and date of moments of which one is there: `local`, in the site's time zone, or `utc`."""
    local, utc = pl.col("local"), pl.col("utc")
    moments = moments.with_columns(at=_in_zone(local, timezone), date=local.dt.date())
    if timezone != "UTC" and moments.select((local.is_not_null() & pl.col("at").is_null()).any()).item():
        day_before = _in_zone(local.dt.offset_by("-1d"), timezone) + pl.duration(days=1)
        moments = moments.with_columns(pl.coalesce("at", day_before))
    if moments.get_column("utc").null_count() == moments.height:
        return moments
    instant = utc.dt.replace_time_zone("UTC")
    return moments.with_columns(
        at=pl.coalesce("at", instant), date=pl.coalesce("date", instant.dt.convert_time_zone(timezone).dt.date())
    )


def _in_zone(local: pl.Expr, timezone: str) -> pl.Expr:
    """The instant of a local time; null where the clocks jumped over it."""
    if timezone == "UTC":
        return local.dt.replace_time_zone("UTC")
    return local.dt.replace_time_zone(timezone, ambiguous="earliest", non_existent="null").dt.convert_time_zone("UTC")
