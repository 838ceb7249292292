"""The page of the figures (docs/benchmarks.md); everything in it also stands in docs/benchmarks.json."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from benchmarks import figures as f
from benchmarks.contest import PEERS, ROW_CASES, ROWS, Size
from benchmarks.figures import Target
from benchmarks.measure import Spread

NAMES = {
    "run parquet": "whole run, Parquet",
    "run csv": "whole run, CSV",
    "floor": "(a) floor: the same columns read once",
    "spine_audit": "**this audit**, six measures",
    "polars_plain": "(d) plain Polars",
    "duckdb_sql": "(c) plain DuckDB SQL",
    "pandas_vectorised": "(b) pandas, vectorised",
    "pandas_rows": "(b) pandas, row by row",
}
_INTRODUCTION = """# What the audit costs

Made by `make bench`; don't edit. All figures of one table come from one session on one machine, the contestants taking turns.
Shown is the median of the turns and, in brackets, the fastest and the slowest; processor seconds are user and system together.
Walls move with whatever else the machine does, so read ratios rather than seconds.
"""
_MEASURES = """The same question for all: how many findings are in which state, of six measures: Q1 (examined within 24 hours),
G1 (MRI, or CT where it is contraindicated), M4 (a course of calcitonin that ends), P2 (persistent pain), P3 (a procedure
justified by what was known) and T1 (a referral once pain subsides). All read the same clean Parquet tables and must
arrive at the counts of the published audit, or the benchmark stops.

