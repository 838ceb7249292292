"""S1 to S7: who should be sent to a surgeon, how soon, and who should not."""

import pytest

from tests.measures.drawing import Site, drawn

D = "obs neuro-exam deficit @DX+1T08:00"
SURGEON = "specialty_system=LOCAL specialty=neurosurgery"
HOSPICE = "cond SNOMED:385763009"
MISSING = "deviation/missing"

S1 = [
    *drawn(
        "S1",
        {
            "nothing recorded": ("not_applicable/no_deficit_recorded", ""),
            "examined without a deficit": ("not_applicable/intact", "obs neuro-exam no-deficit @DX"),
            "a deficit known from before": ("not_applicable/intact", "obs neuro-exam deficit-known @DX"),
            "examined the day before T0 only": (
                "not_applicable/no_deficit_recorded",
                "obs neuro-exam no-deficit @DX-1",
            ),
            "hospice but no deficit": ("not_applicable/no_deficit_recorded", f"{HOSPICE} @DX-10"),
            "a deficit 7 days before T0, contact by DX + 24 h": (
                "met/on_time trigger=DX-7T08:00 due=DX+24h action=DX+24h",
                "obs neuro-exam deficit @DX-7T08:00; ref neurosurgery @DX+24h priority=stat",
            ),
            "a deficit 7 days before T0, contact in between": (
                "met/on_time action=DX-6T08:00",
                "obs neuro-exam deficit @DX-7T08:00; ref neurosurgery @DX-6T08:00 priority=stat",
            ),
            "a deficit 8 days before T0": (
                "not_applicable/no_deficit_recorded",
                "obs neuro-exam deficit @DX-8T08:00",
            ),
            "a deficit on the last day of the case": (
                "censored/ended_before_deadline trigger=DX+365T08:00",
                "obs neuro-exam deficit @DX+365T08:00",
            ),
            "a deficit after the case": (
                "not_applicable/no_deficit_recorded",
                "obs neuro-exam deficit @DX+366T08:00",
            ),
            "known later than it happened": (
                "deviation/missing trigger=DX+2T08:00 due=DX+3T08:00",
                "obs neuro-exam deficit @DX+1T08:00 rec=DX+2T08:00",
            ),
            "a refuted code": ("not_applicable/no_deficit_recorded", "cond G83.4 @DX+1 verification=refuted"),
            "a differential code": ("not_applicable/no_deficit_recorded", "cond G83.4 @DX+1 verification=differential"),
            "a code on an order": ("not_applicable/no_deficit_recorded", "cond G83.4 @DX+1 role=order"),
            "a provisional code": ("deviation/missing", "cond G83.4 @DX+1 verification=provisional"),
            "a cancelled examination": (
                "not_applicable/no_deficit_recorded",
                "obs neuro-exam deficit @DX+1 status=cancelled",
            ),
            "an adult at T0": ("deviation/missing", f"{D}; patient birth_date=2006-03-12"),
            "a minor until the day after T0": ("excluded/age", f"{D}; patient birth_date=2006-03-13"),
            "high energy does not exclude": ("deviation/missing", f"{D}; cond V43.52XA @DX"),
            "a tumour does not exclude": ("deviation/missing", f"{D}; cond C79.51 @DX-100"),
            "an old fracture does not exclude": ("deviation/missing", f"{D}; cond S32.020D @DX-100"),
        },
    ),
    *drawn(
        "S1",
        {
            "nobody": ("deviation/missing due=DX+2T08:00 severity=critical", ""),
            "a referral at the deadline": (
                "met/on_time due=DX+2T08:00 action=DX+2T08:00 flags=none",
                "ref neurosurgery @DX+2T08:00 priority=urgent",
            ),
            "a minute late": ("deviation/late late=0.02 severity=high", "ref neurosurgery @DX+2T08:01 priority=urgent"),
            "5:59 h late": ("deviation/late late=5.98 severity=high", "ref neurosurgery @DX+2T13:59 priority=stat"),
            "6 h late": ("deviation/late late=6 severity=critical", "ref neurosurgery @DX+2T14:00 priority=stat"),
            "a referral without a time on the next day": (
                "met/on_time flags=date_only",
                "ref neurosurgery @DX+2 priority=asap",
            ),
            "a referral without a time two days after": (
                "deviation/late late=1",
                "ref neurosurgery @DX+3 priority=asap",
            ),
            "orthopaedic surgery": ("met/on_time", "ref orthopaedic_surgery @DX+1T09:00 priority=urgent"),
            "spine surgery": ("met/on_time", "ref spine_surgery @DX+1T09:00 priority=urgent"),
            "without priority": ("met/on_time flags=priority_unknown", "ref neurosurgery @DX+1T09:00"),
            "without priority, and another way": (
                "met/on_time flags=none",
                "ref neurosurgery @DX+1T09:00; obs discussed-with surgery @DX+1T10:00",
            ),
            "routine": ("deviation/wrong_priority", "ref neurosurgery @DX+1T09:00 priority=routine"),
            "routine, after the deadline": ("deviation/wrong_priority", "ref neurosurgery @DX+9 priority=routine"),
            "routine before the deficit": ("deviation/missing", "ref neurosurgery @DX+1T07:00 priority=routine"),
            "routine, but completed in time": (
                "met/on_time action=DX+2T07:00",
                "ref neurosurgery @DX+1T09:00 priority=routine status=completed completed_at=DX+2T07:00",
            ),
            "routine, completed late": (
                "deviation/late late=2",
                "ref neurosurgery @DX+1T09:00 priority=routine status=completed completed_at=DX+2T10:00",
            ),
            "an old referral completed in time": (
                "met/on_time action=DX+2T07:00",
                "ref neurosurgery @DX-20 priority=routine status=completed completed_at=DX+2T07:00",
            ),
            "a draft": ("deviation/missing", "ref neurosurgery @DX+1T09:00 priority=stat status=draft"),
            "revoked": ("deviation/missing", "ref neurosurgery @DX+1T09:00 priority=stat status=revoked"),
            "revoked, yet completed": (
                "met/on_time",
                "ref neurosurgery @DX+1T09:00 priority=stat status=revoked completed_at=DX+1T10:00",
            ),
            "for another reason": (
                "deviation/missing",
                "ref neurosurgery @DX+1T09:00 priority=stat reason_code_system=ICD10CM reason_code=I10",
            ),
            "for back pain": (
                "met/on_time",
                "ref neurosurgery @DX+1T09:00 priority=stat reason_code_system=ICD10CM reason_code=M54.50",
            ),
            "a surgeon's visit": ("met/on_time", f"enc ambulatory @DX+1T12:00 {SURGEON}"),
            "a surgeon's visit for something else": (
                "deviation/missing",
                f"enc ambulatory @DX+1T12:00 {SURGEON} fracture_related=false",
            ),
            "a planned visit": ("deviation/missing", f"enc ambulatory @DX+1T12:00 {SURGEON} status=planned"),
            "a visit not kept": ("deviation/missing", f"enc ambulatory @DX+1T12:00 {SURGEON} status=no-show"),
            "an operation": ("met/on_time", "proc 22558 @DX+2T08:00"),
            "an operation that was stopped": ("deviation/missing", "proc 22558 @DX+2T08:00 status=stopped"),
            "a transfer": (
                "met/on_time action=DX+1T12:00",
                "enc emergency @DX to=DX+1T12:00 disposition=transfer-acute",
            ),
            "discussed": ("met/alternative", "obs discussed-with surgery @DX+2T08:00"),
            "discussed late": ("deviation/late late=1", "obs discussed-with surgery @DX+2T09:00"),
            "a stay under a surgeon": ("met/already_under_care", f"enc inpatient @DX-5 to=DX+5T09:00 {SURGEON}"),
            "a stay under a surgeon that ends at the deficit": (
                "met/already_under_care",
                f"enc inpatient @DX-5 to=DX+1T08:00 {SURGEON}",
            ),
            "a stay under a surgeon that ended before": (
                "deviation/missing",
                f"enc inpatient @DX-5 to=DX+1T07:59 {SURGEON}",
            ),
            "referred urgently 7 days before": (
                "met/already_under_care action=DX-6T08:00",
                "ref neurosurgery @DX-6T08:00 priority=urgent",
            ),
            "referred urgently 8 days before": ("deviation/missing", "ref neurosurgery @DX-7T08:00 priority=urgent"),
            "referred as routine a day before": ("deviation/missing", "ref neurosurgery @DX priority=routine"),
            "referred without priority a day before": ("deviation/missing", "ref neurosurgery @DX"),
            "on time goes before already under care": (
                "met/on_time",
                f"ref neurosurgery @DX+1T09:00 priority=stat; enc inpatient @DX-5 to=DX+5T09:00 {SURGEON}",
            ),
            "already under care goes before discussed": (
                "met/already_under_care",
                f"obs discussed-with surgery @DX+1T09:00; enc inpatient @DX-5 to=DX+5T09:00 {SURGEON}",
            ),
            "unknown specialty": ("indeterminate/unknown_specialty", "ref unknown_specialty @DX+2T08:00"),
            "a specialty of no value set": ("indeterminate/unknown_specialty", "ref ward_round @DX+2T08:00"),
            "unknown specialty too late": ("deviation/missing", "ref unknown_specialty @DX+2T08:01"),
            "a late surgeon after an unknown specialty": (
                "deviation/late late=2",
                "ref unknown_specialty @DX+1T09:00; ref neurosurgery @DX+2T10:00 priority=stat",
            ),
            "neurology instead": ("deviation/wrong_specialty", "ref neurology @DX+2T08:00 priority=stat"),
            "neurology too late": ("deviation/missing", "ref neurology @DX+2T08:01 priority=stat"),
            "wrong priority goes before wrong specialty": (
                "deviation/wrong_priority",
                "ref neurology @DX+1T09:00; ref neurosurgery @DX+5 priority=routine",
            ),
            "declined the day before": ("exception/patient_declined", "obs declined surgery @DX"),
            "declined two days before": ("deviation/missing", "obs declined surgery @DX-1"),
            "declined 7 days after the deadline": ("exception/patient_declined", "obs declined surgery @DX+9"),
            "declined 8 days after the deadline": ("deviation/missing", "obs declined surgery @DX+10"),
            "declined something else": ("deviation/missing", "obs declined mri @DX+1"),
            "met goes before declined": (
                "met/on_time",
                "obs declined surgery @DX+1; ref neurosurgery @DX+1T09:00 priority=stat",
            ),
            "declined goes before late": (
                "exception/patient_declined",
                "obs declined surgery @DX+1; ref neurosurgery @DX+9 priority=stat",
            ),
            "declined goes before operated": (
                "exception/patient_declined",
                "obs declined surgery @DX+1; proc 22558 @DX-20",
            ),
            "operated 30 days before T0": ("exception/treated_before_arrival", "proc 22558 @DX-30"),
            "operated 31 days before T0": ("deviation/missing", "proc 22558 @DX-31"),
            "operated a minute before the deficit": ("exception/treated_before_arrival", "proc 22558 @DX+1T07:59"),
            "hospice the day before": ("excluded/hospice", f"{HOSPICE} @DX"),
            "hospice on the day": ("exception/goals_of_care", f"{HOSPICE} @DX+1"),
            "hospice on the day of the deadline": ("exception/goals_of_care", f"{HOSPICE} @DX+2"),
            "hospice the day after the deadline": ("deviation/missing", f"{HOSPICE} @DX+3"),
            "goals of care go before operated": (
                "exception/goals_of_care",
                f"{HOSPICE} @DX+1; proc 22558 @DX-20",
            ),
            "died before the deadline": (
                "censored/ended_before_deadline",
                "patient deceased_at=DX+2T07:59",
            ),
            "died after the deadline on its day": ("deviation/missing", "patient deceased_at=DX+2T08:01"),
            "died on the day of the deadline": ("deviation/missing", "patient deceased_at=DX+2"),
            "died the day before the deadline": ("censored/ended_before_deadline", "patient deceased_at=DX+1"),
            "followed until the day before the deadline": ("censored/ended_before_deadline", "follow @DX-9 to=DX+1"),
            "followed until the day of the deadline": ("deviation/missing", "follow @DX-9 to=DX+2"),
            "a contact after the end": (
                "censored/ended_before_deadline",
                "follow @DX-9 to=DX+1; ref neurosurgery @DX+2T07:00 priority=stat",
            ),
        },
        also=D,
    ),
    *drawn(
        "S1",
        {
            "a deficit without a time, contact at the end of the next day": (
                "met/on_time due=DX+2 flags=date_only",
                "obs neuro-exam deficit @DX+1; ref neurosurgery @DX+2T23:59 priority=stat",
            ),
            "a deficit without a time, contact at midnight after": (
                "deviation/late late=1",
                "obs neuro-exam deficit @DX+1; ref neurosurgery @DX+3T00:00 priority=stat",
            ),
        },
    ),
]

