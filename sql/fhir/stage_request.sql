-- title: ServiceRequest, its fields
-- grain: one row a resource
-- reads: fhir.resource, fhir.link
CREATE TABLE fhir.request AS
WITH body AS (
  SELECT
    * EXCLUDE (content),
    from_json(content, '{
      "status": "VARCHAR",
      "intent": "VARCHAR",
      "doNotPerform": "VARCHAR",
      "priority": "VARCHAR",
      "subject": {"reference": "VARCHAR"},
      "encounter": {"reference": "VARCHAR"},
      "authoredOn": "VARCHAR",
      "code": {"coding": [{"system": "VARCHAR", "code": "VARCHAR"}]},
      "category": [{"coding": [{"system": "VARCHAR", "code": "VARCHAR"}]}],
      "performerType": {"coding": [{"system": "VARCHAR", "code": "VARCHAR"}]},
      "reasonCode": [{"coding": [{"system": "VARCHAR", "code": "VARCHAR"}]}],
      "reasonReference": [{"reference": "VARCHAR"}],
      "identifier": [{"type": {"coding": [{"code": "VARCHAR"}]}, "value": "VARCHAR", "use": "VARCHAR"}]
    }') AS r
  FROM fhir.resource
  WHERE resource_type = 'ServiceRequest'
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
  -- a suggestion is no order
  lower(trim(r.intent)) IN ('proposal', 'plan', 'option') IS TRUE AS is_proposed,
  lower(r.doNotPerform) = 'true' IS TRUE AS is_forbidden,
  lower(trim(r.priority)) AS priority,
  r.authoredOn AS ordered_at,
  r.code.coding AS code,
  fhir.codings_of(r.category) AS category,
  r.performerType.coding AS performer_type,
  fhir.codings_of(r.reasonCode) AS reason,
  coalesce(reason.target, fhir.target_of(r.reasonReference[1].reference, 'Condition')) AS reason_id,
  list_filter(
    r.identifier, lambda i: list_contains(list_transform(i.type.coding, lambda c: upper(c.code)), 'ACSN')
  )[1].value AS accession
FROM body
LEFT JOIN fhir.link AS patient
  ON patient.scope = fhir.scope_of(r.subject.reference, body.bundle, body.key) AND patient.url = r.subject.reference
LEFT JOIN fhir.link AS encounter
  ON encounter.scope = fhir.scope_of(r.encounter.reference, body.bundle, body.key)
  AND encounter.url = r.encounter.reference
LEFT JOIN fhir.link AS reason
  ON reason.scope = fhir.scope_of(r.reasonReference[1].reference, body.bundle, body.key)
  AND reason.url = r.reasonReference[1].reference
