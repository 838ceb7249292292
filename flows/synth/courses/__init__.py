"""The table of courses: every choice of a case's plan, in the order in which they are drawn."""

from flows.synth.courses import background, bystanders, cancer, findings, pain, surgery, treatment
from flows.synth.dials import Dial

DIALS: tuple[Dial, ...] = (
    *pain.DIALS,
    *cancer.DIALS,
    findings.SETTING,
    findings.DIAGNOSIS,
    *surgery.DIALS,
    findings.EXAM,
    findings.IMAGING,
    findings.PATHOLOGY,
    findings.OTHER_LEVELS,
    findings.PERCUSSION,
    findings.SUPINE,
    *treatment.DIALS,
    *background.DIALS,
)

BYSTANDER_DIALS: tuple[Dial, ...] = bystanders.DIALS