S1_SOFT = drawn(
    "S1",
    {
        "incontinence and no examination": ("indeterminate/soft_deficit_only", "cond R32 @DX+1T08:00"),
        "incontinence, examined 24 h later": (
            "not_applicable/intact",
            "cond R32 @DX+1T08:00; obs neuro-exam no-deficit @DX+2T08:00",
        ),
        "incontinence, examined a minute after 24 h": (
            "indeterminate/soft_deficit_only",
            "cond R32 @DX+1T08:00; obs neuro-exam no-deficit @DX+2T08:01",
        ),
        "incontinence, examined a minute before": (
            "indeterminate/soft_deficit_only",
            "cond R32 @DX+1T08:00; obs neuro-exam no-deficit @DX+1T07:59",
        ),
        "incontinence without a time, examined on the next day": (
            "not_applicable/intact",
            "cond R32 @DX+1; obs neuro-exam no-deficit @DX+2T23:59",
        ),
        "one of two signs not examined": (
            "indeterminate/soft_deficit_only",
            "cond R32 @DX+1T08:00; cond R33.9 @DX+9; obs neuro-exam no-deficit @DX+1T09:00",
        ),
        "incontinence the day before T0": ("not_applicable/no_deficit_recorded", "cond R32 @DX-1"),
        "incontinence known for longer": ("not_applicable/no_deficit_recorded", "cond R32 @DX+1; cond R32 @DX-31"),
        "incontinence known since 30 days before T0": (
            "indeterminate/soft_deficit_only",
            "cond R32 @DX+1; cond R32 @DX-30",
        ),
        "201 mL left": ("indeterminate/soft_deficit_only", "obs post-void-residual 201 @DX+1"),
        "200 mL left": ("not_applicable/no_deficit_recorded", "obs post-void-residual 200 @DX+1"),
        "a deficit goes before a sign": (MISSING, f"cond R32 @DX; {D}"),
    },
)

