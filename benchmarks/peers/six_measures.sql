-- (c) The six measures in plain DuckDB SQL.
-- Grain: one measure and state. Reads: views clean_<table>, cases, codes, studies (benchmarks/prepare.py).
-- Parameters: $as_of, and $<feed>: the day through which a feed shows everything.
WITH
condition_codes AS (
  SELECT value_set, patient_id, recorded_at AS instant, recorded_date AS day, recorded_is_minute AS is_minute
  FROM clean_conditions JOIN codes USING (code_system, code_key)
  WHERE recorded_date <= $as_of AND coalesce(verification, 'confirmed') IN ('confirmed', 'provisional')
    AND coalesce(role, 'diagnosis') <> 'order'
    AND value_set IN ('neuro_deficit', 'mri_contraindication', 'malignancy_suspicion', 'spine_infection', 'calcitonin_other_indication')
),
procedure_codes AS (
  SELECT value_set, patient_id, performed_at AS instant, performed_date AS day, performed_is_minute AS is_minute
  FROM clean_procedures JOIN codes USING (code_system, code_key)
  WHERE performed_date <= $as_of AND status = 'completed' AND value_set IN ('nerve_root_block', 'physical_therapy')
),
observations AS (
  SELECT observation_id, patient_id, encounter_id, code_system, code_key, value_number, unit, value_code,
    observed_at AS instant, observed_date AS day, observed_is_minute AS is_minute,
    coalesce(recorded_date <= $as_of AND (recorded_at > observed_at
      OR (recorded_at = observed_at AND recorded_is_minute AND NOT observed_is_minute)), FALSE) AS is_later,
    if(is_later, recorded_at, observed_at) AS known_at,
    if(is_later, recorded_date, observed_date) AS known_day,
    if(is_later, recorded_is_minute, observed_is_minute) AS known_is_minute
  FROM clean_observations
  WHERE observed_date <= $as_of AND coalesce(status, 'final') NOT IN ('cancelled', 'entered-in-error')
),
statements AS (
  SELECT * FROM observations
  WHERE code_system = 'LOCAL' AND value_code IS NOT NULL AND code_key IN (
    'neuro-exam', 'mri-contraindication', 'pathology-assessment', 'declined', 'considered', 'course')
),
about_something_else AS (
  SELECT patient_id, encounter_id FROM clean_encounters WHERE fracture_related = FALSE AND started_date <= $as_of
),
scores AS (
  SELECT c.case_number, o.observation_id, o.instant, o.day, o.is_minute, o.known_at, o.known_day, o.known_is_minute,
    if(o.unit = 'mm', o.value_number / 10, o.value_number) AS score
  FROM observations o
  SEMI JOIN (SELECT * FROM codes WHERE value_set = 'pain_score') p USING (code_system, code_key)
  ANTI JOIN about_something_else USING (patient_id, encounter_id)
  JOIN cases c USING (patient_id)
  WHERE o.value_number IS NOT NULL AND o.day BETWEEN c.t0 AND c.end_date
),
course AS (
  SELECT c.case_number, s.day, s.value_code
  FROM statements s
  ANTI JOIN about_something_else USING (patient_id, encounter_id)
  JOIN cases c USING (patient_id)
  WHERE s.code_key = 'course' AND s.day BETWEEN c.t0 AND c.end_date
),

-- Q1: a neurological examination or a deficit from 24 h before to 24 h after DX.
q1_seen AS (
  SELECT DISTINCT c.case_number
  FROM (
    SELECT patient_id, instant, day, is_minute FROM statements WHERE code_key = 'neuro-exam'
    UNION ALL
    SELECT patient_id, instant, day, is_minute FROM condition_codes WHERE value_set = 'neuro_deficit'
  ) e
  JOIN cases c USING (patient_id)
  WHERE e.day <= c.end_date
    AND CASE WHEN e.is_minute AND c.dx_is_minute
      THEN e.instant BETWEEN c.dx_at - INTERVAL 24 HOUR AND c.dx_at + INTERVAL 24 HOUR
      ELSE e.day BETWEEN c.dx_date - 1 AND c.dx_date + 1 END
),
q1 AS (
  SELECT CASE
    WHEN is_minor OR coalesce(hospice_date < dx_date, FALSE) THEN 'excluded'
    WHEN s.case_number IS NOT NULL THEN 'met'
    WHEN hospice_date <= dx_date + 1 THEN 'exception'
    WHEN CASE WHEN dx_is_minute AND death_at IS NOT NULL THEN death_at < dx_at + INTERVAL 24 HOUR ELSE end_date < dx_date + 1 END
      THEN 'censored'
    WHEN least($observations, $conditions) < dx_date + 1 THEN 'pending'
    ELSE 'deviation' END AS state
  FROM cases LEFT JOIN q1_seen s USING (case_number)
),

