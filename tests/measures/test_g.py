"""G1 to G4: the first imaging and the cause. DX is 2024-03-12 10:00; the window is [DX - 28, DX + 14]."""

import pytest

from tests.measures.drawing import Point, Site, drawn, population

MRI, BOTH, WITH = "img 72148", "img 72158", "img 72149"  # lumbar, without / both / with contrast
CT, CT_WITH, CT_BOTH = "img 72131", "img 72132", "img 72133"
UNKNOWN_CONTRAST = "img LOINC:24968-0"
UNKNOWN_REGION = "img CPT:00000 modality=mri contrast=without"
PRESENT, DEVICE = "obs mri-contraindication present", "obs mri-contraindication unknown-device"
SUSPICIOUS, BENIGN = "obs pathology-assessment suspicious", "obs pathology-assessment benign"
DAY_13, DAY_14 = Site(as_of="DX+13"), Site(as_of="DX+14")
IMAGING_TO_13 = Site(through=(("imaging", "DX+13"),))
WITHOUT_IMAGING, WITHOUT_OBSERVATIONS = Site(absent=("imaging",)), Site(absent=("observations",))

G1 = [
    *drawn("G1", population("deviation/missing", pathway=True)),
    *drawn(
        "G1",
        {
            "nothing": ("deviation/missing trigger=DX+0 due=DX+14 severity=high", ""),
            "28 days before": ("met/on_time action=DX-28", f"{MRI} @DX-28"),
            "29 days before": ("deviation/missing", f"{MRI} @DX-29"),
            "the end of day 14": ("met/on_time action=DX+14T23:59 due=DX+14", f"{MRI} @DX+14T23:59"),
            "the start of day 15": ("deviation/late late=1", f"{MRI} @DX+15T00:00"),
            "late after the end is missing": ("deviation/missing", f"patient deceased_at=DX+20; {MRI} @DX+21"),
            "late on the last day": ("deviation/late late=6", f"patient deceased_at=DX+20; {MRI} @DX+20"),
            "without and with contrast": ("met/on_time", f"{BOTH} @DX+3"),
            "with contrast only": ("deviation/wrong_contrast severity=moderate", f"{WITH} @DX+3"),
            "with contrast only, later without": ("deviation/late", f"{WITH} @DX+3; {MRI} @DX+20"),
            "with contrast only, and CT": ("deviation/wrong_contrast", f"{WITH} @DX+3; {CT} @DX+3"),
            "of the thoracic spine": ("deviation/missing", "img 72146 @DX+3"),
            "of the whole spine": ("met/on_time", "img LOINC:30854-4 @DX+3"),
            "an order that says when it was completed": ("met/on_time", "img 72148 ordered_at=DX+3"),
            "a completed study in error": ("deviation/missing", f"{MRI} @DX+3 status=entered-in-error"),
            "a radiograph": ("deviation/missing", "img 72100 @DX+3"),
            "columns say more than the code": ("met/on_time", "img 72146 @DX+3 regions=lumbar"),
            "contrast known in one row of a study": (
                "met/on_time",
                f"{UNKNOWN_CONTRAST} @DX+3 accession=a; {MRI} @DX+3 accession=a",
            ),
            "two rows of a study without and with": (
                "met/on_time",
                f"{WITH} @DX+3 accession=a; {UNKNOWN_CONTRAST} @DX+3 accession=a contrast=without",
            ),
            "CT": ("deviation/wrong_modality severity=moderate", f"{CT} @DX+3"),
            "CT on day 14": ("deviation/wrong_modality", f"{CT} @DX+14"),
            "CT on day 15": ("deviation/missing", f"{CT} @DX+15"),
            "CT 28 days before": ("deviation/wrong_modality", f"{CT} @DX-28"),
            "CT 29 days before": ("deviation/missing", f"{CT} @DX-29"),
            "CT and an MRI ordered": (
                "deviation/wrong_modality",
                f"{CT} @DX+3; img 72148 ordered_at=DX+3 status=ordered",
            ),
            "CT, contraindication three days later": ("met/alternative", f"{CT} @DX+5; {PRESENT} @DX+8"),
            "CT, contraindication four days later": ("deviation/wrong_modality", f"{CT} @DX+5; {PRESENT} @DX+9"),
            "CT, contraindication long before": ("met/alternative", f"{CT} @DX+5; {PRESENT} @DX-900"),
            "CT, contraindication coded": ("met/alternative", f"{CT} @DX+5; cond Z18.11 @DX+8"),
            "CT, contraindication coded too late": ("deviation/wrong_modality", f"{CT} @DX+5; cond Z18.11 @DX+9"),
            "CT, contraindication absent": (
                "deviation/wrong_modality",
                f"{CT} @DX+5; obs mri-contraindication absent @DX+5",
            ),
            "CT both, contraindication": ("met/alternative", f"{CT_BOTH} @DX+5; {PRESENT} @DX+5"),
            "CT with contrast, contraindication": ("deviation/wrong_modality", f"{CT_WITH} @DX+5; {PRESENT} @DX+5"),
            "CT late, contraindication": ("deviation/late late=2", f"{CT} @DX+16; {PRESENT} @DX+5"),
            "MRI and CT, contraindication": ("met/on_time", f"{CT} @DX+5; {PRESENT} @DX+5; {MRI} @DX+9"),
            "MRI late and CT, contraindication": ("met/alternative", f"{CT} @DX+5; {PRESENT} @DX+5; {MRI} @DX+19"),
            "contraindication alone": ("deviation/missing", f"{PRESENT} @DX"),
            "CT, unknown device": ("indeterminate/unknown_device", f"{CT} @DX+5; {DEVICE} @DX+5"),
            "unknown device alone": ("deviation/missing", f"{DEVICE} @DX+5"),
            "CT, unknown device, MRI late": ("deviation/late", f"{CT} @DX+5; {DEVICE} @DX+5; {MRI} @DX+15"),
            "MRI of unknown region": ("indeterminate/unknown_regions", f"{UNKNOWN_REGION} @DX+14"),
            "MRI of unknown region too late": ("deviation/missing", f"{UNKNOWN_REGION} @DX+15"),
            "MRI of unknown contrast": ("indeterminate/unknown_contrast", f"{UNKNOWN_CONTRAST} @DX+14"),
            "MRI of unknown contrast too late": ("deviation/missing", f"{UNKNOWN_CONTRAST} @DX+15"),
            "MRI of unknown contrast, a good one late": (
                "deviation/late",
                f"{UNKNOWN_CONTRAST} @DX+14; {MRI} @DX+15",
            ),
            "MRI of unknown contrast, one with contrast": (
                "indeterminate/unknown_contrast",
                f"{UNKNOWN_CONTRAST} @DX+3; {WITH} @DX+5",
            ),
            "MRI ordered on day 14": ("deviation/ordered_not_done", "img 72148 ordered_at=DX+14 status=ordered"),
            "MRI ordered on day 15": ("deviation/missing", "img 72148 ordered_at=DX+15 status=ordered"),
            "MRI cancelled": ("deviation/ordered_not_done", "img 72148 ordered_at=DX-28 status=cancelled"),
            "MRI cancelled, ordered before the window": (
                "deviation/missing",
                "img 72148 ordered_at=DX-29 status=cancelled",
            ),
            "MRI declined": ("exception/patient_declined", "obs declined mri @DX"),
            "imaging declined": ("exception/patient_declined", "obs declined imaging @DX"),
            "biopsy declined": ("deviation/missing", "obs declined biopsy @DX"),
            "declined a week after the deadline": ("exception/patient_declined", "obs declined mri @DX+21"),
            "declined later": ("deviation/missing", "obs declined mri @DX+22"),
            "declined the day before the window": ("exception/patient_declined", "obs declined mri @DX-29"),
            "declined earlier": ("deviation/missing", "obs declined mri @DX-30"),
            "declined, later done late": ("exception/patient_declined", f"obs declined mri @DX+1; {MRI} @DX+15"),
            "declined, and done": ("met/on_time", f"obs declined mri @DX+1; {MRI} @DX+9"),
            "declined before hospice": ("exception/patient_declined", "obs declined mri @DX+1; proc 99377 @DX+2"),
            "cancer, no MRI": ("not_applicable/suspicion_or_infection_known", "cond C34.90 @DX+14"),
            "cancer after the deadline, no MRI": ("deviation/missing", "cond C34.90 @DX+15"),
            "cancer a year before": ("not_applicable/suspicion_or_infection_known", "cond C34.90 @DX-365"),
            "cancer more than a year before": ("deviation/missing", "cond C34.90 @DX-366"),
            "infection, no MRI": ("not_applicable/suspicion_or_infection_known", "cond M46.46 @DX+14"),
            "infection more than a year before": ("deviation/missing", "cond M46.46 @DX-366"),
            "suspicious before the MRI": (
                "not_applicable/suspicion_or_infection_known",
                f"{SUSPICIOUS} @DX+2T10:00; {MRI} @DX+3T10:00",
            ),
            "suspicious after the MRI": ("met/on_time", f"{SUSPICIOUS} @DX+4T10:00; {MRI} @DX+3T10:00"),
            "suspicious before, known after the MRI": (
                "met/on_time",
                f"{SUSPICIOUS} @DX+2T10:00 rec=DX+4T10:00; {MRI} @DX+3T10:00",
            ),
            "a former cancer": ("deviation/missing", "cond Z85.3 @DX-900"),
            "hospice the day before": ("excluded/hospice", "proc 99377 @DX-1"),
            "hospice that day": ("exception/goals_of_care", "proc 99377 @DX+0"),
            "hospice on day 14": ("exception/goals_of_care", "proc 99377 @DX+14"),
            "hospice on day 15": ("deviation/missing", "proc 99377 @DX+15"),
            "high energy goes before hospice": ("excluded/high_energy", "cond V43.52XA @DX; proc 99377 @DX-1"),
            "death on day 13": ("censored/ended_before_deadline", "patient deceased_at=DX+13"),
            "death on day 14": ("deviation/missing", "patient deceased_at=DX+14"),
            "unknown contrast, death on day 13": (
                "censored/ended_before_deadline",
                f"patient deceased_at=DX+13; {UNKNOWN_CONTRAST} @DX+2",
            ),
        },
    ),
    *drawn(
        "G1",
        {
            "day 13": ("pending/not_yet_due due=DX+14", ""),
            "day 13, unknown contrast": ("pending/not_yet_due", f"{UNKNOWN_CONTRAST} @DX+2"),
        },
        DAY_13,
    ),
    *drawn("G1", {"day 14": ("deviation/missing", "")}, DAY_14),
    *drawn(
        "G1",
        {
            "loaded to day 13": ("pending/feed_incomplete", ""),
            "loaded to day 13, done on day 14": ("met/on_time", f"{MRI} @DX+14"),
        },
        IMAGING_TO_13,
    ),
    *drawn(
        "G1",
        {
            "no imaging": ("indeterminate/feed_absent", ""),
            "no imaging, declined": ("exception/patient_declined", "obs declined mri @DX"),
            "no imaging, cancer": ("not_applicable/suspicion_or_infection_known", "cond C34.90 @DX+14"),
        },
        WITHOUT_IMAGING,
    ),
    *drawn(
        "G1",
        {
            "no observations": ("deviation/missing", ""),
            "no observations, CT": ("indeterminate/feed_absent", f"{CT} @DX+3"),
            "no observations, MRI with contrast": ("deviation/wrong_contrast", f"{WITH} @DX+3"),
            "no observations, contraindication coded": ("met/alternative", f"{CT} @DX+3; cond Z18.11 @DX"),
        },
        WITHOUT_OBSERVATIONS,
    ),
]

