-- title: DiagnosticReport, its fields
-- grain: one row a resource
-- reads: fhir.resource, fhir.link
CREATE TABLE fhir.report AS
WITH body AS (
  SELECT
    * EXCLUDE (content),
    from_json(content, '{
      "status": "VARCHAR",
      "subject": {"reference": "VARCHAR"},
      "encounter": {"reference": "VARCHAR"},
      "code": {"coding": [{"system": "VARCHAR", "code": "VARCHAR"}]},
      "effectiveDateTime": "VARCHAR",
      "effectivePeriod": {"start": "VARCHAR", "end": "VARCHAR"},
      "issued": "VARCHAR",
      "imagingStudy": [{"reference": "VARCHAR"}],
      "identifier": [{"type": {"coding": [{"code": "VARCHAR"}]}, "value": "VARCHAR", "use": "VARCHAR"}]
    }') AS r
  FROM fhir.resource
  WHERE resource_type = 'DiagnosticReport'
)
SELECT
  body.key,
  body.source_file,
  body.row_number,
  body.last_updated,
  body.is_contained,
  coalesce(patient.target, fhir.target_of(r.subject.reference, 'Patient')) AS patient_id,
  coalesce(encounter.target, fhir.target_of(r.encounter.reference, 'Encounter')) AS encounter_id,
  lower(trim(r.status)) AS status,
  r.code.coding AS code,
  coalesce(r.effectiveDateTime, r.effectivePeriod."start", r.issued) AS performed_at,
  coalesce(study.target, fhir.target_of(r.imagingStudy[1].reference, 'ImagingStudy')) AS study_id,
  list_filter(
    r.identifier, lambda i: list_contains(list_transform(i.type.coding, lambda c: upper(c.code)), 'ACSN')
  )[1].value AS accession
FROM body
LEFT JOIN fhir.link AS patient
  ON patient.scope = fhir.scope_of(r.subject.reference, body.bundle, body.key) AND patient.url = r.subject.reference
LEFT JOIN fhir.link AS encounter
  ON encounter.scope = fhir.scope_of(r.encounter.reference, body.bundle, body.key)
  AND encounter.url = r.encounter.reference
LEFT JOIN fhir.link AS study
  ON study.scope = fhir.scope_of(r.imagingStudy[1].reference, body.bundle, body.key)
  AND study.url = r.imagingStudy[1].reference