-- G1: a native MRI of the region from DX - 28 to DX + 14, or CT where MRI is contraindicated.
images AS (
  SELECT patient_id, accession, coalesce(i.modality, s.modality) AS modality, coalesce(i.regions, s.regions) AS regions,
    coalesce(i.contrast, s.contrast) AS contrast,
    if(performed_at IS NULL, ordered_at, performed_at) AS instant,
    if(performed_at IS NULL, ordered_date, performed_date) AS day,
    if(performed_at IS NULL, ordered_is_minute, performed_is_minute) AS is_minute
  FROM clean_imaging i LEFT JOIN studies s USING (code_system, code_key)
  WHERE i.status = 'completed'
),
joined_images AS (
  SELECT patient_id, min(day) AS day, min(epoch_us(instant) * 2 + is_minute::BIGINT) AS moment, any_value(modality) AS modality,
    string_agg(regions, '|') AS regions,
    coalesce(bool_or(contrast IN ('without', 'both')), FALSE) AS is_native,
    coalesce(bool_or(contrast IN ('with', 'both')), FALSE) AS is_enhanced
  FROM images
  WHERE day <= $as_of AND modality IN ('mri', 'ct')
  GROUP BY patient_id, coalesce(accession, day || '|' || modality)
),
no_mri AS (
  SELECT patient_id, min(day) AS day FROM (
    SELECT patient_id, day FROM statements WHERE code_key = 'mri-contraindication' AND value_code = 'present'
    UNION ALL
    SELECT patient_id, day FROM condition_codes WHERE value_set = 'mri_contraindication'
  ) GROUP BY patient_id
),
unclear_device AS (
  SELECT patient_id, min(day) AS day FROM statements
  WHERE code_key = 'mri-contraindication' AND value_code = 'unknown-device' GROUP BY patient_id
),
g1_studies AS (
  SELECT c.case_number, i.moment, i.modality = 'mri' AS is_mri, i.day <= c.dx_date + 14 AS in_window,
    coalesce(contains(i.regions, c.region), FALSE) AS covers,
    covers AND i.is_native AND (is_mri OR coalesce(n.day <= i.day + 3, FALSE)) AS is_good,
    if(is_mri, i.regions IS NULL OR (covers AND NOT i.is_native AND NOT i.is_enhanced),
      covers AND coalesce(u.day <= i.day + 3, FALSE)) AS is_unclear
  FROM joined_images i
  JOIN cases c USING (patient_id)
  LEFT JOIN no_mri n USING (patient_id)
  LEFT JOIN unclear_device u USING (patient_id)
  WHERE i.day BETWEEN c.dx_date - 28 AND c.end_date
),
g1_told AS (
  SELECT case_number, min(moment) FILTER (is_mri AND is_good AND in_window) AS mri,
    bool_or(is_good AND in_window) AS is_done, bool_or(is_good AND NOT in_window) AS is_late,
    bool_or(is_unclear AND in_window) AS is_unclear
  FROM g1_studies GROUP BY case_number
),
g1_suspected AS (
  SELECT c.case_number, min(epoch_us(e.known_at) * 2 + e.known_is_minute::BIGINT) AS known, min(e.known_day) AS known_day
  FROM (
    SELECT patient_id, day, known_at, known_day, known_is_minute FROM statements
    WHERE code_key = 'pathology-assessment' AND value_code = 'suspicious'
    UNION ALL
    SELECT patient_id, day, instant, day, is_minute FROM condition_codes
    WHERE value_set IN ('malignancy_suspicion', 'spine_infection')
  ) e
  JOIN cases c USING (patient_id)
  WHERE e.day BETWEEN c.t0 - 365 AND c.end_date
  GROUP BY c.case_number
),
g1_refused AS (
  SELECT DISTINCT c.case_number FROM statements s JOIN cases c USING (patient_id)
  WHERE s.code_key = 'declined' AND s.value_code IN ('mri', 'imaging') AND s.day BETWEEN c.dx_date - 29 AND c.dx_date + 21
),
g1 AS (
  SELECT CASE
    WHEN is_excluded OR coalesce(hospice_date < dx_date, FALSE) THEN 'excluded'
    WHEN CASE WHEN t.mri IS NOT NULL THEN s.known < t.mri ELSE s.known_day <= dx_date + 14 END THEN 'not_applicable'
    WHEN t.is_done THEN 'met'
    WHEN r.case_number IS NOT NULL OR hospice_date <= dx_date + 14 THEN 'exception'
    WHEN end_date < dx_date + 14 THEN 'censored'
    WHEN $imaging < dx_date + 14 THEN 'pending'
    WHEN t.is_late THEN 'deviation'
    WHEN t.is_unclear THEN 'indeterminate'
    ELSE 'deviation' END AS state
  FROM cases
  LEFT JOIN g1_told t USING (case_number)
  LEFT JOIN g1_suspected s USING (case_number)
  LEFT JOIN g1_refused r USING (case_number)
),

