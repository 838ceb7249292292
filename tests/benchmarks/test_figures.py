"""Are the figures of the benchmark what they say?"""

import sys

import pytest

from benchmarks import figures
from benchmarks.__main__ import _positive, _sizes
from benchmarks.contest import Size, Turn
from benchmarks.figures import exponent, targets
from benchmarks.measure import FailedError, Spread, run_measured
from benchmarks.report import page, spread


def size(cases: int, **seconds: float) -> Size:
    """A size at which every contestant took one turn."""
    names = {"run": "run parquet", "ours": "spine_audit", "best": "polars_plain", "floor": "floor"}
    turns = [Turn(names[name], taken, taken, 100, {"audit": (taken / 2, 90)}) for name, taken in seconds.items()]
    return Size(cases, rows=20 * cases, extract_bytes={"parquet": cases}, turns=turns)


@pytest.mark.parametrize("power", [0.5, 1.0, 1.1, 2.0])
def test_the_exponent_is_that_of_a_power_law(power: float) -> None:
    assert exponent([(rows, 3 * rows**power) for rows in (10.0, 100.0, 1000.0)]) == pytest.approx(power)


def test_one_size_has_no_exponent() -> None:
    assert exponent([(10.0, 3.0), (10.0, 4.0)]) is None


def test_spread_is_the_median_and_the_extremes() -> None:
    assert Spread.of([3.0, 1.0, 8.0]) == Spread(3, 3.0, 1.0, 8.0)
    assert spread(Spread.of([3.0, 1.0, 8.0])) == "3.00 (1.00-8.00)"
    assert spread(Spread.of([12.34])) == "12.3"


def test_targets_are_judged_by_the_ratio_to_the_others() -> None:
    reached = {t.text: t.met for t in targets([size(10, run=1, ours=3, best=1, floor=0.2)], {"own": 2.9}, {})}
    assert reached["the six measures within 3 x of the best plain formulation"] is True
    assert reached["the six measures within 10 x of the floor"] is False
    assert reached["300 patients in less than 3 s of our own"] is True
    assert reached["a whole run on 1 M cases (Parquet) within 3 minutes and 6 GiB"] is None


def test_growth_is_of_time_against_rows() -> None:
    assert figures.growth([size(10, run=1), size(100, run=10)], "run parquet") == pytest.approx(1)


def test_the_page_names_neither_host_nor_path() -> None:
    sizes = [size(10, run=1, ours=3, best=1, floor=0.2), size(100, run=10, ours=30, best=10, floor=2)]
    sizes[0].failed["pandas_vectorised"] = "exit -9"
    machine = {"date": "2026-11-26", "cores": 2, "processor": "any", "memory_gib": 8, "system": "Linux"}
    names = ("python", "version", "imports", "gate_import", "direct", "direct_cpu", "own", "prefect")
    before = dict.fromkeys(names, 1.0)
    results = {"machine": machine, "versions": {"python": "3.11"}, "load": 0.1, "startup": before, "hospital": {}}
    text = page(results, sizes, targets(sizes, before, {}))
    assert "| (b) pandas, vectorised | exit -9 |" in text
    assert "| whole run, Parquet | 1.00 | 1.00 |" in text


def test_sizes_are_read_in_thousands_and_millions() -> None:
    assert _sizes("1m, 10k,300") == [300, 10_000, 1_000_000]


def test_nobody_takes_no_turn() -> None:
    assert _positive("3") == 3
    with pytest.raises(ValueError, match="0"):
        _positive("0")


def test_memory_counts_what_a_child_of_the_command_holds() -> None:
    child = "import time; held = bytearray(200_000_000); time.sleep(0.5)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}]); print('done')"
    cost, said = run_measured([sys.executable, "-c", parent])
    assert said == "done\n"
    assert cost.peak_mib > 190


def test_a_failure_is_told_by_its_exit_code_alone() -> None:
    with pytest.raises(FailedError, match=r"^exit 3$"):
        run_measured([sys.executable, "-c", "raise SystemExit(3)"])