The others are given the cases with their clocks and exclusions, the value sets spelled out as codes, and one shortcut
(rows of one study are told by accession, else by day and modality), and give nothing but the counts. This audit is the
stage `audit` whole, told to judge these six measures only: it finds the cases itself, and gives reason, flags, times and
evidence with every finding, and the facts and events of every case. Ratios are of wall seconds; in brackets, of
processor seconds."""
_OTHERS = """Measured once, in November 2026, on a machine like this one, and not repeated here. Engines for Clinical Quality
Language (google/cql, cql-execution, fqm-execution) took 0.9 to 14 ms a patient for six comparable rules: ten thousand to
a million times the floor of that day, as did pandas with `groupby.apply`; their cost grows in proportion to the patients.
The fastest formulation of all was NumPy arrays indexed by patient, at about twice the floor, on a layout prepared for it."""


def page(results: Mapping[str, Any], sizes: Sequence[Size], targets: Sequence[Target]) -> str:
    """The whole page. results: as in the JSON file."""
    parts = [
        _INTRODUCTION,
        _where(results),
        "## The whole run\n",
        _whole(sizes),
        "\n## Its stages\n",
        "Wall seconds as the receipt of a run on Parquet tells them, and the peak of the process tree while the stage ran. "
        "The pieces of the audit (`audit.events`, ...) are the seconds of all parts of the patients summed, also of those "
        "judged side by side; facts are found when a measure first asks for them. The gate works beside the stages before it: "
        "`gate` is what was still waited for it, `gate.import` and `gate.checks` what its process took.\n",
        _stages(sizes),
        "\n## Six measures, asked in other ways\n",
        _MEASURES + "\n",
        _contest(sizes),
        "\n## How time grows\n",
        "The exponent b of *time = a · rows^b*, fitted over the sizes above: 1 is in proportion.\n",
        _growth(sizes),
        "\n## What we set out to reach\n",
        _table(("target", "reached", ""), ((t.text, t.reached, _mark(t.met)) for t in targets)),
        "\n## Before the work begins\n",
        _startup(results["startup"]),
        _hospital(results["hospital"]),
        _truth(sizes),
        "\n## What others were measured at\n",
        _OTHERS,
    ]
    return "\n".join(part for part in parts if part) + "\n"


def _where(results: Mapping[str, Any]) -> str:
    m, versions = results["machine"], results["versions"]
    return (
        f"{m['date']}: {m['cores']} cores ({m['processor']}), {m['memory_gib']} GiB, {m['system']}; load before the start"
        f" {results['load']}. " + ", ".join(f"{name} {number}" for name, number in versions.items()) + ".\n"
    )


def _whole(sizes: Sequence[Size]) -> str:
    rows = []
    for size in sizes:
        for who in (f.RUN, f.RUN_CSV):
            wall, cpu, peak = f.seconds(size, who), f.cpu_seconds(size, who), f.peak_mib(size, who)
            if wall is None or cpu is None or peak is None:
                continue
            fmt = who.removeprefix("run ")
            mib = size.extract_bytes[fmt] / 1024**2
            rate = f"{size.cases / wall.median:,.0f}"
            rows.append(
                (
                    f"{size.cases:,}",
                    f"{size.rows:,}",
                    fmt,
                    f"{mib:,.0f}",
                    spread(wall),
                    spread(cpu),
                    f"{peak:,}",
                    rate,
                    str(wall.n),
                )
            )
    heads = ("cases", "rows", "format", "MiB", "wall s", "processor s", "peak MiB", "cases/s", "turns")
    return _table(heads, rows)


def _stages(sizes: Sequence[Size]) -> str:
    names = dict.fromkeys(name for size in sizes for name in f.stages(size))
    rows = []
    for name in names:
        cells = [name]
        for size in sizes:
            taken = f.stages(size).get(name)
            peak = "" if "." in name else f"{f.stage_peak_mib(size, name):,}"
            cells += [spread(taken), peak] if taken else ["", ""]
        rows.append(tuple(cells))
    heads = ["stage"]
    for size in sizes:
        heads += [f"{size.cases:,} cases: s", "peak MiB"]
    return _table(heads, rows)


def _contest(sizes: Sequence[Size]) -> str:
    parts = []
    for size in sizes:
        rows = []
        for who in (*PEERS, ROWS):
            wall, cpu, peak = f.seconds(size, who), f.cpu_seconds(size, who), f.peak_mib(size, who)
            if who in size.failed:
                rows.append((NAMES[who], size.failed[who], "", "", "", "", ""))
            if wall is None or cpu is None:
                continue
            cases = f.cases_of(size, who)
            whole = cases == size.cases
            rows.append(
                (
                    NAMES[who] + ("" if whole else f", {cases:,} cases"),
                    spread(wall),
                    spread(cpu),
                    f"{peak:,}",
                    f"{cases / wall.median:,.0f}" if who != f.FLOOR else "",
                    f.times(size, who, f.FLOOR) if whole else "",
                    f.times(size, who, f.BEST) if whole and who != f.FLOOR else "",
                )
            )
            if who == f.OURS:
                rows += [
                    (f"· its stage {name}", spread(taken), "", "", f"{cases / taken.median:,.0f}", "", "")
                    for name, taken in f.stages(size, who).items()
                    if taken.median
                ]
        heads = (f"{size.cases:,} cases", "wall s", "processor s", "peak MiB", "cases/s", "x floor", "x plain Polars")
        parts.append(_table(heads, rows))
    return (
        "\n\n".join(parts)
        + f"\n\nRow by row is asked once, of the first {ROW_CASES:,} cases of the smallest size, and not extrapolated."
    )


def _growth(sizes: Sequence[Size]) -> str:
    def said(value: float | None) -> str:
        return "" if value is None else f"{value:.2f}"

    def both(who: str) -> tuple[str, str, str]:
        return NAMES[who], said(f.growth(sizes, who)), said(f.growth(sizes, who, cpu=True))

    if len(sizes) < 2:
        return "One size alone tells no growth."
    stages = [(f"stage {name}", said(f.growth(sizes, f.RUN, name)), "") for name in f.stages(sizes[0])]
    return _table(("", "of wall", "of processor"), [both(f.RUN), both(f.RUN_CSV), *stages, *map(both, PEERS)])


def _startup(s: Mapping[str, float]) -> str:
    rows = (
        ("an empty Python program", s["python"]),
        ("`spine-audit --version`", s["version"]),
        ("importing all that a direct run needs", s["imports"]),
        ("the sample of 300 patients, `run --direct`, from start to end", s["direct"]),
        ("the same in processor seconds", s["direct_cpu"]),
        ("of the wall the stages, of the gate its checks: our own time", s["own"]),
        ("importing Great Expectations, in the gate's process, beside the run", s["gate_import"]),
        ("the sample through Prefect: `run`", s["prefect"]),
    )
    return _table(("", "s"), ((name, f"{value:.2f}") for name, value in rows))


def _hospital(h: Mapping[str, float]) -> str:
    if not h:
        return ""
    rows = (
        ("patients", f"{h['patients']:,.0f}"),
        ("rows", f"{h['rows']:,.0f}"),
        ("reading and decompressing every value once, s", f"{h['read']:.1f}"),
        ("stage contract, s", f"{h['contract']:.1f}"),
        ("the whole run, s", f"{h['run']:.1f}"),
        ("peak MiB", f"{h['peak_mib']:,.0f}"),
    )
    text = "\n## A hospital's extract\n\nOne patient in a hundred has a fracture; the others have as many events.\n\n"
    return text + _table(("", ""), rows)


def _truth(sizes: Sequence[Size]) -> str:
    rows = [
        (
            f"{size.cases:,}",
            f"{size.truth['n_truth']:,}",
            f"{size.truth['recall']:.6f}",
            f"{size.truth['precision']:.6f}",
        )
        for size in sizes
        if size.truth
    ]
    if not rows:
        return ""
    text = (
        "\n## Against what is known\n\nA synthetic extract comes with its truth, drawn before its rows. A finding is right"
        " where patient, level, T0, measure, instance, state and reason all are.\n\n"
    )
    return text + _table(("cases", "findings known", "recall", "precision"), rows)


def spread(s: Spread) -> str:
    """`12.3 (11.9-14.0)`; one turn alone has no spread."""
    digits = 1 if s.median >= 10 else 2 if s.median >= 0.1 else 3
    middle = f"{s.median:.{digits}f}"
    return middle if s.n == 1 else f"{middle} ({s.low:.{digits}f}-{s.high:.{digits}f})"


def _mark(met: bool | None) -> str:
    return {True: "reached", False: "**not reached**", None: ""}[met]


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    heads = list(heads)
    lines = ["| " + " | ".join(heads) + " |", "| --- |" + " ---: |" * (len(heads) - 1)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])