CLEAR = "obs neuro-exam no-deficit @DX+3"
S1_AGAIN = drawn(
    "S1",
    {
        "again after 72 h, clear between": (
            f"{MISSING}; {MISSING} trigger=DX+4T08:00 due=DX+5T08:00",
            f"{D}; {CLEAR}; obs neuro-exam deficit @DX+4T08:00",
        ),
        "again a minute before 72 h": (MISSING, f"{D}; {CLEAR}; obs neuro-exam deficit @DX+4T07:59"),
        "again after 72 h, never clear": (MISSING, f"{D}; obs neuro-exam deficit @DX+4T08:00"),
        "the event before counts, not the first": (
            MISSING,
            f"{D}; {CLEAR}; obs neuro-exam deficit @DX+2T12:00; obs neuro-exam deficit @DX+4T08:00",
        ),
        "the first major one after 72 h": (f"{MISSING}; {MISSING} trigger=DX+4T08:00", f"{D}; cond G83.4 @DX+4T08:00"),
        "the first major one a minute before 72 h": (MISSING, f"{D}; cond G83.4 @DX+4T07:59"),
        "the second major one": (MISSING, "cond G83.4 @DX+1T08:00; cond G82.20 @DX+5T08:00"),
        "each by itself": (
            "met/on_time; deviation/missing",
            f"{D}; ref neurosurgery @DX+1T09:00 priority=stat; {CLEAR}; obs neuro-exam deficit @DX+9T08:00",
        ),
    },
)

STAY = "enc inpatient @DX to=DX+5T12:00 id=e"
BILLED = f"{STAY}; cond G83.4 @DX+5T12:00 in=e role=billing"
UNKNOWN_TIME = "indeterminate/deficit_time_unknown"
S1_UNTIMED = drawn(
    "S1",
    {
        "billed, contact within 24 h of the stay's start": (
            "met/on_time due=DX+6T12:00",
            f"{BILLED}; ref neurosurgery @DX+24h priority=stat",
        ),
        "billed, contact a minute after that": (UNKNOWN_TIME, f"{BILLED}; ref neurosurgery @DX+24h+1m priority=stat"),
        "billed, contact at the deadline": (UNKNOWN_TIME, f"{BILLED}; obs discussed-with surgery @DX+6T12:00"),
        "billed, contact after the deadline": (
            "deviation/late late=1",
            f"{BILLED}; ref neurosurgery @DX+6T13:00 priority=stat",
        ),
        "unknown time goes before late and unknown specialty": (
            UNKNOWN_TIME,
            f"{BILLED}; ref neurosurgery @DX+3 priority=stat; ref unknown_specialty @DX+3;"
            "ref neurosurgery @DX+9 priority=stat",
        ),
        "billed, nobody": (MISSING, BILLED),
        "billed, declined": ("exception/patient_declined", f"{BILLED}; obs declined surgery @DX+5"),
        "recorded when the stay ended": (
            UNKNOWN_TIME,
            f"{STAY}; cond G83.4 @DX+5T12:00 in=e; ref neurosurgery @DX+3 priority=stat",
        ),
        "recorded a minute before the stay ended": (
            MISSING,
            f"{STAY}; cond G83.4 @DX+5T11:59 in=e; obs discussed-with surgery @DX+3",
        ),
        "recorded without a time on the stay's last day": (
            MISSING,
            f"{STAY}; cond G83.4 @DX+5 in=e; obs discussed-with surgery @DX+3",
        ),
        "recorded on the day after the stay": (
            UNKNOWN_TIME,
            f"{STAY}; cond G83.4 @DX+6 in=e; obs discussed-with surgery @DX+3",
        ),
        "billed without its encounter on record": (
            MISSING,
            "cond G83.4 @DX+5T12:00 role=billing; obs discussed-with surgery @DX+3",
        ),
    },
)

S1_SITES = [
    *drawn("S1", {"not due on the day before": ("pending/not_yet_due", D)}, Site(as_of="DX+1")),
    *drawn("S1", {"due on the day": (MISSING, D)}, Site(as_of="DX+2")),
    *drawn(
        "S1",
        {
            "the referrals end before the deadline": ("pending/feed_incomplete", D),
            "seen although the feed is behind": ("met/on_time", f"{D}; proc 22558 @DX+2T08:00"),
            "declined although the feed is behind": ("exception/patient_declined", f"{D}; obs declined surgery @DX+1"),
            "ended before the deadline, and the feed": ("censored/ended_before_deadline", f"{D}; follow @DX-9 to=DX+1"),
        },
        Site(as_of="DX+20", through=(("referrals", "DX+1"),)),
    ),
    *drawn(
        "S1",
        {
            "no deficit seen, observations behind": ("pending/feed_incomplete", ""),
            "no deficit seen, observations behind, the case over": (
                "not_applicable/no_deficit_recorded",
                "follow @DX-9 to=DX+100",
            ),
        },
        Site(through=(("observations", "DX+100"),)),
    ),
    *drawn(
        "S1",
        {
            "no observations": ("indeterminate/feed_absent", ""),
            "no observations, a deficit code": (MISSING, "cond G83.4 @DX+1"),
            "no observations, incontinence": ("indeterminate/feed_absent", "cond R32 @DX+1"),
        },
        Site(absent=("observations",)),
    ),
    *drawn(
        "S1",
        {
            "no referrals": ("indeterminate/feed_absent", D),
            "no referrals, discussed": ("met/alternative", f"{D}; obs discussed-with surgery @DX+1T09:00"),
            "no referrals, discussed late": ("deviation/late", f"{D}; obs discussed-with surgery @DX+9"),
        },
        Site(absent=("referrals",)),
    ),
    *drawn(
        "S1",
        {
            "no encounters": ("indeterminate/feed_absent", D),
            "no encounters, unknown specialty": (
                "indeterminate/unknown_specialty",
                f"{D}; ref unknown_specialty @DX+1T09:00",
            ),
            "no encounters, wrong priority": (
                "indeterminate/feed_absent",
                f"{D}; ref neurosurgery @DX+1T09:00 priority=routine",
            ),
        },
        Site(absent=("encounters",)),
    ),
    *drawn(
        "S1",
        {
            "a fracture of no level": (
                "deviation/missing flags=level_unspecified level=unspecified",
                f"dx M80.08XA @DX; {D}",
            )
        },
    ),
    *drawn(
        "S1",
        {"a fracture of no level, switched off": ("no finding", f"dx M80.08XA @DX; {D}")},
        Site(parameters=(("switches.safety_unspecified", "false"),)),
    ),
]

