-- title: Observation, its own value and its components
-- grain: one row an Observation (part = 0) and one a component (part = 1, 2, ...)
-- reads: fhir.resource, fhir.link
CREATE TABLE fhir.observation AS
WITH body AS (
  SELECT
    * EXCLUDE (content),
    from_json(content, '{
      "code": {"coding": [{"system": "VARCHAR", "code": "VARCHAR"}]},
      "valueQuantity": {"value": "VARCHAR", "unit": "VARCHAR", "system": "VARCHAR", "code": "VARCHAR"},
      "valueInteger": "VARCHAR",
      "valueCodeableConcept": {"coding": [{"system": "VARCHAR", "code": "VARCHAR"}], "text": "VARCHAR"},
      "valueString": "VARCHAR",
      "valueBoolean": "VARCHAR",
      "component": [{
        "code": {"coding": [{"system": "VARCHAR", "code": "VARCHAR"}]},
        "valueQuantity": {"value": "VARCHAR", "unit": "VARCHAR", "system": "VARCHAR", "code": "VARCHAR"},
        "valueInteger": "VARCHAR",
        "valueCodeableConcept": {"coding": [{"system": "VARCHAR", "code": "VARCHAR"}], "text": "VARCHAR"},
        "valueString": "VARCHAR",
        "valueBoolean": "VARCHAR"
      }],
      "subject": {"reference": "VARCHAR"},
      "encounter": {"reference": "VARCHAR"},
      "status": "VARCHAR",
      "effectiveDateTime": "VARCHAR",
      "effectivePeriod": {"start": "VARCHAR", "end": "VARCHAR"},
      "effectiveInstant": "VARCHAR",
      "issued": "VARCHAR",
      "bodySite": {"coding": [{"system": "VARCHAR", "code": "VARCHAR", "display": "VARCHAR"}], "text": "VARCHAR"}
    }') AS r
  FROM fhir.resource
  WHERE resource_type = 'Observation'
),
parted AS (
  SELECT
    *,
    list_concat(
      [struct_pack(
        code := r.code,
        valueQuantity := r.valueQuantity,
        valueInteger := r.valueInteger,
        valueCodeableConcept := r.valueCodeableConcept,
        valueString := r.valueString,
        valueBoolean := r.valueBoolean
      )],
      r.component
    ) AS parts
  FROM body
),
one AS (
  SELECT * EXCLUDE (parts), unnest(parts) AS value, generate_subscripts(parts, 1) - 1 AS part
  FROM parted
)
SELECT
  one.key,
  one.source_file,
  one.row_number,
  one.last_updated,
  one.is_contained,
  coalesce(patient.target, fhir.target_of(r.subject.reference, 'Patient')) AS patient_id,
  coalesce(encounter.target, fhir.target_of(r.encounter.reference, 'Encounter')) AS encounter_id,
  part,
  one.value.code.coding AS code,
  lower(trim(r.status)) AS status,
  coalesce(r.effectiveDateTime, r.effectivePeriod."start", r.effectiveInstant, r.issued) AS observed_at,
  r.issued AS recorded_at,
  coalesce(value.valueQuantity.value, value.valueInteger) AS value_number,
  -- the UCUM code is the unit's one spelling
  CASE
    WHEN value.valueQuantity.system = 'http://unitsofmeasure.org'
      THEN coalesce(value.valueQuantity.code, value.valueQuantity.unit)
    ELSE coalesce(value.valueQuantity.unit, value.valueQuantity.code)
  END AS unit,
  value.valueCodeableConcept.coding AS value_codings,
  coalesce(
    value.valueCodeableConcept.text,
    value.valueString,
    -- the statements that take a flag (LOCAL codes) are answered with yes and no
    CASE lower(value.valueBoolean) WHEN 'true' THEN 'yes' WHEN 'false' THEN 'no' END
  ) AS value_text,
  fhir.level_of(
    concat_ws(
      ' ',
      r.bodySite.text,
      array_to_string(list_transform(r.bodySite.coding, lambda c: concat_ws(' ', c.code, c.display)), ' ')
    )
  ) AS level
FROM one
LEFT JOIN fhir.link AS patient
  ON patient.scope = fhir.scope_of(r.subject.reference, one.bundle, one.key) AND patient.url = r.subject.reference
LEFT JOIN fhir.link AS encounter
  ON encounter.scope = fhir.scope_of(r.encounter.reference, one.bundle, one.key)
  AND encounter.url = r.encounter.reference
