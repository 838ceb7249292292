"""The table of courses: every choice of a case's plan, in the order in which they are drawn."""

from flows.synth.courses import arcs, background, bystanders, cancer, defects, findings, pain, surgery, treatment
from flows.synth.dials import Dial

DIALS: tuple[Dial, ...] = (
    arcs.ARC,
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
    *defects.DIALS,
)

BYSTANDER_DIALS: tuple[Dial, ...] = bystanders.DIALS

LIMITS = arcs.LIMITS