UNSTABLE = "obs stability unstable @DX+1T08:00"
S2 = [
    *drawn(
        "S2",
        {
            "nothing recorded": ("not_applicable/no_instability_recorded", ""),
            "said to be unstable": ("deviation/missing due=DX+4T08:00 severity=high", UNSTABLE),
            "said to be stable": ("not_applicable/no_instability_recorded", "obs stability stable @DX"),
            "TLICS 5": (MISSING, "obs tlics 5 @DX+1"),
            "TLICS 4": ("not_applicable/no_instability_recorded", "obs tlics 4 @DX+1"),
            "SINS 7": (MISSING, "obs sins 7 @DX+1"),
            "SINS 6": ("not_applicable/no_instability_recorded", "obs sins 6 @DX+1"),
            "a code of instability": (MISSING, "cond M53.2X6 @DX+1"),
            "the fracture's own code": ("deviation/missing trigger=DX", "dx S32.022A @DX"),
            "a fracture code of another level": (
                "not_applicable/no_instability_recorded",
                "cond S32.012A @DX",
            ),
            "a fracture code of no level": (MISSING, "cond S32.002A @DX+1"),
            "a fracture code of a later visit": ("not_applicable/no_instability_recorded", "cond S32.022D @DX+10"),
            "14 days before T0": ("deviation/missing due=DX+72h", "obs stability unstable @DX-14T08:00"),
            "15 days before T0": ("not_applicable/no_instability_recorded", "obs stability unstable @DX-15"),
            "known later": (
                "deviation/missing trigger=DX+2T08:00 due=DX+5T08:00",
                "obs stability unstable @DX+1T08:00 rec=DX+2T08:00",
            ),
            "the one known first": (
                "deviation/missing due=DX+5T08:00",
                "obs stability unstable @DX+1T08:00 rec=DX+9T08:00; obs tlics 5 @DX+2T08:00",
            ),
            "no level": ("deviation/missing flags=level_unspecified", f"dx M80.08XA @DX; {UNSTABLE}"),
            "two are one row": (MISSING, f"{UNSTABLE}; obs tlics 8 @DX+30"),
            "a day without a time, contact on the third day": (
                "met/on_time due=DX+4 flags=date_only",
                "obs stability unstable @DX+1; ref neurosurgery @DX+4T23:59",
            ),
            "a day without a time, contact on the fourth": (
                "deviation/late late=1",
                "obs stability unstable @DX+1; ref neurosurgery @DX+5T00:00",
            ),
            "tumour, high energy and old fractures don't exclude": (
                MISSING,
                f"{UNSTABLE}; cond C79.51 @DX-9; cond V43.52XA @DX; cond S32.020D @DX-9",
            ),
        },
    ),
    *drawn(
        "S2",
        {
            "a routine referral at the deadline": (
                "met/on_time action=DX+4T08:00",
                "ref neurosurgery @DX+4T08:00 priority=routine",
            ),
            "a minute late": (
                "deviation/late late=0.02 severity=high",
                "ref neurosurgery @DX+4T08:01 priority=routine",
            ),
            "without priority": ("met/on_time flags=none", "ref neurosurgery @DX+1T09:00"),
            "a day without a time, the third": ("met/on_time flags=date_only", "ref neurosurgery @DX+4"),
            "before the event": (MISSING, "ref neurosurgery @DX+1T07:00 priority=routine"),
            "already under a surgeon": ("met/already_under_care", f"enc inpatient @DX-5 to=DX+5 {SURGEON}"),
            "referred urgently before": ("met/already_under_care", "ref spine_surgery @DX-6T08:00 priority=asap"),
            "referred urgently 8 days before": (MISSING, "ref spine_surgery @DX-7T08:00 priority=asap"),
            "discussed": ("met/alternative", "obs discussed-with surgery @DX+4T08:00"),
            "stable afterwards": ("exception/ruled_out", "obs stability stable @DX+4T08:00"),
            "stable a minute after the deadline": (MISSING, "obs stability stable @DX+4T08:01"),
            "stable before": (MISSING, "obs stability stable @DX+1T07:59"),
            "declined": ("exception/patient_declined", "obs declined surgery @DX"),
            "declined 7 days after the deadline": ("exception/patient_declined", "obs declined surgery @DX+11"),
            "declined 8 days after the deadline": (MISSING, "obs declined surgery @DX+12"),
            "operated 30 days before T0": ("exception/treated_before_arrival", "proc 22558 @DX-30"),
            "operated 31 days before T0": (MISSING, "proc 22558 @DX-31"),
            "operated goes before stable": (
                "exception/treated_before_arrival",
                "proc 22558 @DX-3; obs stability stable @DX+2",
            ),
            "hospice on the day of the deadline": ("exception/goals_of_care", f"{HOSPICE} @DX+4"),
            "hospice the day before": ("excluded/hospice", f"{HOSPICE} @DX"),
            "unknown specialty": ("indeterminate/unknown_specialty", "ref unknown_specialty @DX+4T08:00"),
            "another specialty": ("deviation/wrong_specialty", "ref pain_management @DX+4T08:00"),
            "another specialty late": (MISSING, "ref pain_management @DX+4T08:01"),
            "died before the deadline": ("censored/ended_before_deadline", "patient deceased_at=DX+4T07:59"),
        },
        also=UNSTABLE,
    ),
    *drawn("S2", {"not due on the day before": ("pending/not_yet_due", UNSTABLE)}, Site(as_of="DX+3")),
    *drawn(
        "S2",
        {
            "no observations": ("indeterminate/feed_absent", ""),
            "no observations, a code": (MISSING, "cond M53.2X6 @DX+1"),
        },
        Site(absent=("observations",)),
    ),
    *drawn("S2", {"no procedures": ("indeterminate/feed_absent", UNSTABLE)}, Site(absent=("procedures",))),
]

