-- title: procedures from Procedure
-- grain: one row a resource that has a code
-- reads: fhir.procedure, fhir.word, fhir.concept
SELECT
  procedure.key AS procedure_id,
  procedure.patient_id,
  procedure.encounter_id,
  concept.chosen.system AS code_system,
  concept.chosen.code AS code,
  procedure.performed_at,
  CASE
    WHEN procedure.status = 'unknown' AND procedure.is_over THEN 'completed'
    WHEN procedure.status = 'unknown' THEN 'in-progress'
    ELSE coalesce(status.becomes, procedure.status)
  END AS status,
  procedure.level,
  procedure.source_file,
  procedure.row_number,
  procedure.last_updated
FROM fhir.procedure
JOIN fhir.concept ON concept.codings = procedure.code
LEFT JOIN fhir.word AS status ON status.field = 'procedure.status' AND status.given = procedure.status
WHERE procedure.key IS NOT NULL AND NOT procedure.is_contained
