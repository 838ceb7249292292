"""What sets a whole case apart: who is out of the population, who is lost from view, whose time has not come yet.

Such a case is otherwise plain: `LIMITS` says which options of the other dials are left to it, so that its verdicts can
be worked out by hand.
"""

from collections.abc import Mapping

from flows.synth.describe import code, note, refer
from flows.synth.dials import Dial, Option
from flows.synth.rows import Row, after, day

HOSPICE_DAY, END_DAY, RECENT_DAYS, RECENT_DAYS_FEED_BEHIND, IMAGING_BEHIND_DAYS = 5, 10, 5, 16, 3
"""Days from the diagnosis to hospice care and to the end of what is seen; days before the extract's last day at which
recent cases were diagnosed; how far the imaging feed is behind."""

_HOSPICE = "385763009"  # SNOMED: hospice care

ARC = Dial(
    "arc",
    {
        "ordinary": Option(84),
        "minor": Option(1),
        "high_energy": Option(1.5, (code("W13.0XXA", after("dx", 2), within="index", role="diagnosis"),)),
        "prevalent": Option(1.5, (code("S32.020D", day("dx", -100, -20), role="diagnosis"),)),
        "neoplastic": Option(1, (code("C79.51", day("dx", -100, -40), role="problem-list"),)),
        "neoplastic_seen": Option(
            0.5,
            (
                code("C79.51", day("dx", -100, -40), role="problem-list"),
                note("pathology-assessment", "suspicious", day("dx", 2)),
            ),
        ),
        "hospice_before": Option(1, (code(_HOSPICE, day("dx", -30, -5), system="SNOMED"),)),
        "hospice_after": Option(1, (code(_HOSPICE, day("dx", HOSPICE_DAY), system="SNOMED"),)),
        "died": Option(1.5),
        "moved": Option(1, (Row("followup", {"started_at": day("dx", -900, -600), "ended_at": day("dx", END_DAY)}),)),
        "recent": Option(2, tag="recent"),
        "recent_referred": Option(0.5, (refer("orthopaedics", day("dx", RECENT_DAYS - 1)),), tag="recent"),
        "recent_feed_behind": Option(1.5, tag="recent"),
        "today": Option(1, tag="recent"),
        "died_at_once": Option(0.5),
        "transferred": Option(0.7),  # from the emergency department to another hospital
        "late_presenter": Option(1.5),
        "unspecified": Option(2),
        "recent_unspecified": Option(0.3, tag="recent"),
    },
)

_SAFETY_STORIES = "plain|deficit|instability|cancer"
_BRIEF: Mapping[str, str] = {
    "story": "silent",
    "pain": "silent",
    "first_score": "at_once|next_day",
    "exam": "at_once|edge_in|edge_out|none",
    "imaging": "at_once|before|xray_only|none",
    "pathology": "none",
    "other_levels": "none",
    "percussion": "positive|negative|edge_in|edge_out|none",
    "supine": "positive|negative|edge_in|edge_out|none",
    "setting": "emergency|clinic",
    "therapy": "analgesic|opioid|none",
    "calcitonin": "none|course",
    "biopsy": "none",
    "physiotherapy": "none",
    "early_visit": "none",
    "review": "none",
    "pain_clinic": "none",
    "block": "none",
    "sacrum": "none",
    "images_again": "none",
    "after_three_months": "none",
    "vitals": "few",
    "other_visits": "none",
    "deformity": "none",
}
"""A case of which only the first days are seen."""

LIMITS: tuple[tuple[str, Mapping[str, str]], ...] = (
    ("arc=minor", {"story": "plain"}),
    ("arc=high_energy", {"story": _SAFETY_STORIES, "diagnosis": "coded|with_onset", "bones": "unknown"}),
    ("arc=prevalent", {"story": _SAFETY_STORIES, "diagnosis": "coded|with_onset"}),
    ("arc=neoplastic|neoplastic_seen", {"story": "plain", "imaging": "none", "pathology": "none"}),
    (
        "arc=hospice_before",
        {
            "story": "plain",
            "pain": "eases",
            "imaging": "in_window|none",
            "calcitonin": "course|none",
            "block": "none",
        },
    ),
    (
        "arc=hospice_after",
        {
            "story": "plain",
            "pain": "eases",
            "imaging": "none",
            "pathology": "in_time|none",
            "other_levels": "reviewed|none",
            "therapy": "analgesic|opioid",
            "calcitonin": "none",
            "block": "none",
            "review": "seen|none",
        },
    ),
    ("arc=died|moved|recent|recent_feed_behind", {**_BRIEF, "story": "silent|cancer", "cancer": "none|missing"}),
    ("arc=recent_unspecified", _BRIEF),
    (
        "arc=today|died_at_once|transferred",
        {
            **_BRIEF,
            "story": "silent|deficit|instability",
            "deficit": "none|missing|under_care",
            "instability": "none|missing|under_care",
            "first_score": "at_once",
            "exam": "at_once|none",
            "imaging": "none",
            "percussion": "none",
            "supine": "none",
            "calcitonin": "none",
        },
    ),
    ("arc=died_at_once|transferred", {"therapy": "analgesic|opioid"}),
    ("arc=transferred", {"setting": "emergency", "deficit": "none|missing", "instability": "none|missing"}),
    (
        "arc=late_presenter",
        {"story": "plain", "pain": "eases", "diagnosis": "long_ago", "calcitonin": "none|course|declined"},
    ),
    ("arc!=late_presenter", {"diagnosis": "!long_ago"}),
    ("arc=recent_referred", {**_BRIEF, "exam": "at_once"}),
    ("arc=died|moved", {"therapy": "analgesic|opioid"}),
    (
        "arc=unspecified",
        {
            "story": _SAFETY_STORIES,
            "diagnosis": "no_level",
            "other_levels": "!second_fracture",
        },
    ),
    ("arc=recent_unspecified", {"diagnosis": "no_level"}),
    ("arc!=unspecified|recent_unspecified", {"diagnosis": "!no_level"}),
    # A second fracture at the same level, more than two years later, knows nothing of the first: what counts at any
    # date is left out of both.
    ("episode!=only", {"arc": "ordinary"}),
    (
        "episode!=only",
        {
            "story": "plain|refractory|silent",
            "deformity": "none|slight",
            "imaging": "!ct_contraindicated|ct_contraindicated_edge|ct_contraindicated_late|ct_unknown_device",
            "calcitonin": "!paget|stopped_for_calcium|contraindicated|unknown_duration",
            "bones": "osteoporosis|unknown",
            "after_three_months": "!no_candidate",
        },
    ),
)
"""(where, the options that are left of each dial there, or with a leading `!` those that are not)."""