CARE = "med N02BE01 @DX days=30"  # conservative treatment from DX: its three months end on DX + 92
SEVERE = f"{CARE}; score 5 @DX+80; score 7 @DX+92"  # at x = DX + 92, due DX + 122
NO_RECORD = "indeterminate/no_pain_record"
NOT_TRIGGERED = "not_applicable/not_triggered"
S3 = [
    *drawn(
        "S3",
        {
            "severe and worse at three months": ("deviation/missing trigger=DX+92 due=DX+122", SEVERE),
            "the day before": (NO_RECORD, f"{CARE}; score 5 @DX+80; score 7 @DX+91"),
            "6 is not severe": (NOT_TRIGGERED, f"{CARE}; score 4 @DX+80; score 6 @DX+92"),
            "a point worse is not worse": (NOT_TRIGGERED, f"{CARE}; score 6 @DX+80; score 7 @DX+92"),
            "compared with 90 days before": (MISSING, f"{CARE}; score 5 @DX+10; score 7 @DX+100"),
            "compared with 91 days before": (NOT_TRIGGERED, f"{CARE}; score 5 @DX+9; score 7 @DX+100"),
            "compared with 7 days before": (MISSING, f"{CARE}; score 5 @DX+93; score 7 @DX+100"),
            "compared with 6 days before": (NOT_TRIGGERED, f"{CARE}; score 5 @DX+94; score 7 @DX+100"),
            "severe and said to worsen": (MISSING, f"{CARE}; score 7 @DX+92; obs course worsening @DX+92"),
            "severe and said to persist": (NOT_TRIGGERED, f"{CARE}; score 7 @DX+92; obs course persistent @DX+92"),
            "said to worsen, no score": ("indeterminate/severity_not_recorded", f"{CARE}; obs course worsening @DX+92"),
            "said to worsen before three months": (NO_RECORD, f"{CARE}; obs course worsening @DX+91"),
            "said to worsen, a score 7 days later": (
                NOT_TRIGGERED,
                f"{CARE}; obs course worsening @DX+92; score 5 @DX+99",
            ),
            "said to worsen, a score 8 days later": (
                "indeterminate/severity_not_recorded",
                f"{CARE}; obs course worsening @DX+92; score 5 @DX+100",
            ),
            "no treatment and no such pain": ("not_applicable/no_conservative_care", "score 5 @DX+92"),
            "no treatment and no record": ("not_applicable/no_conservative_care", ""),
            "no treatment, such pain at M3": (
                "indeterminate/no_conservative_care_record",
                "score 5 @DX+80; score 7 @DX+92",
            ),
            "no treatment, such pain the day before M3": (
                "not_applicable/no_conservative_care",
                "score 5 @DX+80; score 7 @DX+91",
            ),
            "no record, resolved before": ("not_applicable/resolved", f"{CARE}; score 3 @DX+60"),
            "no record, said to be resolved before": (
                "not_applicable/resolved",
                f"{CARE}; score 5 @DX+60; obs course resolved @DX+60",
            ),
            "no record, 4 before": (NO_RECORD, f"{CARE}; score 4 @DX+60"),
            "no record at all": (NO_RECORD, CARE),
            "three months of a later treatment": (
                "deviation/missing trigger=DX+99",
                "med N02BE01 @DX+7 days=9; score 5 @DX+80; score 7 @DX+98; score 8 @DX+99",
            ),
            "a treatment that runs on T0": (
                "deviation/missing trigger=DX+92",
                "med N02BE01 @DX-30 days=31; score 5 @DX+80; score 7 @DX+92",
            ),
            "a treatment that ended before T0": (
                "indeterminate/no_conservative_care_record",
                "med N02BE01 @DX-30 days=30; score 5 @DX+80; score 7 @DX+92",
            ),
            "scores of another visit": (
                NO_RECORD,
                f"{CARE}; enc ambulatory @DX+92 id=o fracture_related=false; score 5 @DX+80; score 7 @DX+92 in=o",
            ),
            "80 mm": ("deviation/missing", f"{CARE}; score 5 @DX+80; score 70 @DX+92 unit=mm"),
            "followed until the day before three months": (
                "censored/ended_before_trigger",
                f"{CARE}; follow @DX-9 to=DX+91",
            ),
            "followed for 29 days more without a record": (
                "censored/ended_before_trigger",
                f"{CARE}; follow @DX-9 to=DX+121",
            ),
            "followed for 30 days more without a record": (NO_RECORD, f"{CARE}; follow @DX-9 to=DX+122"),
            "followed until the day before the deadline": (
                "censored/ended_before_deadline",
                f"{SEVERE}; follow @DX-9 to=DX+121",
            ),
            "high energy": ("excluded/high_energy", f"{SEVERE}; cond V43.52XA @DX"),
            "neoplastic": ("excluded/neoplastic", f"{SEVERE}; cond C79.51 @DX-9"),
            "prevalent": ("excluded/prevalent", f"{SEVERE}; cond S32.020D @DX-9"),
            "no level": ("no finding", f"dx M80.08XA @DX; {SEVERE}"),
        },
    ),
    *drawn(
        "S3",
        {
            "contact 90 days before": ("met/on_time action=DX+2", "ref neurosurgery @DX+2 priority=routine"),
            "contact 91 days before": (MISSING, "ref neurosurgery @DX+1 priority=routine"),
            "contact on the deadline": ("met/on_time", "ref neurosurgery @DX+122"),
            "contact the day after": ("deviation/late late=1 severity=moderate", "ref neurosurgery @DX+123"),
            "an operation": ("met/on_time", "proc 22558 @DX+122"),
            "discussed": ("met/alternative", "obs discussed-with surgery @DX+122"),
            "considered does not count": (MISSING, "obs considered surgery @DX+100"),
            "declined the day before": ("exception/patient_declined", "obs declined surgery @DX+91"),
            "declined two days before": (MISSING, "obs declined surgery @DX+90"),
            "declined 7 days after the deadline": ("exception/patient_declined", "obs declined surgery @DX+129"),
            "declined 8 days after the deadline": (MISSING, "obs declined surgery @DX+130"),
            "unknown specialty": ("indeterminate/unknown_specialty", "ref unknown_specialty @DX+122"),
            "unknown specialty, late": (MISSING, "ref unknown_specialty @DX+123"),
            "another specialty": ("deviation/wrong_specialty", "ref pain_management @DX+100"),
            "hospice by the deadline": ("exception/goals_of_care", f"{HOSPICE} @DX+122"),
            "hospice before": ("excluded/hospice", f"{HOSPICE} @DX+91"),
        },
        also=SEVERE,
    ),
    *drawn(
        "S3",
        {"before three months": ("pending/trigger_not_yet_possible", f"{CARE}; score 8 @DX+80")},
        Site(as_of="DX+91"),
    ),
    *drawn(
        "S3",
        {
            "29 days without a record": ("pending/trigger_not_yet_possible", CARE),
            "not due": ("pending/not_yet_due", SEVERE),
            "a low record": (NOT_TRIGGERED, f"{CARE}; score 2 @DX+92"),
        },
        Site(as_of="DX+121"),
    ),
    *drawn("S3", {"30 days without a record": (NO_RECORD, CARE), "due": (MISSING, SEVERE)}, Site(as_of="DX+122")),
    *drawn(
        "S3", {"observations behind": ("pending/feed_incomplete", CARE)}, Site(through=(("observations", "DX+100"),))
    ),
    *drawn(
        "S3",
        {
            "no medications": ("indeterminate/feed_absent", "score 5 @DX+92"),
            "no observations": ("indeterminate/feed_absent", CARE),
        },
        Site(absent=("medications", "observations")),
    ),
    *drawn(
        "S3",
        {"84 days": ("deviation/missing trigger=DX+84", f"{CARE}; score 5 @DX+70; score 7 @DX+83; score 8 @DX+84")},
        Site(parameters=(("clocks.three_months", '"84d"'),)),
    ),
    *drawn(
        "S3",
        {"90 days": ("deviation/missing trigger=DX+90", f"{CARE}; score 5 @DX+70; score 7 @DX+89; score 8 @DX+90")},
        Site(parameters=(("clocks.three_months", '"90d"'),)),
    ),
]