G2 = [
    *drawn("G2", population("not_applicable/no_ct", pathway=True)),
    *drawn(
        "G2",
        {
            "nothing": ("not_applicable/no_ct", ""),
            "death before the window closes": ("not_applicable/no_ct", "patient deceased_at=DX+5"),
            "CT, death before the window closes": (
                "deviation/wrong_modality",
                f"{CT} @DX+3; patient deceased_at=DX+5",
            ),
            "CT on day 14": ("deviation/wrong_modality trigger=DX+14 action=DX+14 severity=low", f"{CT} @DX+14"),
            "CT on day 15": ("not_applicable/no_ct", f"{CT} @DX+15"),
            "CT 28 days before": ("deviation/wrong_modality", f"{CT} @DX-28"),
            "CT 29 days before": ("not_applicable/no_ct", f"{CT} @DX-29"),
            "CT of the thoracic spine": ("not_applicable/no_ct", "img 72128 @DX+3"),
            "CT ordered": ("not_applicable/no_ct", "img 72131 ordered_at=DX+3 status=ordered"),
            "CT with contrast": ("deviation/wrong_modality", f"{CT_WITH} @DX+3"),
            "the first of two CTs": ("deviation/wrong_modality trigger=DX+2", f"{CT} @DX+9; {CT} @DX+2"),
            "CT and MRI": ("not_applicable/mri_done", f"{CT} @DX+3; {MRI} @DX+14"),
            "CT and MRI before": ("not_applicable/mri_done", f"{CT} @DX+3; {MRI} @DX-28"),
            "CT and MRI after the window": ("deviation/wrong_modality", f"{CT} @DX+3; {MRI} @DX+15"),
            "CT and MRI before the window": ("deviation/wrong_modality", f"{CT} @DX+3; {MRI} @DX-29"),
            "MRI and no CT": ("not_applicable/mri_done", f"{MRI} @DX+14"),
            "CT and MRI elsewhere": ("deviation/wrong_modality", f"{CT} @DX+3; img 72146 @DX+4"),
            "contraindication three days later": ("met/alternative", f"{CT} @DX+5; {PRESENT} @DX+8"),
            "contraindication four days later": ("deviation/wrong_modality", f"{CT} @DX+5; {PRESENT} @DX+9"),
            "contraindication long before": ("met/alternative", f"{CT} @DX+5; {PRESENT} @DX-900"),
            "contraindication coded": ("met/alternative", f"{CT} @DX+5; cond Z18.11 @DX+8"),
            "contraindication dated before, charted late": (
                "met/alternative",
                f"{CT} @DX+5; {PRESENT} @DX+8 rec=DX+60",
            ),
            "no MRI to be had three days later": ("met/alternative", f"{CT} @DX+5; obs mri-unavailable yes @DX+8"),
            "no MRI to be had four days later": (
                "deviation/wrong_modality",
                f"{CT} @DX+5; obs mri-unavailable yes @DX+9",
            ),
            "no MRI to be had three days before": ("met/alternative", f"{CT} @DX+5; obs mri-unavailable yes @DX+2"),
            "no MRI to be had four days before": (
                "deviation/wrong_modality",
                f"{CT} @DX+5; obs mri-unavailable yes @DX+1",
            ),
            "MRI declined": ("exception/patient_declined", f"{CT} @DX+5; obs declined mri @DX+5"),
            "MRI declined the day before the window": (
                "exception/patient_declined",
                f"{CT} @DX+5; obs declined mri @DX-29",
            ),
            "MRI declined earlier": ("deviation/wrong_modality", f"{CT} @DX+5; obs declined mri @DX-30"),
            "MRI declined a week after": ("exception/patient_declined", f"{CT} @DX+5; obs declined mri @DX+12"),
            "MRI declined later": ("deviation/wrong_modality", f"{CT} @DX+5; obs declined mri @DX+13"),
            "imaging declined": ("deviation/wrong_modality", f"{CT} @DX+5; obs declined imaging @DX+5"),
            "unknown device": ("indeterminate/unknown_device", f"{CT} @DX+5; {DEVICE} @DX+5"),
            "unknown device, declined": (
                "exception/patient_declined",
                f"{CT} @DX+5; {DEVICE} @DX+5; obs declined mri @DX+5",
            ),
            "unknown device, contraindication": ("met/alternative", f"{CT} @DX+5; {DEVICE} @DX+5; {PRESENT} @DX+6"),
            "hospice the day before the CT": ("excluded/hospice", f"{CT} @DX+5; proc 99377 @DX+4"),
            "hospice on the CT's day": ("deviation/wrong_modality", f"{CT} @DX+5; proc 99377 @DX+5"),
            "hospice and no CT": ("not_applicable/no_ct", "proc 99377 @DX-4"),
            "hospice before a CT beside an MRI is before no trigger": (
                "not_applicable/mri_done",
                f"{CT} @DX+5; {MRI} @DX+6; proc 99377 @DX+4",
            ),
        },
    ),
    *drawn(
        "G2",
        {
            "day 13, nothing": ("pending/trigger_not_yet_possible", ""),
            "day 13, CT": ("pending/not_yet_due", f"{CT} @DX+3"),
            "day 13, CT and contraindication": ("pending/not_yet_due", f"{CT} @DX+3; {PRESENT} @DX+3"),
            "day 13, MRI": ("not_applicable/mri_done", f"{MRI} @DX+3"),
            "day 13, death on day 5": ("not_applicable/no_ct", "patient deceased_at=DX+5"),
        },
        DAY_13,
    ),
    *drawn(
        "G2",
        {
            "day 14, nothing": ("not_applicable/no_ct", ""),
            "day 14, CT": ("deviation/wrong_modality", f"{CT} @DX+3"),
        },
        DAY_14,
    ),
    *drawn(
        "G2",
        {
            "loaded to day 13": ("pending/feed_incomplete", ""),
            "loaded to day 13, CT": ("pending/feed_incomplete", f"{CT} @DX+3"),
        },
        IMAGING_TO_13,
    ),
    *drawn("G2", {"no imaging": ("indeterminate/feed_absent", "")}, WITHOUT_IMAGING),
    *drawn(
        "G2",
        {
            "no observations": ("not_applicable/no_ct", ""),
            "no observations, CT": ("indeterminate/feed_absent", f"{CT} @DX+3"),
            "no observations, contraindication coded": ("met/alternative", f"{CT} @DX+3; cond Z18.11 @DX"),
        },
        WITHOUT_OBSERVATIONS,
    ),
]

