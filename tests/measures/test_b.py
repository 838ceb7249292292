"""B1 and B2: bedside signs where MRI is not immediately available. DX is 2024-03-12 10:00."""

import pytest

from tests.measures.drawing import Point, Site, drawn, population

MRI = "img 72148"
UNAVAILABLE = "obs mri-unavailable yes"


def of_sign(measure: str, sign: str) -> list[Point]:
    """The two measures are the same but for the sign."""
    found = f"obs {sign} positive"
    return [
        *drawn(measure, population("deviation/missing", pathway=True)),
        *drawn(
            measure,
            {
                "nothing": ("deviation/missing due=DX+24h severity=advisory", ""),
                "24 hours before": ("met/on_time", f"{found} @DX-24h"),
                "more than 24 hours before": ("deviation/missing", f"{found} @DX-24h-1m"),
                "24 hours after": ("met/on_time action=DX+24h flags=none", f"{found} @DX+24h"),
                "a minute more": ("deviation/late late=0.02", f"{found} @DX+24h+1m"),
                "the next day, no hour": ("met/on_time flags=date_only", f"{found} @DX+1"),
                "two days later, no hour": ("deviation/late late=1", f"{found} @DX+2"),
                "the day before, no hour": ("met/on_time flags=date_only", f"{found} @DX-1"),
                "negative": ("met/on_time", f"obs {sign} negative @DX"),
                "another sign": ("deviation/missing", "obs neuro-exam no-deficit @DX"),
                "late after the end is missing": ("deviation/missing", f"patient deceased_at=DX+5; {found} @DX+6"),
                "MRI after 24 hours": ("not_applicable/mri_immediately_available", f"{MRI} @DX+24h"),
                "MRI a minute later": ("deviation/missing", f"{MRI} @DX+24h+1m"),
                "MRI the next day, no hour": ("not_applicable/mri_immediately_available", f"{MRI} @DX+1"),
                "MRI two days later, no hour": ("deviation/missing", f"{MRI} @DX+2"),
                "MRI 28 days before": ("not_applicable/mri_immediately_available", f"{MRI} @DX-28"),
                "MRI 29 days before": ("deviation/missing", f"{MRI} @DX-29"),
                "MRI elsewhere": ("deviation/missing", "img 72146 @DX"),
                "MRI ordered": ("deviation/missing", "img 72148 ordered_at=DX status=ordered"),
                "CT": ("deviation/missing", "img 72131 @DX"),
                "MRI said to be unavailable": ("deviation/missing", f"{MRI} @DX+20h; {UNAVAILABLE} @DX+24h"),
                "MRI said to be unavailable too late": (
                    "not_applicable/mri_immediately_available",
                    f"{MRI} @DX+20h; {UNAVAILABLE} @DX+24h+1m",
                ),
                "MRI unavailable, sign found": ("met/on_time", f"{MRI} @DX+20h; {UNAVAILABLE} @DX; {found} @DX"),
                "MRI of unknown region": (
                    "indeterminate/unknown_regions",
                    "img CPT:00000 modality=mri contrast=both @DX+24h",
                ),
                "MRI of unknown region too late": (
                    "deviation/missing",
                    "img CPT:00000 modality=mri contrast=both @DX+24h+1m",
                ),
                "MRI of unknown region, unavailable": (
                    "deviation/missing",
                    f"img CPT:00000 modality=mri contrast=both @DX; {UNAVAILABLE} @DX",
                ),
                "MRI of unknown region and one of it": (
                    "not_applicable/mri_immediately_available",
                    f"img CPT:00000 modality=mri contrast=both @DX-9; {MRI} @DX",
                ),
                "a deficit after 24 hours": ("not_applicable/deficit", "obs neuro-exam deficit @DX+24h"),
                "a deficit a minute later": ("deviation/missing", "obs neuro-exam deficit @DX+24h+1m"),
                "a deficit coded": ("not_applicable/deficit", "cond G83.4 @DX"),
                "a deficit 30 days before": ("not_applicable/deficit", "cond G83.4 @DX-30"),
                "a deficit earlier is the baseline": ("deviation/missing", "cond G83.4 @DX-31"),
                "a deficit billed at discharge goes by its encounter": (
                    "not_applicable/deficit",
                    "enc inpatient @DX id=e to=DX+72h; cond G83.4 @DX+80h role=billing in=e",
                ),
                "a soft deficit": ("deviation/missing", "cond R32 @DX"),
                "hospice the day before": ("excluded/hospice", "proc 99377 @DX-1"),
                "hospice the next day": ("exception/goals_of_care", "proc 99377 @DX+1"),
                "hospice later": ("deviation/missing", "proc 99377 @DX+2"),
                "death that day": ("censored/ended_before_trigger", "patient deceased_at=DX+0"),
                "death the next day": ("deviation/missing", "patient deceased_at=DX+1"),
            },
        ),
        *drawn(
            measure,
            {
                "that day": ("pending/trigger_not_yet_possible", ""),
                "that day, MRI": ("not_applicable/mri_immediately_available", f"{MRI} @DX"),
                "that day, a deficit": ("not_applicable/deficit", "cond G83.4 @DX"),
            },
            Site(as_of="DX+0"),
        ),
        *drawn(measure, {"the next day": ("deviation/missing", "")}, Site(as_of="DX+1")),
        *drawn(measure, {"imaging to that day": ("pending/feed_incomplete", "")}, Site(through=(("imaging", "DX+0"),))),
        *drawn(
            measure,
            {
                "observations to that day": ("pending/feed_incomplete", ""),
                "observations to that day, MRI": ("not_applicable/mri_immediately_available", f"{MRI} @DX"),
            },
            Site(through=(("observations", "DX+0"),)),
        ),
        *drawn(
            measure,
            {
                "no imaging": ("indeterminate/feed_absent", ""),
                "no imaging, a deficit": ("not_applicable/deficit", "cond G83.4 @DX"),
                "no imaging, MRI unavailable": ("deviation/missing", f"{UNAVAILABLE} @DX"),
            },
            Site(absent=("imaging",)),
        ),
        *drawn(
            measure,
            {
                "no observations": ("indeterminate/feed_absent", ""),
                "no observations, MRI": ("not_applicable/mri_immediately_available", f"{MRI} @DX"),
            },
            Site(absent=("observations",)),
        ),
        *drawn(measure, {"no such sign anywhere": ("indeterminate/feed_absent", "")}, Site(silent=(sign,))),
    ]


B1 = of_sign("B1", "percussion-sign")
B2 = of_sign("B2", "supine-sign")


@pytest.mark.parametrize("point", B1, ids=str)
def test_b1(point: Point) -> None:
    assert point.found == point.wanted


@pytest.mark.parametrize("point", B2, ids=str)
def test_b2(point: Point) -> None:
    assert point.found == point.wanted