-- M4: calcitonin ends within 35 days of its first start in [T0, end].
calcitonin AS (
  SELECT c.case_number, c.t0, c.end_date, m.started_date AS day,
    coalesce(m.ended_date, m.started_date + floor(m.days_supply)::INTEGER - 1) AS covered_to,
    min(day) FILTER (day BETWEEN c.t0 AND c.end_date) OVER (PARTITION BY c.case_number) AS start
  FROM clean_medications m
  SEMI JOIN (SELECT * FROM codes WHERE value_set = 'calcitonin') k USING (code_system, code_key)
  JOIN cases c USING (patient_id)
  WHERE m.started_date <= $as_of AND m.status NOT IN ('cancelled', 'entered-in-error')
),
m4_told AS (
  SELECT case_number, start, start + 35 AS due, max(covered_to) AS planned_to,
    max(least(covered_to, end_date)) FILTER (covered_to IS NOT NULL AND day <= end_date AND least(covered_to, end_date) >= day) AS last,
    coalesce(last > due, FALSE) OR bool_or(day <= end_date AND day > due) AS goes_on,
    bool_or(day <= end_date AND covered_to IS NULL) AS is_unknown,
    coalesce(bool_or(day <= end_date AND day < t0 AND covered_to >= t0 - 1), FALSE) AS ran_before,
    $medications <= due AND coalesce(last > $medications, FALSE) AS is_open
  FROM calcitonin WHERE start IS NOT NULL GROUP BY case_number, start
),
other_indication AS (
  SELECT DISTINCT patient_id, TRUE AS has_other FROM condition_codes WHERE value_set = 'calcitonin_other_indication'
),
m4 AS (
  SELECT CASE
    WHEN is_excluded OR coalesce(hospice_date < start, FALSE) THEN 'excluded'
    WHEN start IS NULL AND $medications < least($as_of, end_date) THEN 'pending'
    WHEN start IS NULL THEN 'not_applicable'
    WHEN NOT goes_on AND NOT is_unknown AND NOT is_open AND NOT (end_date < due AND coalesce(planned_to > due, FALSE)) THEN 'met'
    WHEN ran_before OR has_other THEN 'exception'
    WHEN end_date < due THEN 'censored'
    WHEN $medications < due + 1 AND (is_open OR (is_unknown AND NOT goes_on)) THEN 'pending'
    WHEN is_unknown AND NOT goes_on THEN 'indeterminate'
    ELSE 'deviation' END AS state
  FROM cases LEFT JOIN m4_told USING (case_number) LEFT JOIN other_indication USING (patient_id)
),

