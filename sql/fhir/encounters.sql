-- title: encounters from Encounter
-- grain: one row a resource
-- reads: fhir.encounter, fhir.word, fhir.concept
WITH code AS (
  SELECT
    source_file, row_number, unnest(disposition) AS given, generate_subscripts(disposition, 1) AS position
  FROM fhir.encounter
  WHERE NOT is_contained
),
discharge AS (
  SELECT code.source_file, code.row_number, min_by(word.becomes, code.position) AS becomes
  FROM code
  JOIN fhir.word ON word.field = 'encounter.disposition' AND word.given = code.given
  GROUP BY ALL
)
SELECT
  encounter.key AS encounter_id,
  encounter.patient_id,
  coalesce(class.becomes, 'other') AS class,
  CASE
    WHEN encounter.status = 'unknown' AND encounter.ended_at IS NOT NULL THEN 'finished'
    WHEN encounter.status = 'unknown' THEN 'in-progress'
    ELSE coalesce(status.becomes, encounter.status)
  END AS status,
  encounter.started_at,
  encounter.ended_at,
  coalesce(service.chosen, visit.chosen).system AS specialty_system,
  coalesce(service.chosen, visit.chosen).code AS specialty,
  CASE WHEN encounter.has_disposition THEN coalesce(discharge.becomes, 'other') END AS disposition,
  CAST(NULL AS VARCHAR) AS fracture_related,
  encounter.site_id,
  encounter.unit,
  encounter.clinician_id,
  encounter.source_file,
  encounter.row_number,
  encounter.last_updated
FROM fhir.encounter
LEFT JOIN fhir.word AS class ON class.field = 'encounter.class' AND class.given = encounter.class
LEFT JOIN fhir.word AS status ON status.field = 'encounter.status' AND status.given = encounter.status
LEFT JOIN discharge
  ON discharge.source_file = encounter.source_file AND discharge.row_number = encounter.row_number
LEFT JOIN fhir.concept AS service ON service.codings = encounter.service_type
LEFT JOIN fhir.concept AS visit ON visit.codings = encounter.visit_type
WHERE encounter.key IS NOT NULL AND NOT encounter.is_contained
