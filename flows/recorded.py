"""What a night leaves with Prefect besides its states: a summary and a link. No value of a patient's row."""

import json
from collections.abc import Callable

from flows.errors import is_failure
from flows.run import Outcome
from flows.settings import Settings
from reports.recorded import markdown

SUMMARY_KEY = "nightly-audit"
REPORTS_KEY = "nightly-audit-reports"


def record(settings: Settings, outcome: Outcome, note: Callable[[str], None]) -> None:
    """Makes both artifacts of the flow run at work. What Prefect does not take is said, and stops nothing: the night is
    published."""
    from prefect.artifacts import create_link_artifact, create_markdown_artifact

    try:
        parameters = settings.parameters
        guideline = f"{parameters.guideline}, {parameters.guideline_version}"
        create_markdown_artifact(
            markdown(outcome.as_of, outcome.summary, guideline, parameters.review_status, _stages(outcome)),
            key=SUMMARY_KEY,
            description=f"The night in numbers, through {outcome.as_of}.",
        )
        create_link_artifact(
            outcome.reports.absolute().as_uri(),
            link_text=f"Reports of {outcome.run_id}",
            key=REPORTS_KEY,
            description="On the machine that ran the audit; for those who may read patients' data.",
        )
    except BaseException as error:
        if not is_failure(error):
            raise
        note(f"Prefect did not take the summary ({type(error).__name__}); the night is published all the same")


def _stages(outcome: Outcome) -> list[tuple[str, float]]:
    """Name and seconds of each whole stage, from the receipt."""
    stages = json.loads(outcome.receipt.read_text(encoding="utf-8"))["stages"]
    return [(stage["stage"], stage["seconds"]) for stage in stages if "." not in stage["stage"]]