G3 = [
    *drawn("G3", population("not_applicable/no_mri", pathway=True)),
    *drawn(
        "G3",
        {
            "nothing": ("not_applicable/no_mri", ""),
            "death before the window closes": ("not_applicable/no_mri", "patient deceased_at=DX+5"),
            "without contrast": ("met/on_time trigger=DX+3T10:00 severity=advisory", f"{MRI} @DX+3T10:00"),
            "without and with contrast": ("deviation/not_indicated", f"{BOTH} @DX+3"),
            "with contrast": ("deviation/not_indicated", f"{WITH} @DX+3"),
            "unknown contrast": ("indeterminate/unknown_contrast", f"{UNKNOWN_CONTRAST} @DX+3"),
            "contrast unknown by the row": ("indeterminate/unknown_contrast", f"{BOTH} @DX+3 contrast=unknown"),
            "28 days before": ("deviation/not_indicated", f"{BOTH} @DX-28"),
            "29 days before": ("not_applicable/no_mri", f"{BOTH} @DX-29"),
            "day 14": ("deviation/not_indicated", f"{BOTH} @DX+14"),
            "day 15": ("not_applicable/no_mri", f"{BOTH} @DX+15"),
            "the first MRI decides": ("met/on_time", f"{MRI} @DX+3; {BOTH} @DX+5"),
            "an MRI elsewhere": ("not_applicable/no_mri", "img 72157 @DX+3"),
            "CT with contrast": ("not_applicable/no_mri", f"{CT_WITH} @DX+3"),
            "suspicious 48 hours later": ("met/indicated", f"{BOTH} @DX+3T10:00; {SUSPICIOUS} @DX+5T10:00"),
            "suspicious a minute later still": (
                "deviation/not_indicated",
                f"{BOTH} @DX+3T10:00; {SUSPICIOUS} @DX+5T10:01",
            ),
            "suspicious two days later, no hour": ("met/indicated", f"{BOTH} @DX+3; {SUSPICIOUS} @DX+5T23:59"),
            "suspicious three days later, no hour": (
                "deviation/not_indicated",
                f"{BOTH} @DX+3; {SUSPICIOUS} @DX+6T00:00",
            ),
            "suspicious before, charted after": (
                "deviation/not_indicated",
                f"{BOTH} @DX+3T10:00; {SUSPICIOUS} @DX+2T10:00 rec=DX+6T10:00",
            ),
            "cancer a year before T0": ("met/indicated", f"{BOTH} @DX+3; cond C34.90 @DX-365"),
            "cancer earlier": ("deviation/not_indicated", f"{BOTH} @DX+3; cond C34.90 @DX-366"),
            "infection": ("met/indicated", f"{BOTH} @DX+3; cond M46.46 @DX-365"),
            "infection earlier": ("deviation/not_indicated", f"{BOTH} @DX+3; cond M46.46 @DX-366"),
            "a former cancer": ("deviation/not_indicated", f"{BOTH} @DX+3; cond Z85.3 @DX-9"),
            "unknown contrast and cancer": ("met/indicated", f"{UNKNOWN_CONTRAST} @DX+3; cond C34.90 @DX-9"),
            "without contrast and cancer": ("met/on_time", f"{MRI} @DX+3; cond C34.90 @DX-9"),
            "hospice the day before the MRI": ("excluded/hospice", f"{BOTH} @DX+5; proc 99377 @DX+4"),
            "hospice on the MRI's day": ("deviation/not_indicated", f"{BOTH} @DX+5; proc 99377 @DX+5"),
            "death after the MRI": ("deviation/not_indicated", f"{BOTH} @DX+5; patient deceased_at=DX+6"),
        },
    ),
    *drawn(
        "G3",
        {
            "day 13, nothing": ("pending/trigger_not_yet_possible", ""),
            "charting grace": ("pending/charting_grace", f"{BOTH} @DX+12"),
            "no more charting grace": ("deviation/not_indicated", f"{BOTH} @DX+11"),
            "unknown contrast in charting grace": ("pending/charting_grace", f"{UNKNOWN_CONTRAST} @DX+12"),
            "justified in charting grace": ("met/on_time", f"{MRI} @DX+12"),
        },
        DAY_13,
    ),
    *drawn("G3", {"day 14, nothing": ("not_applicable/no_mri", "")}, DAY_14),
    *drawn("G3", {"loaded to day 13": ("pending/feed_incomplete", "")}, IMAGING_TO_13),
    *drawn("G3", {"no imaging": ("indeterminate/feed_absent", "")}, WITHOUT_IMAGING),
    *drawn(
        "G3",
        {
            "no observations": ("indeterminate/feed_absent", f"{BOTH} @DX+3"),
            "no observations, unknown contrast": ("indeterminate/unknown_contrast", f"{UNKNOWN_CONTRAST} @DX+3"),
            "no observations, without contrast": ("met/on_time", f"{MRI} @DX+3"),
            "no observations, cancer": ("met/indicated", f"{BOTH} @DX+3; cond C34.90 @DX"),
        },
        WITHOUT_OBSERVATIONS,
    ),
]

