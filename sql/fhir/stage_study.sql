-- title: ImagingStudy, its fields
-- grain: one row a resource
-- reads: fhir.resource, fhir.link
CREATE TABLE fhir.study AS
WITH body AS (
  SELECT
    * EXCLUDE (content),
    from_json(content, '{
      "status": "VARCHAR",
      "subject": {"reference": "VARCHAR"},
      "encounter": {"reference": "VARCHAR"},
      "started": "VARCHAR",
      "modality": [{"system": "VARCHAR", "code": "VARCHAR"}],
      "series": [{"modality": {"system": "VARCHAR", "code": "VARCHAR"}, "started": "VARCHAR"}],
      "procedureCode": [{"coding": [{"system": "VARCHAR", "code": "VARCHAR"}]}],
      "identifier": [{"type": {"coding": [{"code": "VARCHAR"}]}, "value": "VARCHAR", "use": "VARCHAR"}]
    }') AS r
  FROM fhir.resource
  WHERE resource_type = 'ImagingStudy'
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
  coalesce(r.started, list_min(list_transform(r.series, lambda s: s.started))) AS performed_at,
  coalesce(r.modality, list_transform(r.series, lambda s: s.modality)) AS modality,
  -- a study without a procedure code is known by its modality: that it took place must not be lost
  coalesce(fhir.codings_of(r.procedureCode), r.modality, list_transform(r.series, lambda s: s.modality)) AS code,
  list_filter(
    r.identifier, lambda i: list_contains(list_transform(i.type.coding, lambda c: upper(c.code)), 'ACSN')
  )[1].value AS accession
FROM body
LEFT JOIN fhir.link AS patient
  ON patient.scope = fhir.scope_of(r.subject.reference, body.bundle, body.key) AND patient.url = r.subject.reference
LEFT JOIN fhir.link AS encounter
  ON encounter.scope = fhir.scope_of(r.encounter.reference, body.bundle, body.key)
  AND encounter.url = r.encounter.reference