BENT = "obs kyphosis-angle 30 @DX+10"  # x = DX + 10, due DX + 40
NO_DEFORMITY = "not_applicable/no_significant_deformity"
S4 = [
    *drawn(
        "S4",
        {
            "nothing measured": (NO_DEFORMITY, ""),
            "30 degrees": ("deviation/missing trigger=DX+10 due=DX+40 severity=moderate", BENT),
            "29 degrees": (NO_DEFORMITY, "obs kyphosis-angle 29.9 @DX+10"),
            "half of the height": (MISSING, "obs height-loss 50 @DX+10"),
            "nearly half of the height": (NO_DEFORMITY, "obs height-loss 49.9 @DX+10"),
            "10 degrees more": (
                "deviation/missing trigger=DX+20",
                "obs kyphosis-angle 5 @DX; obs kyphosis-angle 15 @DX+20",
            ),
            "9 degrees more": (NO_DEFORMITY, "obs kyphosis-angle 5 @DX; obs kyphosis-angle 14.9 @DX+20"),
            "10 degrees less": (NO_DEFORMITY, "obs kyphosis-angle 15 @DX; obs kyphosis-angle 5 @DX+20"),
            "10 degrees more, both standing": (
                MISSING,
                "obs kyphosis-angle 5 @DX value_code=standing; obs kyphosis-angle 15 @DX+20 value_code=standing",
            ),
            "10 degrees more, in another posture": (
                "indeterminate/posture_mismatch",
                "obs kyphosis-angle 5 @DX value_code=supine; obs kyphosis-angle 15 @DX+20 value_code=standing",
            ),
            "10 degrees more, in an unknown posture": (
                "indeterminate/posture_mismatch",
                "obs kyphosis-angle 5 @DX; obs kyphosis-angle 15 @DX+20 value_code=standing",
            ),
            "another posture, and 30 degrees": (
                MISSING,
                "obs kyphosis-angle 25 @DX value_code=supine; obs kyphosis-angle 35 @DX+20 value_code=standing",
            ),
            "20 points of height more": (MISSING, "obs height-loss 10 @DX; obs height-loss 30 @DX+20"),
            "19 points of height more": (NO_DEFORMITY, "obs height-loss 10 @DX; obs height-loss 29.9 @DX+20"),
            "an angle is not compared with a loss": (
                NO_DEFORMITY,
                "obs height-loss 5 @DX; obs kyphosis-angle 28 @DX+20",
            ),
            "at the level": (MISSING, f"{BENT} level=L2"),
            "at another level": (NO_DEFORMITY, f"{BENT} level=L1"),
            "14 days before T0": ("deviation/missing due=DX+30", "obs kyphosis-angle 30 @DX-14"),
            "15 days before T0": (NO_DEFORMITY, "obs kyphosis-angle 30 @DX-15"),
            "compared with 15 days before T0": (
                NO_DEFORMITY,
                "obs kyphosis-angle 5 @DX-15; obs kyphosis-angle 20 @DX+20",
            ),
            "known later": ("deviation/missing due=DX+50", "obs kyphosis-angle 30 @DX+10 rec=DX+20"),
            "a code and no measurement": ("indeterminate/unmeasured_deformity", "cond M40.04 @DX+10"),
            "a code and a measurement": (NO_DEFORMITY, "cond M40.04 @DX+10; obs kyphosis-angle 10 @DX+10"),
            "high energy": ("excluded/high_energy", f"{BENT}; cond V43.52XA @DX"),
            "followed until the day before the deadline": (
                "censored/ended_before_deadline",
                f"{BENT}; follow @DX-9 to=DX+39",
            ),
        },
    ),
    *drawn(
        "S4",
        {
            "contact 90 days before": ("met/on_time", "ref spine_surgery @DX-80"),
            "contact 91 days before": (MISSING, "ref spine_surgery @DX-81"),
            "contact on the deadline": ("met/on_time", "ref spine_surgery @DX+40"),
            "contact the day after": ("deviation/late late=1", "ref spine_surgery @DX+41"),
            "discussed": ("met/alternative", "obs discussed-with surgery @DX+40"),
            "declined": ("exception/patient_declined", "obs declined surgery @DX+9"),
            "unknown specialty": ("indeterminate/unknown_specialty", "ref unknown_specialty @DX+40"),
            "another specialty": ("deviation/wrong_specialty", "ref pain_management @DX+40"),
            "hospice by the deadline": ("exception/goals_of_care", f"{HOSPICE} @DX+40"),
        },
        also=BENT,
    ),
    *drawn("S4", {"not due": ("pending/not_yet_due", BENT)}, Site(as_of="DX+39")),
    *drawn("S4", {"no observations": ("indeterminate/feed_absent", "cond M40.04 @DX")}, Site(absent=("observations",))),
    *drawn("S4", {"observations behind": ("pending/feed_incomplete", "")}, Site(through=(("observations", "DX+100"),))),
    *drawn(
        "S4",
        {
            "measured nowhere": ("indeterminate/feed_absent", ""),
            "measured nowhere, but a code": ("indeterminate/unmeasured_deformity", "cond M40.04 @DX"),
        },
        Site(silent=("kyphosis-angle", "height-loss")),
    ),
    *drawn("S4", {"one of the two measured": (NO_DEFORMITY, "")}, Site(silent=("kyphosis-angle",))),
]