G4 = [
    *drawn("G4", population("deviation/missing", pathway=True)),
    *drawn(
        "G4",
        {
            "nothing": ("deviation/missing trigger=DX+0 due=DX+14 severity=high", ""),
            "benign on day 14": ("met/on_time action=DX+14", f"{BENIGN} @DX+14"),
            "benign on day 15": ("deviation/late late=1", f"{BENIGN} @DX+15"),
            "benign 28 days before": ("met/on_time", f"{BENIGN} @DX-28"),
            "benign 29 days before": ("deviation/missing", f"{BENIGN} @DX-29"),
            "suspicious": ("met/on_time", f"{SUSPICIOUS} @DX"),
            "a tumour of the spine on day 14": ("met/on_time", "cond C41.2 @DX+14"),
            "a tumour of the spine on day 15": ("deviation/late", "cond C41.2 @DX+15"),
            "a tumour of the spine 29 days before": ("deviation/missing", "cond C41.2 @DX-29"),
            "a cancer elsewhere": ("deviation/missing", "cond C34.90 @DX"),
            "a tumour of the spine refuted": ("deviation/missing", "cond C41.2 @DX verification=refuted"),
            "biopsy on day 14": ("met/on_time", "proc 20225 @DX+14"),
            "biopsy on day 15": ("deviation/late", "proc 20225 @DX+15"),
            "biopsy stopped": ("deviation/missing", "proc 20225 @DX+3 status=stopped"),
            "biopsy among the imaging": ("met/on_time", "img 20225 @DX+3"),
            "biopsy among the imaging, ordered": ("deviation/missing", "img 20225 ordered_at=DX+3 status=ordered"),
            "MRI on day 14": ("indeterminate/report_not_available", f"{MRI} @DX+14"),
            "MRI on day 15": ("deviation/missing", f"{MRI} @DX+15"),
            "MRI 28 days before": ("indeterminate/report_not_available", f"{MRI} @DX-28"),
            "MRI 29 days before": ("deviation/missing", f"{MRI} @DX-29"),
            "CT": ("indeterminate/report_not_available", f"{CT} @DX+3"),
            "radiograph": ("deviation/missing", "img 72100 @DX+3"),
            "MRI elsewhere": ("deviation/missing", "img 72146 @DX+3"),
            "MRI, and benign late": ("deviation/late", f"{MRI} @DX+3; {BENIGN} @DX+15"),
            "late after the end is missing": ("deviation/missing", f"patient deceased_at=DX+20; {BENIGN} @DX+21"),
            "hospice the day before": ("excluded/hospice", "proc 99377 @DX-1"),
            "hospice on day 14": ("exception/goals_of_care", "proc 99377 @DX+14"),
            "hospice on day 15": ("deviation/missing", "proc 99377 @DX+15"),
            "death on day 13": ("censored/ended_before_deadline", "patient deceased_at=DX+13"),
            "death on day 14": ("deviation/missing", "patient deceased_at=DX+14"),
            "MRI, death on day 13": ("censored/ended_before_deadline", f"patient deceased_at=DX+13; {MRI} @DX+2"),
        },
    ),
    *drawn(
        "G4", {"day 13": ("pending/not_yet_due", ""), "day 13, MRI": ("pending/not_yet_due", f"{MRI} @DX+2")}, DAY_13
    ),
    *drawn("G4", {"day 14": ("deviation/missing", "")}, DAY_14),
    *drawn("G4", {"loaded to day 13": ("pending/feed_incomplete", "")}, IMAGING_TO_13),
    *drawn("G4", {"procedures to day 13": ("pending/feed_incomplete", "")}, Site(through=(("procedures", "DX+13"),))),
    *drawn("G4", {"no imaging": ("indeterminate/feed_absent", "")}, WITHOUT_IMAGING),
    *drawn(
        "G4",
        {
            "no observations": ("indeterminate/feed_absent", ""),
            "no observations, MRI": ("indeterminate/report_not_available", f"{MRI} @DX"),
            "no observations, biopsy late": ("deviation/late", "proc 20225 @DX+15"),
        },
        WITHOUT_OBSERVATIONS,
    ),
    *drawn("G4", {"no procedures": ("indeterminate/feed_absent", "")}, Site(absent=("procedures",))),
    *drawn(
        "G4",
        {
            "no assessment anywhere": ("indeterminate/feed_absent", ""),
            "no assessment anywhere, MRI": ("indeterminate/report_not_available", f"{MRI} @DX"),
            "no assessment anywhere, biopsy": ("met/on_time", "proc 20225 @DX"),
        },
        Site(silent=("pathology-assessment",)),
    ),
]


@pytest.mark.parametrize("point", G1, ids=str)
def test_g1(point: Point) -> None:
    assert point.found == point.wanted


@pytest.mark.parametrize("point", G2, ids=str)
def test_g2(point: Point) -> None:
    assert point.found == point.wanted


@pytest.mark.parametrize("point", G3, ids=str)
def test_g3(point: Point) -> None:
    assert point.found == point.wanted


@pytest.mark.parametrize("point", G4, ids=str)
def test_g4(point: Point) -> None:
    assert point.found == point.wanted
