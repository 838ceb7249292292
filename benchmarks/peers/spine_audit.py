"""The audit itself, told to judge the six measures only.

It does more than the others: it finds the cases and their clocks from the events, numbers the events, and makes reasons,
flags, explanations and the evidence behind every finding.
"""

import pickle
from pathlib import Path

import polars as pl

from benchmarks.peers import MEASURES, Counts
from flows import run
from flows.settings import load_settings
from transforms import audit


STAGES: dict[str, tuple[float, int]] = {}
"""Seconds and peak memory (MiB) of the stages within, where the audit tells them apart."""


def counts(folder: Path) -> Counts:
    """The counts of the six measures."""
    extract, clean, as_of = pickle.loads((folder / "clean.pickle").read_bytes())
    plan = run.prepare(load_settings(extract), folder)
    audit.MEASURES = tuple(
        declare for declare in audit.MEASURES if declare.__module__.split(".")[-1][:2].upper() in MEASURES
    )
    findings = run.audit(plan, clean, as_of)["findings"]
    STAGES.update({stage.name: (stage.seconds, stage.peak_memory_mib) for stage in plan.meter.stages})
    return sorted(
        findings.filter(pl.col("measure_id").is_in(MEASURES)).group_by("measure_id", "state").len().iter_rows()
    )
