"""What a run costs before it does anything: imports, the command, Prefect; measured on the sample, apart from the work."""

import sys
from pathlib import Path
from statistics import median

from benchmarks.extracts import PROGRAM
from benchmarks.measure import run_measured
from benchmarks.whole import Run, whole_run
from flows.settings import sample_folder


def startup(work: Path, repeat: int) -> dict[str, float]:
    """Wall seconds, medians. python: an empty program. version: `spine-audit --version`. imports: all that a direct run
    imports. gate_import: what the gate's process imports, beside the run. direct: the sample audited directly;
    direct_cpu: processor seconds of that. own: its stages, of the gate its checks. prefect: the sample as a Prefect flow
    (once)."""

    def python(code: str) -> float:
        return median(run_measured([sys.executable, "-c", code])[0].seconds for _ in range(repeat))

    runs = [whole_run(sample_folder(), work / "out-sample") for _ in range(repeat)]
    flow = whole_run(sample_folder(), work / "out-sample", direct=False)
    return {
        "python": python("pass"),
        "version": median(run_measured([PROGRAM, "--version"])[0].seconds for _ in range(repeat)),
        "imports": python("import flows.cli, flows.run"),
        "direct": median(run.cost.seconds for run in runs),
        "direct_cpu": median(run.cost.cpu_seconds for run in runs),
        "gate_import": median(run.stages["gate.import"][0] for run in runs),
        "own": median(_own(run) for run in runs),
        "prefect": flow.cost.seconds,
    }


def _own(run: Run) -> float:
    """The stages of a run; of the gate what it checked, and not how long it was waited for while it still imported."""
    stages = {name: seconds for name, (seconds, _) in run.stages.items() if "." not in name and name != "gate"}
    return sum(stages.values()) + run.stages["gate.checks"][0]
