-- title: conditions from Condition
-- grain: one row a resource that has a code
-- reads: fhir.condition, fhir.encounter, fhir.word, fhir.concept
WITH start_of AS (
  SELECT key, arg_max(started_at, coalesce(last_updated, '')) AS started_at FROM fhir.encounter GROUP BY key
)
SELECT
  condition.key AS condition_id,
  condition.patient_id,
  condition.encounter_id,
  concept.chosen.system AS code_system,
  concept.chosen.code AS code,
  condition.onset_at,
  coalesce(condition.recorded_at, start_of.started_at, condition.onset_at) AS recorded_at,
  coalesce(verification.becomes, condition.verification) AS verification,
  CASE
    WHEN list_contains(condition.category, 'encounter-diagnosis') THEN 'diagnosis'
    WHEN list_contains(condition.category, 'problem-list-item') THEN 'problem-list'
  END AS role,
  condition.source_file,
  condition.row_number,
  condition.last_updated
FROM fhir.condition
JOIN fhir.concept ON concept.codings = condition.code
LEFT JOIN start_of ON start_of.key = condition.encounter_id
LEFT JOIN fhir.word AS verification
  ON verification.field = 'condition.verification' AND verification.given = condition.verification
WHERE condition.key IS NOT NULL AND NOT condition.is_contained
