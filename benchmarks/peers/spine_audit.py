"""The audit itself, told to judge the six measures only.

It does more than the others: it finds the cases and their clocks from the events, numbers the events, makes reasons, flags,
times and the evidence behind every finding, and writes all of it down.
"""

import pickle
import shutil
from pathlib import Path

import polars as pl

from benchmarks.peers import MEASURES, Counts
from flows import run
from flows.settings import Engine, load_settings
from transforms import audit
from transforms.stored import in_words

STAGES: dict[str, tuple[float, int]] = {}
"""Seconds and peak memory (MiB) of the stages within, where the audit tells them apart."""


def counts(folder: Path) -> Counts:
    """The counts of the six measures."""
    extract, clean, as_of = pickle.loads((folder / "clean.pickle").read_bytes())
    plan = run.prepare(load_settings(extract, engine=Engine(workers=1)), folder)  # else each worker judges all measures
    audit.MEASURES = tuple(
        declare for declare in audit.MEASURES if declare.__module__.split(".")[-1][:2].upper() in MEASURES
    )
    shutil.rmtree(folder / "stored", ignore_errors=True)  # else the parts of the last turn count as done
    stored = run.audit(plan, clean, as_of)
    STAGES.update({stage.name: (stage.seconds, stage.peak_memory_mib or 0) for stage in plan.meter.stages})
    findings = pl.scan_parquet([part / "findings.parquet" for part in stored.parts])
    verdicts = findings.group_by("verdict").len("n").collect()
    words = in_words(verdicts["verdict"])
    return sorted(verdicts.join(words, on="verdict").group_by("measure_id", "state").agg(pl.col("n").sum()).iter_rows())
