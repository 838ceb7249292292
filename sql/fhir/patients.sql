-- title: patients from Patient
-- grain: one row a resource
-- reads: fhir.patient
SELECT
  key AS patient_id,
  coalesce(
    list_filter(
      r.identifier,
      lambda i: i.use IS DISTINCT FROM 'old'
        AND list_contains(list_transform(i.type.coding, lambda c: upper(c.code)), 'MR')
    )[1].value,
    list_filter(
      r.identifier, lambda i: list_contains(list_transform(i.type.coding, lambda c: upper(c.code)), 'MR')
    )[1].value
  ) AS display_id,
  r.birthDate AS birth_date,
  r.gender AS sex,
  -- A death without a time isn't a time: the text makes the contract drop it with a warning.
  coalesce(r.deceasedDateTime, CASE WHEN lower(r.deceasedBoolean) = 'true' THEN 'true' END) AS deceased_at,
  fhir.us_core(r.extension, 'us-core-race') AS race,
  fhir.us_core(r.extension, 'us-core-ethnicity') AS ethnicity,
  coalesce(
    list_filter(r.communication, lambda c: lower(c.preferred) = 'true')[1].language.coding[1].code,
    r.communication[1].language.coding[1].code,
    r.communication[1].language.text
  ) AS language,
  CAST(NULL AS VARCHAR) AS payer,
  fhir.target_of(r.managingOrganization.reference, 'Organization') AS site_id,
  source_file,
  row_number,
  last_updated
FROM fhir.patient
WHERE key IS NOT NULL