-- P2: persistent pain, and whether a nerve root block was done or considered.
blocks AS (
  SELECT c.case_number, p.instant, p.day, p.is_minute
  FROM procedure_codes p JOIN cases c USING (patient_id)
  WHERE p.value_set = 'nerve_root_block' AND p.day BETWEEN c.t0 AND c.end_date
),
runs AS (
  SELECT case_number, day, score,
    count(*) FILTER (score < 4) OVER (PARTITION BY case_number ORDER BY instant, is_minute, observation_id) AS run
  FROM scores
),
sustained AS (
  SELECT case_number, day, min(day) OVER (PARTITION BY case_number, run) AS since FROM runs WHERE score >= 4
),
pain AS (
  SELECT case_number, min(day) AS start FROM (
    SELECT case_number, day FROM sustained WHERE day >= since + 7
    UNION ALL
    SELECT case_number, day FROM course WHERE value_code IN ('persistent', 'worsening')
  ) GROUP BY case_number
),
p2_acted AS (
  SELECT case_number FROM blocks
  UNION
  SELECT c.case_number FROM statements s JOIN cases c USING (patient_id)
  WHERE s.code_key = 'considered' AND s.value_code = 'nerve-root-block' AND s.day BETWEEN c.t0 AND c.end_date
),
p2 AS (
  SELECT CASE
    WHEN is_excluded OR coalesce(hospice_date < start, FALSE) THEN 'excluded'
    WHEN start IS NULL AND $observations < least($as_of, end_date) THEN 'pending'
    WHEN start IS NULL OR a.case_number IS NULL THEN 'not_applicable'
    ELSE 'met' END AS state
  FROM cases LEFT JOIN pain USING (case_number) LEFT JOIN p2_acted a USING (case_number)
),

-- P3: each nerve root block: a pain score of 4 or more in the two weeks before, known within 48 h.
block_days AS (
  SELECT case_number, day, min(instant) AS instant, arg_min(is_minute, epoch_us(instant) * 2 + is_minute::BIGINT) AS is_minute
  FROM blocks GROUP BY case_number, day
),
p3_told AS (
  SELECT b.case_number, b.day,
    bool_or(s.score >= 4 AND CASE WHEN s.known_is_minute AND b.is_minute
      THEN s.known_at <= b.instant + INTERVAL 48 HOUR ELSE s.known_day <= b.day + 2 END) AS is_shown
  FROM block_days b LEFT JOIN scores s ON s.case_number = b.case_number AND s.day BETWEEN b.day - 14 AND b.day
  GROUP BY b.case_number, b.day
),
p3 AS (
  SELECT CASE
    WHEN is_excluded OR coalesce(hospice_date < day, FALSE) THEN 'excluded'
    WHEN day IS NULL AND $procedures < least($as_of, end_date) THEN 'pending'
    WHEN day IS NULL THEN 'not_applicable'
    WHEN is_shown THEN 'met'
    WHEN least($procedures, $observations) < day + 2 THEN 'pending'
    WHEN is_shown IS NULL THEN 'indeterminate'
    ELSE 'deviation' END AS state
  FROM cases LEFT JOIN p3_told USING (case_number)
),

