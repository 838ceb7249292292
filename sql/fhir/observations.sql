-- title: observations from Observation and its components
-- grain: one row an Observation (Observation/id) and one a component (Observation/id#n) that has a code
-- reads: fhir.observation, fhir.word, fhir.concept
SELECT
  observation.key || CASE WHEN observation.part > 0 THEN '#' || observation.part ELSE '' END AS observation_id,
  observation.patient_id,
  observation.encounter_id,
  concept.chosen.system AS code_system,
  concept.chosen.code AS code,
  observation.observed_at,
  observation.recorded_at,
  observation.value_number,
  observation.unit,
  coalesce(
    answer.local_code,
    list_filter(observation.value_codings, lambda c: trim(c.code) <> '')[1].code,
    observation.value_text
  ) AS value_code,
  observation.level,
  coalesce(status.becomes, observation.status) AS status,
  observation.source_file,
  observation.row_number,
  observation.last_updated
FROM fhir.observation
JOIN fhir.concept ON concept.codings = observation.code
LEFT JOIN fhir.concept AS answer ON answer.codings = observation.value_codings
LEFT JOIN fhir.word AS status ON status.field = 'observation.status' AND status.given = observation.status
WHERE observation.key IS NOT NULL AND NOT observation.is_contained
