-- title: Encounter, its fields
-- grain: one row a resource
-- reads: fhir.resource, fhir.link
CREATE TABLE fhir.encounter AS
WITH body AS (
  SELECT
    * EXCLUDE (content),
    from_json(content, '{
      "status": "VARCHAR",
      "class": {"code": "VARCHAR"},
      "type": [{"coding": [{"system": "VARCHAR", "code": "VARCHAR"}]}],
      "serviceType": {"coding": [{"system": "VARCHAR", "code": "VARCHAR"}]},
      "subject": {"reference": "VARCHAR"},
      "period": {"start": "VARCHAR", "end": "VARCHAR"},
      "hospitalization": {"dischargeDisposition": {"coding": [{"code": "VARCHAR"}], "text": "VARCHAR"}},
      "serviceProvider": {"reference": "VARCHAR"},
      "location": [{"location": {"reference": "VARCHAR"}}],
      "participant": [{"type": [{"coding": [{"code": "VARCHAR"}]}], "individual": {"reference": "VARCHAR"}}]
    }') AS r
  FROM fhir.resource
  WHERE resource_type = 'Encounter'
)
SELECT
  body.key,
  body.source_file,
  body.row_number,
  body.last_updated,
  body.is_contained,
  coalesce(patient.target, fhir.target_of(r.subject.reference, 'Patient')) AS patient_id,
  lower(trim(r.class.code)) AS class,
  lower(trim(r.status)) AS status,
  r.period."start" AS started_at,
  r.period."end" AS ended_at,
  r.serviceType.coding AS service_type,
  fhir.codings_of(r.type) AS visit_type,
  list_transform(r.hospitalization.dischargeDisposition.coding, lambda c: lower(trim(c.code))) AS disposition,
  r.hospitalization.dischargeDisposition IS NOT NULL AND (
    r.hospitalization.dischargeDisposition.text IS NOT NULL OR r.hospitalization.dischargeDisposition.coding IS NOT NULL
  ) AS has_disposition,
  fhir.target_of(r.serviceProvider.reference, 'Organization') AS site_id,
  fhir.target_of(r.location[1].location.reference, 'Location') AS unit,
  -- who attends goes before who performs, anyone else last
  fhir.target_of(
    coalesce(
      list_filter(
        r.participant,
        lambda p: list_contains(list_transform(fhir.codings_of(p.type), lambda c: c.code), 'ATND')
      )[1].individual.reference,
      list_filter(
        r.participant,
        lambda p: list_contains(list_transform(fhir.codings_of(p.type), lambda c: c.code), 'PPRF')
      )[1].individual.reference,
      r.participant[1].individual.reference
    ),
    'Practitioner'
  ) AS clinician_id
FROM body
LEFT JOIN fhir.link AS patient
  ON patient.scope = fhir.scope_of(r.subject.reference, body.bundle, body.key) AND patient.url = r.subject.reference
