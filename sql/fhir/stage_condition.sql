-- title: Condition, its fields
-- grain: one row a resource
-- reads: fhir.resource, fhir.link
CREATE TABLE fhir.condition AS
WITH body AS (
  SELECT
    * EXCLUDE (content),
    from_json(content, '{
      "code": {"coding": [{"system": "VARCHAR", "code": "VARCHAR"}]},
      "subject": {"reference": "VARCHAR"},
      "encounter": {"reference": "VARCHAR"},
      "recordedDate": "VARCHAR",
      "onsetDateTime": "VARCHAR",
      "onsetPeriod": {"start": "VARCHAR", "end": "VARCHAR"},
      "verificationStatus": {"coding": [{"code": "VARCHAR"}]},
      "category": [{"coding": [{"code": "VARCHAR"}]}]
    }') AS r
  FROM fhir.resource
  WHERE resource_type = 'Condition'
)
SELECT
  body.key,
  body.source_file,
  body.row_number,
  body.last_updated,
  body.is_contained,
  coalesce(patient.target, fhir.target_of(r.subject.reference, 'Patient')) AS patient_id,
  coalesce(encounter.target, fhir.target_of(r.encounter.reference, 'Encounter')) AS encounter_id,
  r.code.coding AS code,
  r.recordedDate AS recorded_at,
  coalesce(r.onsetDateTime, r.onsetPeriod."start") AS onset_at,
  lower(trim(r.verificationStatus.coding[1].code)) AS verification,
  list_transform(fhir.codings_of(r.category), lambda c: lower(trim(c.code))) AS category
FROM body
LEFT JOIN fhir.link AS patient
  ON patient.scope = fhir.scope_of(r.subject.reference, body.bundle, body.key) AND patient.url = r.subject.reference
LEFT JOIN fhir.link AS encounter
  ON encounter.scope = fhir.scope_of(r.encounter.reference, body.bundle, body.key)
  AND encounter.url = r.encounter.reference