-- T1: physical therapy within 28 days of the day on which the acute pain had subsided.
last_scores AS (
  SELECT c.case_number, c.t0 + 42 AS day, max_by(s.score, (s.instant, s.is_minute, s.observation_id)) AS score
  FROM scores s JOIN cases c USING (case_number)
  WHERE s.day BETWEEN c.t0 + 14 AND c.t0 + 42 AND c.t0 + 42 <= least($observations, c.end_date)
  GROUP BY c.case_number, c.t0
),
subsided AS (
  SELECT case_number, min(day) AS start FROM (
    SELECT case_number, s.day FROM scores s JOIN cases USING (case_number) WHERE score <= 3 AND s.day >= t0 + 14
    UNION ALL
    SELECT case_number, r.day FROM course r JOIN cases USING (case_number) WHERE value_code = 'resolved' AND r.day >= t0 + 14
    UNION ALL
    SELECT case_number, day FROM last_scores WHERE score < 7
  ) GROUP BY case_number
),
recorded AS (
  SELECT case_number FROM scores JOIN cases USING (case_number) WHERE day BETWEEN t0 + 14 AND t0 + 42
  UNION
  SELECT case_number FROM course JOIN cases USING (case_number) WHERE day BETWEEN t0 + 14 AND t0 + 42
),
therapists AS (SELECT code_system, code_key FROM codes WHERE value_set = 'physical_therapy_specialty'),
related AS (
  SELECT DISTINCT code_system, code_key FROM codes WHERE value_set IN (
    'vertebral_fracture', 'osteoporosis', 'back_pain', 'neuro_deficit', 'neuro_deficit_soft', 'spinal_instability', 'kyphosis',
    'malignancy_suspicion', 'malignancy_history', 'malignancy_sign', 'spine_malignancy', 'spine_infection')
),
therapy AS (
  SELECT patient_id, ordered_date AS day
  FROM clean_referrals r
  SEMI JOIN therapists t ON t.code_system = r.specialty_system AND t.code_key = r.specialty_key
  LEFT JOIN related k ON k.code_system = r.reason_code_system AND k.code_key = r.reason_key
  WHERE ordered_date <= $as_of AND (reason_code IS NULL OR k.code_key IS NOT NULL) AND status NOT IN ('draft', 'entered-in-error')
    AND NOT (status = 'revoked' AND NOT coalesce(completed_date <= $as_of, FALSE))
  UNION ALL
  SELECT patient_id, started_date
  FROM clean_encounters e SEMI JOIN therapists t ON t.code_system = e.specialty_system AND t.code_key = e.specialty_key
  WHERE started_date <= $as_of AND coalesce(fracture_related, TRUE)
    AND status NOT IN ('planned', 'cancelled', 'no-show', 'entered-in-error')
  UNION ALL
  SELECT patient_id, day FROM procedure_codes WHERE value_set = 'physical_therapy'
  UNION ALL
  SELECT patient_id, day FROM statements WHERE code_key = 'considered' AND value_code = 'physical-therapy'
),
t1_cases AS (SELECT *, greatest(start, dx_date) + 28 AS due FROM cases LEFT JOIN subsided USING (case_number)),
t1_acted AS (
  SELECT DISTINCT c.case_number FROM therapy JOIN t1_cases c USING (patient_id) WHERE day BETWEEN t0 AND least(end_date, due)
),
t1_refused AS (
  SELECT DISTINCT c.case_number FROM statements s JOIN t1_cases c USING (patient_id)
  WHERE code_key = 'declined' AND value_code = 'physical-therapy' AND day BETWEEN start - 1 AND due + 7
),
t1 AS (
  SELECT CASE
    WHEN is_excluded OR coalesce(hospice_date < start, FALSE) THEN 'excluded'
    WHEN start IS NULL AND end_date < t0 + 42 THEN 'censored'
    WHEN start IS NULL AND $observations < greatest(t0 + 42, least($as_of, end_date)) THEN 'pending'
    WHEN start IS NULL AND r.case_number IS NULL THEN 'indeterminate'
    WHEN start IS NULL THEN 'not_applicable'
    WHEN a.case_number IS NOT NULL THEN 'met'
    WHEN d.case_number IS NOT NULL OR hospice_date <= due THEN 'exception'
    WHEN end_date < due THEN 'censored'
    WHEN least($referrals, $encounters, $procedures, $observations) < due THEN 'pending'
    ELSE 'deviation' END AS state
  FROM t1_cases
  LEFT JOIN recorded r USING (case_number)
  LEFT JOIN t1_acted a USING (case_number)
  LEFT JOIN t1_refused d USING (case_number)
)
SELECT measure_id, state, count(*) AS n
FROM (
  SELECT 'Q1' AS measure_id, state FROM q1
  UNION ALL SELECT 'G1', state FROM g1
  UNION ALL SELECT 'M4', state FROM m4
  UNION ALL SELECT 'P2', state FROM p2
  UNION ALL SELECT 'P3', state FROM p3
  UNION ALL SELECT 'T1', state FROM t1
)
GROUP BY ALL
ORDER BY ALL