WHY = "reason_code_system=ICD10CM reason_code=S32.020A"
SENT = f"ref neurosurgery @DX+5T12:00 {WHY}"
EXAM = "obs neuro-exam no-deficit @DX"
NOT_INDICATED = "deviation/not_indicated"
S5 = [
    *drawn(
        "S5",
        {
            "no referral": ("not_applicable/no_surgical_referral", ""),
            "without a red flag": ("deviation/not_indicated trigger=DX+5T12:00 severity=low", f"{SENT}; {EXAM}"),
            "on DX": (NOT_INDICATED, f"ref neurosurgery @DX {WHY}; {EXAM}"),
            "the day before DX": ("not_applicable/no_surgical_referral", f"ref neurosurgery @DX-1 {WHY}; {EXAM}"),
            "the day before M3": (NOT_INDICATED, f"ref neurosurgery @DX+91 {WHY}; {EXAM}"),
            "on M3": ("not_applicable/no_surgical_referral", f"ref neurosurgery @DX+92 {WHY}; {EXAM}"),
            "two referrals": (f"{NOT_INDICATED}; {NOT_INDICATED}", f"{SENT}; ref spine_surgery @DX+9 {WHY}; {EXAM}"),
            "to another specialty": ("not_applicable/no_surgical_referral", f"ref neurology @DX+5 {WHY}; {EXAM}"),
            "revoked": ("not_applicable/no_surgical_referral", f"{SENT} status=revoked; {EXAM}"),
            "for something else": (
                "not_applicable/unrelated_reason",
                f"ref neurosurgery @DX+5 reason_code_system=ICD10CM reason_code=I10; {EXAM}",
            ),
            "without a reason": ("indeterminate/unknown_reason", f"ref neurosurgery @DX+5; {EXAM}"),
            "without a reason, in the encounter of the diagnosis": (
                NOT_INDICATED,
                f"enc ambulatory @DX id=e; dx S32.020A @DX in=e; ref neurosurgery @DX+5 in=e; {EXAM}",
            ),
            "without a reason, in an encounter for the fracture": (
                NOT_INDICATED,
                f"enc ambulatory @DX+5 id=e fracture_related=true; ref neurosurgery @DX+5 in=e; {EXAM}",
            ),
            "without a reason, in some encounter": (
                "indeterminate/unknown_reason",
                f"enc ambulatory @DX+5 id=e; ref neurosurgery @DX+5 in=e; {EXAM}",
            ),
            "unknown reason goes before no examination": ("indeterminate/unknown_reason", "ref neurosurgery @DX+5"),
            "not examined": ("indeterminate/no_neuro_exam", SENT),
            "examined the day before DX": (NOT_INDICATED, f"{SENT}; obs neuro-exam no-deficit @DX-1"),
            "examined two days before DX": ("indeterminate/no_neuro_exam", f"{SENT}; obs neuro-exam no-deficit @DX-2"),
            "examined two days after the order": (NOT_INDICATED, f"{SENT}; obs neuro-exam no-deficit @DX+7"),
            "examined three days after the order": (
                "indeterminate/no_neuro_exam",
                f"{SENT}; obs neuro-exam no-deficit @DX+8",
            ),
            "hospice before": ("excluded/hospice", f"{SENT}; {EXAM}; {HOSPICE} @DX+4"),
            "hospice on the day is no reason": (NOT_INDICATED, f"{SENT}; {EXAM}; {HOSPICE} @DX+5"),
            "neoplastic": ("excluded/neoplastic", f"{SENT}; {EXAM}; cond C79.51 @DX+30"),
        },
    ),
    *drawn(
        "S5",
        {
            "a deficit": ("met/indicated", "obs neuro-exam deficit @DX+1"),
            "a sign of a deficit": ("met/indicated", "cond R32 @DX+1"),
            "instability": ("met/indicated", "obs tlics 5 @DX+1"),
            "15 degrees": ("met/indicated", "obs kyphosis-angle 15 @DX+1"),
            "14 degrees": (NOT_INDICATED, "obs kyphosis-angle 14.9 @DX+1"),
            "a fifth of the height": ("met/indicated", "obs height-loss 20 @DX+1"),
            "less than a fifth of the height": (NOT_INDICATED, "obs height-loss 19.9 @DX+1"),
            "kyphosis": ("met/indicated", "cond M40.04 @DX-900"),
            "suspicion": ("met/indicated", "obs pathology-assessment suspicious @DX+1"),
            "an active tumour 365 days before": ("met/indicated", "cond C41.2 @DX-365"),
            "an active tumour 366 days before": (NOT_INDICATED, "cond C41.2 @DX-366"),
            "a former cancer": ("met/indicated", "cond Z85.3 @DX-900"),
            "weight loss": ("met/indicated", "cond R63.4 @DX-900"),
            "infection": ("met/indicated", "cond M46.46 @DX+1"),
            "infection 366 days before": (NOT_INDICATED, "cond M46.46 @DX-366"),
            "pain is no red flag": (NOT_INDICATED, "score 10 @DX; obs course worsening @DX+4"),
            "lungs are no red flag": (NOT_INDICATED, "obs fvc-percent-predicted 40 @DX"),
            "known 48 h after": ("met/indicated", "obs kyphosis-angle 15 @DX+1 rec=DX+7T12:00"),
            "known a minute later": (NOT_INDICATED, "obs kyphosis-angle 15 @DX+1 rec=DX+7T12:01"),
            "happened and known within 48 h": ("met/indicated", "obs kyphosis-angle 15 @DX+7T12:00"),
            "known two days after without a time": ("met/indicated", "cond M40.04 @DX+7"),
            "known three days after without a time": (NOT_INDICATED, "cond M40.04 @DX+8"),
        },
        also=f"{SENT}; {EXAM}",
    ),
    *drawn(
        "S5",
        {
            "in an emergency, within 24 h": (
                "met/emergency_consult",
                f"enc emergency @DX id=e; ref neurosurgery @DX+24h in=e {WHY}; {EXAM}",
            ),
            "in an emergency, a minute later": (
                NOT_INDICATED,
                f"enc emergency @DX id=e; ref neurosurgery @DX+24h+1m in=e {WHY}; {EXAM}",
            ),
            "in an emergency, before DX on its day": (
                "met/emergency_consult",
                f"enc emergency @DX-5h id=e; ref neurosurgery @DX-4h in=e {WHY}; {EXAM}",
            ),
            "in a clinic within 24 h": (
                NOT_INDICATED,
                f"enc ambulatory @DX id=e; ref neurosurgery @DX+1h in=e {WHY}; {EXAM}",
            ),
            "indicated goes before emergency": (
                "met/indicated",
                f"enc emergency @DX id=e; ref neurosurgery @DX+1h in=e {WHY}; obs tlics 5 @DX",
            ),
            "emergency goes before no examination and unknown reason": (
                "met/emergency_consult",
                "enc emergency @DX id=e; ref neurosurgery @DX+1h in=e",
            ),
        },
    ),
    *drawn("S5", {"before M3": ("pending/trigger_not_yet_possible", "")}, Site(as_of="DX+90")),
    *drawn("S5", {"the last day before M3": ("not_applicable/no_surgical_referral", "")}, Site(as_of="DX+91")),
    *drawn("S5", {"referrals behind": ("pending/feed_incomplete", "")}, Site(through=(("referrals", "DX+90"),))),
    *drawn("S5", {"may be charted": ("pending/charting_grace", f"{SENT}; {EXAM}")}, Site(as_of="DX+6")),
    *drawn("S5", {"charted by then": (NOT_INDICATED, f"{SENT}; {EXAM}")}, Site(as_of="DX+7")),
    *drawn(
        "S5",
        {"observations behind": ("pending/charting_grace", f"{SENT}; {EXAM}")},
        Site(through=(("observations", "DX+6"),)),
    ),
    *drawn("S5", {"no referrals": ("indeterminate/feed_absent", "")}, Site(absent=("referrals",))),
    *drawn(
        "S5",
        {
            "no encounters, on the day": ("indeterminate/feed_absent", f"ref neurosurgery @DX+5h {WHY}; {EXAM}"),
            "no encounters, within 24 h": ("indeterminate/feed_absent", f"ref neurosurgery @DX+24h {WHY}; {EXAM}"),
            "no encounters, later": (NOT_INDICATED, f"ref neurosurgery @DX+24h+1m {WHY}; {EXAM}"),
            "no encounters, not examined": ("indeterminate/no_neuro_exam", f"ref neurosurgery @DX+5h {WHY}"),
        },
        Site(absent=("encounters",)),
    ),
    *drawn(
        "S5",
        {
            "examined nowhere": ("indeterminate/feed_absent", SENT),
            "examined nowhere, a flag": ("met/indicated", f"{SENT}; obs tlics 5 @DX"),
        },
        Site(silent=("neuro-exam",)),
    ),
]

BETTER = "score 8 @DX; score 5 @DX+4"
S6 = [
    *drawn(
        "S6",
        {
            "no referral": ("not_applicable/no_surgical_referral", BETTER),
            "while improving": ("deviation/not_indicated severity=low", f"{SENT}; {BETTER}"),
            "not improving": ("not_applicable/not_improving", f"{SENT}; score 8 @DX; score 8 @DX+4"),
            "better on the day of the order only": (
                "not_applicable/not_improving",
                f"{SENT}; score 8 @DX; score 8 @DX+4; score 3 @DX+5T08:00",
            ),
            "one score": ("indeterminate/pain_course_unknown", f"{SENT}; score 8 @DX"),
            "nothing recorded": ("indeterminate/pain_course_unknown", SENT),
            "said to improve": (NOT_INDICATED, f"{SENT}; obs course improving @DX+4"),
            "said to be resolved": (NOT_INDICATED, f"{SENT}; obs course resolved @DX+4"),
            "said to persist": ("not_applicable/not_improving", f"{SENT}; obs course persistent @DX+4"),
            "said to worsen": ("not_applicable/not_improving", f"{SENT}; obs course worsening @DX+4"),
            "the statement of the same day": (
                "not_applicable/not_improving",
                f"{SENT}; score 8 @DX; obs course persistent @DX+4T08:00; score 5 @DX+4T09:00",
            ),
            "a later score": (NOT_INDICATED, f"{SENT}; score 8 @DX; obs course persistent @DX+3; score 5 @DX+4"),
            "a red flag": ("met/red_flag", f"{SENT}; {BETTER}; obs tlics 5 @DX"),
            "a red flag known 48 h after": ("met/red_flag", f"{SENT}; {BETTER}; obs tlics 5 @DX rec=DX+7T12:00"),
            "a red flag known later": (NOT_INDICATED, f"{SENT}; {BETTER}; obs tlics 5 @DX rec=DX+7T12:01"),
            "for something else": (
                "not_applicable/unrelated_reason",
                f"ref neurosurgery @DX+5 reason_code_system=ICD10CM reason_code=I10; {BETTER}",
            ),
            "without a reason": ("indeterminate/unknown_reason", f"ref neurosurgery @DX+5; {BETTER}"),
            "without a reason, a red flag": ("met/red_flag", f"ref neurosurgery @DX+5; {BETTER}; obs tlics 5 @DX"),
            "without a reason, not improving": (
                "not_applicable/not_improving",
                "ref neurosurgery @DX+5; obs course persistent @DX+4",
            ),
            "without a reason, course unknown": ("indeterminate/pain_course_unknown", "ref neurosurgery @DX+5"),
            "an emergency is no reason": (
                NOT_INDICATED,
                f"enc emergency @DX id=e; ref neurosurgery @DX+24h in=e {WHY}; obs course improving @DX",
            ),
            "on M3": ("not_applicable/no_surgical_referral", f"ref neurosurgery @DX+92 {WHY}; {BETTER}"),
        },
    ),
    *drawn("S6", {"may be charted": ("pending/charting_grace", f"{SENT}; {BETTER}")}, Site(as_of="DX+6")),
    *drawn("S6", {"charted by then": (NOT_INDICATED, f"{SENT}; {BETTER}")}, Site(as_of="DX+7")),
    *drawn("S6", {"before M3": ("pending/trigger_not_yet_possible", "")}, Site(as_of="DX+90")),
    *drawn(
        "S6",
        {
            "course not seen yet": ("pending/feed_incomplete", f"{SENT}; score 8 @DX; score 8 @DX+1"),
        },
        Site(through=(("observations", "DX+3"),)),
    ),
    *drawn("S6", {"no observations": ("indeterminate/feed_absent", SENT)}, Site(absent=("observations",))),
]

