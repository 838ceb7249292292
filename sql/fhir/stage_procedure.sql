-- title: Procedure, its fields
-- grain: one row a resource
-- reads: fhir.resource, fhir.link
CREATE TABLE fhir.procedure AS
WITH body AS (
  SELECT
    * EXCLUDE (content),
    from_json(content, '{
      "status": "VARCHAR",
      "subject": {"reference": "VARCHAR"},
      "encounter": {"reference": "VARCHAR"},
      "code": {"coding": [{"system": "VARCHAR", "code": "VARCHAR"}]},
      "performedDateTime": "VARCHAR",
      "performedPeriod": {"start": "VARCHAR", "end": "VARCHAR"},
      "bodySite": [{"coding": [{"system": "VARCHAR", "code": "VARCHAR", "display": "VARCHAR"}], "text": "VARCHAR"}],
      "identifier": [{"type": {"coding": [{"code": "VARCHAR"}]}, "value": "VARCHAR", "use": "VARCHAR"}]
    }') AS r
  FROM fhir.resource
  WHERE resource_type = 'Procedure'
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
  coalesce(r.performedDateTime, r.performedPeriod."start") AS performed_at,
  -- a period that has begun and not ended is going on
  r.performedDateTime IS NOT NULL OR r.performedPeriod."end" IS NOT NULL AS is_over,
  fhir.level_of(
    array_to_string(
      list_transform(
        r.bodySite,
        lambda b: concat_ws(
          ' ', b.text, array_to_string(list_transform(b.coding, lambda c: concat_ws(' ', c.code, c.display)), ' ')
        )
      ),
      ' '
    )
  ) AS level,
  list_filter(
    r.identifier, lambda i: list_contains(list_transform(i.type.coding, lambda c: upper(c.code)), 'ACSN')
  )[1].value AS accession
FROM body
LEFT JOIN fhir.link AS patient
  ON patient.scope = fhir.scope_of(r.subject.reference, body.bundle, body.key) AND patient.url = r.subject.reference
LEFT JOIN fhir.link AS encounter
  ON encounter.scope = fhir.scope_of(r.encounter.reference, body.bundle, body.key)
  AND encounter.url = r.encounter.reference
