-- title: the four resources that say that a patient takes a drug
-- grain: one row a resource
-- reads: fhir.resource, fhir.link
CREATE TABLE fhir.medication_use AS
WITH read AS (
  SELECT
    * EXCLUDE (content),
    from_json(content, '{
      "status": "VARCHAR",
      "intent": "VARCHAR",
      "doNotPerform": "VARCHAR",
      "subject": {"reference": "VARCHAR"},
      "encounter": {"reference": "VARCHAR"},
      "context": {"reference": "VARCHAR"},
      "medicationCodeableConcept": {"coding": [{"system": "VARCHAR", "code": "VARCHAR"}]},
      "medicationReference": {"reference": "VARCHAR"},
      "authoredOn": "VARCHAR",
      "effectiveDateTime": "VARCHAR",
      "effectivePeriod": {"start": "VARCHAR", "end": "VARCHAR"},
      "whenHandedOver": "VARCHAR",
      "dateAsserted": "VARCHAR",
      "dispenseRequest": {"expectedSupplyDuration": {"value": "VARCHAR", "unit": "VARCHAR", "code": "VARCHAR"}},
      "daysSupply": {"value": "VARCHAR", "unit": "VARCHAR", "code": "VARCHAR"},
      "dosageInstruction": [{
        "route": {"coding": [{"system": "VARCHAR", "code": "VARCHAR", "display": "VARCHAR"}], "text": "VARCHAR"}
      }],
      "dosage": "JSON"
    }') AS r
  FROM fhir.resource
  WHERE resource_type IN ('MedicationRequest', 'MedicationAdministration', 'MedicationDispense', 'MedicationStatement')
),
body AS (
  -- `context` may name an episode of care, which is no encounter
  SELECT
    *,
    coalesce(
      r.encounter.reference, CASE WHEN NOT contains(r.context.reference, 'EpisodeOfCare/') THEN r.context.reference END
    ) AS contact
  FROM read
)
SELECT
  body.key,
  body.source_file,
  body.row_number,
  body.last_updated,
  body.is_contained,
  coalesce(patient.target, fhir.target_of(r.subject.reference, 'Patient')) AS patient_id,
  coalesce(encounter.target, fhir.target_of(contact, 'Encounter')) AS encounter_id,
  body.resource_type,
  lower(trim(r.status)) AS status,
  lower(trim(r.intent)) IN ('proposal', 'plan', 'option') IS TRUE AS is_proposed,
  lower(r.doNotPerform) = 'true' IS TRUE AS is_forbidden,
  r.medicationCodeableConcept.coding AS code,
  coalesce(medication.target, fhir.target_of(r.medicationReference.reference, 'Medication')) AS drug_id,
  CASE body.resource_type
    WHEN 'MedicationRequest' THEN r.authoredOn
    WHEN 'MedicationDispense' THEN r.whenHandedOver
    WHEN 'MedicationAdministration' THEN coalesce(r.effectiveDateTime, r.effectivePeriod."start")
    ELSE coalesce(r.effectiveDateTime, r.effectivePeriod."start", r.dateAsserted)
  END AS started_at,
  -- one administration is over when it is given; a statement of one time may go on
  CASE
    WHEN r.effectivePeriod IS NOT NULL THEN r.effectivePeriod."end"
    WHEN body.resource_type = 'MedicationAdministration' THEN r.effectiveDateTime
  END AS ended_at,
  CASE body.resource_type
    WHEN 'MedicationRequest' THEN r.dispenseRequest.expectedSupplyDuration
    WHEN 'MedicationDispense' THEN r.daysSupply
  END AS supply,
  -- dosage is one object in an administration, a list in a statement
  coalesce(
    r.dosageInstruction[1].route,
    from_json(
      coalesce(r.dosage -> '$.route', r.dosage -> '$[0].route'),
      '{"coding": [{"system": "VARCHAR", "code": "VARCHAR", "display": "VARCHAR"}], "text": "VARCHAR"}'
    )
  ) AS route
FROM body
LEFT JOIN fhir.link AS patient
  ON patient.scope = fhir.scope_of(r.subject.reference, body.bundle, body.key) AND patient.url = r.subject.reference
LEFT JOIN fhir.link AS encounter
  ON encounter.scope = fhir.scope_of(contact, body.bundle, body.key)
  AND encounter.url = contact
LEFT JOIN fhir.link AS medication
  ON medication.scope = fhir.scope_of(r.medicationReference.reference, body.bundle, body.key)
  AND medication.url = r.medicationReference.reference
