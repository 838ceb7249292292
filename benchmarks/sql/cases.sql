-- The cases of the contest: clocks and population, as the audit published them.
-- Grain: one audited case. Reads: audit.cases and audit.findings of the warehouse; clean tables; codes. Parameters: none.
-- end_date is published only once it has come; one that lies ahead is that of the follow-up, else a year after T0.
WITH excluded AS (
  SELECT case_id, any_value(reason) AS reason
  FROM findings
  WHERE measure_id = 'P2' AND state = 'excluded' AND reason <> 'hospice'
  GROUP BY case_id
),
care AS (
  SELECT patient_id, recorded_date AS day
  FROM clean_conditions SEMI JOIN codes ON codes.value_set = 'hospice' AND codes.code_system = clean_conditions.code_system
    AND codes.code_key = clean_conditions.code_key
  WHERE coalesce(verification, 'confirmed') IN ('confirmed', 'provisional') AND coalesce(role, 'diagnosis') <> 'order'
  UNION ALL
  SELECT patient_id, performed_date
  FROM clean_procedures SEMI JOIN codes ON codes.value_set = 'hospice' AND codes.code_system = clean_procedures.code_system
    AND codes.code_key = clean_procedures.code_key
  WHERE status = 'completed'
  UNION ALL
  SELECT patient_id, coalesce(if(ended_date <= (SELECT max(as_of) FROM runs), ended_date, NULL), started_date)
  FROM clean_encounters
  WHERE disposition = 'hospice' AND (status = 'finished' OR ended_date <= (SELECT max(as_of) FROM runs))
    AND started_date <= (SELECT max(as_of) FROM runs)
),
hospice AS (
  SELECT patient_id, min(day) AS hospice_date FROM care WHERE day <= (SELECT max(as_of) FROM runs) GROUP BY patient_id
),
seen AS (
  SELECT cases.case_id, max(coalesce(clean_followup.ended_date, DATE '9999-12-31')) AS followup_end
  FROM cases JOIN clean_followup USING (patient_id)
  WHERE clean_followup.started_date <= cases.dx_at[:10]::DATE
    AND coalesce(clean_followup.ended_date, DATE '9999-12-31') >= cases.dx_at[:10]::DATE
  GROUP BY cases.case_id
)
SELECT
  (row_number() OVER (ORDER BY case_id) - 1)::UINTEGER AS case_number,
  patient_id,
  level,
  CASE level[1] WHEN 'C' THEN 'cervical' WHEN 'T' THEN 'thoracic' WHEN 'L' THEN 'lumbar' WHEN 'S' THEN 'sacrum' END AS region,
  t0,
  dx_at[:10]::DATE AS dx_date,
  dx_at::TIMESTAMPTZ AS dx_at,
  length(dx_at) > 10 AS dx_is_minute,
  coalesce(end_date, least(t0 + INTERVAL 365 DAY, followup_end)::DATE) AS end_date,
  if(end_reason = 'death' AND deceased_is_minute, deceased_at, NULL) AS death_at,
  coalesce(excluded.reason = 'age', FALSE) AS is_minor,
  excluded.reason IS NOT NULL AS is_excluded,
  hospice_date
FROM cases
LEFT JOIN excluded USING (case_id)
LEFT JOIN hospice USING (patient_id)
LEFT JOIN seen USING (case_id)
LEFT JOIN (SELECT patient_id, deceased_at, deceased_is_minute FROM clean_patients) USING (patient_id)
WHERE audited
ORDER BY case_number
