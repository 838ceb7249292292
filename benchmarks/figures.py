"""From turns to figures: medians and spread, how time grows with size, and the project's targets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log
from statistics import linear_regression

from benchmarks.contest import ROW_CASES, ROWS, Size, Turn
from benchmarks.measure import Spread

RUN, RUN_CSV, OURS, BEST, FLOOR = "run parquet", "run csv", "spine_audit", "polars_plain", "floor"
GIB = 1024


def turns_of(size: Size, who: str) -> list[Turn]:
    return [turn for turn in size.turns if turn.who == who]


def seconds(size: Size, who: str) -> Spread | None:
    """Wall seconds of a contestant; None where it wasn't measured."""
    turns = turns_of(size, who)
    return Spread.of([turn.seconds for turn in turns]) if turns else None


def cpu_seconds(size: Size, who: str) -> Spread | None:
    turns = turns_of(size, who)
    return Spread.of([turn.cpu_seconds for turn in turns]) if turns else None


def peak_mib(size: Size, who: str) -> int | None:
    """The highest peak of all turns."""
    return max((turn.peak_mib for turn in turns_of(size, who)), default=None)


def stages(size: Size, who: str = RUN) -> dict[str, Spread]:
    """Wall seconds of each stage, in the order of the receipt."""
    turns = turns_of(size, who)
    names = turns[0].stages if turns else {}
    return {name: Spread.of([turn.stages[name][0] for turn in turns if name in turn.stages]) for name in names}


def stage_peak_mib(size: Size, name: str, who: str = RUN) -> int:
    return max(turn.stages[name][1] for turn in turns_of(size, who) if name in turn.stages)


def cases_of(size: Size, who: str) -> int:
    return min(size.cases, ROW_CASES) if who == ROWS else size.cases


def exponent(points: Sequence[tuple[float, float]]) -> float | None:
    """b of time = a * rows ** b, by least squares on logarithms; None for fewer than two sizes."""
    if len({rows for rows, _ in points}) < 2:
        return None
    return linear_regression([log(rows) for rows, _ in points], [log(time) for _, time in points]).slope


def growth(sizes: Sequence[Size], who: str, stage: str | None = None, *, cpu: bool = False) -> float | None:
    """How the median time (wall, or processor) of a contestant, or of one of its stages, grows with the rows read."""
    points = []
    for size in sizes:
        spread = stages(size, who).get(stage) if stage else (cpu_seconds if cpu else seconds)(size, who)
        if spread and spread.median > 0:
            points.append((float(size.rows), spread.median))
    return exponent(points)


@dataclass(frozen=True)
class Target:
    """What the project set out to reach, and what it reached; met is None where it wasn't measured."""

    text: str
    reached: str
    met: bool | None


def targets(sizes: Sequence[Size], startup: Mapping[str, float], hospital: Mapping[str, float]) -> list[Target]:
    """Judged at the largest size that was measured; the limits for a million cases only there."""
    largest = max(sizes, key=lambda size: size.cases)
    million = next((size for size in sizes if size.cases == 1_000_000), None)
    found = [
        _measures_stage(million or largest, is_million=million is not None),
        _whole(million, RUN, "a whole run on 1 M cases (Parquet) within 3 minutes and 6 GiB", 180, 6 * GIB),
        _whole(million, RUN_CSV, "the same from CSV within 5 minutes", 300, None),
        _ratio(largest, BEST, 3, "the six measures within 3 x of the best plain formulation"),
        _ratio(largest, FLOOR, 10, "the six measures within 10 x of the floor"),
    ]
    grows = growth(sizes, RUN)
    found.append(
        Target("time grows with rows to the power of 1.1 at most", _said(grows, "{:.2f}"), _at_most(grows, 1.1))
    )
    own = startup.get("own")
    found.append(Target("300 patients in less than 3 s of our own", _said(own, "{:.2f} s"), _at_most(own, 3)))
    times = hospital["run"] / (hospital["read"] + hospital["contract"]) if hospital else None
    text = "a hospital's extract within 4 x of reading its bytes plus contract"
    found.append(Target(text, _said(times, "{:.1f} x"), _at_most(times, 4)))
    return found


def judging_stage(size: Size) -> str | None:
    """The stage that makes findings of clean tables: the audit, from events to what is stored, all parts."""
    return "audit" if "audit" in stages(size) else None


def _measures_stage(size: Size, is_million: bool) -> Target:
    text = "the measures at 50,000 cases a second or more and 4 GiB at most, on 1 M cases"
    name = judging_stage(size)
    if name is None:
        return Target(text, "not measured", None)
    rate, peak = size.cases / stages(size)[name].median, stage_peak_mib(size, name)
    reached = f"stage `{name}`: {rate:,.0f} cases a second, {peak / GIB:.1f} GiB, on {size.cases:,} cases"
    return Target(text, reached, (rate >= 50_000 and peak <= 4 * GIB) if is_million else None)


def _whole(size: Size | None, who: str, text: str, most_seconds: float, most_mib: int | None) -> Target:
    taken = seconds(size, who) if size else None
    peak = peak_mib(size, who) if size else None
    if taken is None or peak is None:
        return Target(text, "not measured", None)
    fits = most_mib is None or peak <= most_mib
    return Target(text, f"{taken.median:.0f} s, {peak / GIB:.1f} GiB", taken.median <= most_seconds and fits)


def _ratio(size: Size, other: str, most: float, text: str) -> Target:
    ours, theirs = seconds(size, OURS), seconds(size, other)
    ratio = ours.median / theirs.median if ours and theirs else None
    reached = f"{times(size, OURS, other)} x, on {size.cases:,} cases" if ratio is not None else "not measured"
    return Target(text, reached, _at_most(ratio, most))


def times(size: Size, who: str, other: str) -> str:
    """How many times as long as another contestant: by wall seconds (by processor seconds); empty where not measured."""
    pairs = [(of(size, who), of(size, other)) for of in (seconds, cpu_seconds)]
    ratios = [mine.median / theirs.median for mine, theirs in pairs if mine and theirs and theirs.median]
    return f"{ratios[0]:.1f} ({ratios[1]:.1f})" if len(ratios) == 2 else ""


def _said(value: float | None, form: str) -> str:
    return "not measured" if value is None else form.format(value)


def _at_most(value: float | None, most: float) -> bool | None:
    return None if value is None else value <= most