STUCK = f"{CARE}; score 7 @DX+64; score 7 @DX+92"  # at x = DX + 92, due DX + 122
S7 = [
    *drawn(
        "S7",
        {
            "severe for 28 days": ("deviation/missing trigger=DX+92 due=DX+122 severity=moderate", STUCK),
            "severe for 27 days": (NOT_TRIGGERED, f"{CARE}; score 7 @DX+65; score 7 @DX+92"),
            "6 between": (NOT_TRIGGERED, f"{CARE}; score 7 @DX+64; score 6 @DX+70; score 7 @DX+92"),
            "6 before": (NOT_TRIGGERED, f"{CARE}; score 6 @DX+64; score 7 @DX+92"),
            "6 at the end": (NOT_TRIGGERED, f"{CARE}; score 7 @DX+64; score 6 @DX+92"),
            "the day before": (NO_RECORD, f"{CARE}; score 7 @DX+60; score 7 @DX+91"),
            "said to persist, no score": (
                "indeterminate/severity_not_recorded",
                f"{CARE}; obs course persistent @DX+92",
            ),
            "said to worsen, no score": ("indeterminate/severity_not_recorded", f"{CARE}; obs course worsening @DX+92"),
            "said to persist, a score 7 days before": (
                NOT_TRIGGERED,
                f"{CARE}; obs course persistent @DX+99; score 5 @DX+92",
            ),
            "said to improve": (NOT_TRIGGERED, f"{CARE}; obs course improving @DX+92"),
            "no treatment": ("not_applicable/no_conservative_care", "score 7 @DX+92"),
            "no treatment, such pain": (
                "indeterminate/no_conservative_care_record",
                "score 7 @DX+64; score 7 @DX+92",
            ),
            "resolved": ("not_applicable/resolved", f"{CARE}; score 3 @DX+60"),
            "no record": (NO_RECORD, CARE),
            "followed until the day before three months": (
                "censored/ended_before_trigger",
                f"{CARE}; follow @DX-9 to=DX+91",
            ),
        },
    ),
    *drawn(
        "S7",
        {
            "a surgeon 90 days before": ("met/on_time", "ref neurosurgery @DX+2"),
            "a surgeon 91 days before": (MISSING, "ref neurosurgery @DX+1"),
            "interventional radiology": ("met/on_time", "ref interventional_radiology @DX+122"),
            "pain management": ("met/on_time", "ref pain_management @DX+122"),
            "a pain clinic": ("met/on_time", "enc ambulatory @DX+100 specialty_system=LOCAL specialty=pain_management"),
            "augmentation": ("met/on_time", "proc 22514 @DX+100"),
            "late": ("deviation/late late=1", "ref pain_management @DX+123"),
            "discussed with interventional radiology": (
                "met/alternative",
                "obs discussed-with interventional-radiology @DX+122",
            ),
            "surgery considered": ("met/considered", "obs considered surgery @DX+122"),
            "radiology considered": ("met/considered", "obs considered interventional-radiology @DX+2"),
            "pain management considered": ("met/considered", "obs considered pain-management @DX+100"),
            "considered 91 days before": (MISSING, "obs considered surgery @DX+1"),
            "considered after the deadline is not late": (MISSING, "obs considered surgery @DX+123"),
            "imaging considered": (MISSING, "obs considered imaging @DX+100"),
            "declined surgery": ("exception/patient_declined", "obs declined surgery @DX+91"),
            "declined pain management": (MISSING, "obs declined pain-management @DX+100"),
            "unknown specialty": ("indeterminate/unknown_specialty", "ref unknown_specialty @DX+122"),
            "another specialty is nothing": (MISSING, "ref physical_therapy_specialty @DX+100"),
            "on time goes before considered": (
                "met/on_time",
                "obs considered surgery @DX+93; ref pain_management @DX+100",
            ),
            "alternative goes before considered": (
                "met/alternative",
                "obs considered surgery @DX+93; obs discussed-with surgery @DX+100",
            ),
            "hospice by the deadline": ("exception/goals_of_care", f"{HOSPICE} @DX+122"),
        },
        also=STUCK,
    ),
    *drawn("S7", {"before three months": ("pending/trigger_not_yet_possible", CARE)}, Site(as_of="DX+91")),
    *drawn("S7", {"not due": ("pending/not_yet_due", STUCK)}, Site(as_of="DX+121")),
    *drawn("S7", {"no medications": ("indeterminate/feed_absent", "score 7 @DX+92")}, Site(absent=("medications",))),
    *drawn("S7", {"no procedures": ("indeterminate/feed_absent", STUCK)}, Site(absent=("procedures",))),
]


@pytest.mark.parametrize("point", [*S1, *S1_SOFT, *S1_AGAIN, *S1_UNTIMED, *S1_SITES], ids=str)
def test_s1(point):
    assert point.found == point.wanted


@pytest.mark.parametrize("point", S2, ids=str)
def test_s2(point):
    assert point.found == point.wanted


@pytest.mark.parametrize("point", S3, ids=str)
def test_s3(point):
    assert point.found == point.wanted


@pytest.mark.parametrize("point", S4, ids=str)
def test_s4(point):
    assert point.found == point.wanted


@pytest.mark.parametrize("point", S5, ids=str)
def test_s5(point):
    assert point.found == point.wanted


@pytest.mark.parametrize("point", S6, ids=str)
def test_s6(point):
    assert point.found == point.wanted


@pytest.mark.parametrize("point", S7, ids=str)
def test_s7(point):
    assert point.found == point.wanted
