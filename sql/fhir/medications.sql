-- title: medications from MedicationRequest, -Administration, -Dispense and -Statement
-- grain: one row a resource whose drug has a code
-- reads: fhir.medication_use, fhir.drug, fhir.word, fhir.concept
WITH coding AS (
  SELECT
    source_file, row_number, unnest(route.coding) AS given, generate_subscripts(route.coding, 1) AS position
  FROM fhir.medication_use
  WHERE NOT is_contained
),
route_of AS (
  SELECT coding.source_file, coding.row_number, min_by(word.becomes, coding.position) AS becomes
  FROM coding
  JOIN fhir.word ON word.field = 'medication.route' AND word.given = lower(trim(coding.given.code))
  GROUP BY ALL
),
row_of AS (
  SELECT
    use.*,
    coalesce(use.code, drug.code) AS codings,
    lower(
      concat_ws(' ', use.route.text, array_to_string(list_transform(use.route.coding, lambda c: c.display), ' '))
    ) AS way
  FROM fhir.medication_use AS use
  LEFT JOIN fhir.drug ON drug.key = use.drug_id
  WHERE use.key IS NOT NULL AND NOT use.is_contained AND NOT use.is_forbidden
)
SELECT
  row_of.key AS medication_id,
  row_of.patient_id,
  row_of.encounter_id,
  concept.chosen.system AS code_system,
  concept.chosen.code AS code,
  row_of.started_at,
  row_of.ended_at,
  CASE
    WHEN coalesce(row_of.supply.code, row_of.supply.unit) IS NULL THEN row_of.supply.value
    ELSE CAST(TRY_CAST(row_of.supply.value AS DOUBLE) * CAST(duration.becomes AS DOUBLE) AS VARCHAR)
  END AS days_supply,
  CASE
    WHEN route_of.becomes IS NOT NULL THEN route_of.becomes
    WHEN regexp_matches(row_of.way, '\boral|by mouth') THEN 'oral'
    WHEN regexp_matches(row_of.way, 'nasal') THEN 'nasal'
    WHEN regexp_matches(row_of.way, 'intraven|intramusc|subcut|inject|parenteral') THEN 'parenteral'
    WHEN regexp_matches(row_of.way, 'topical|cutaneous|transdermal') THEN 'topical'
    WHEN row_of.way <> '' OR row_of.route.coding IS NOT NULL THEN 'other'
  END AS route,
  CASE
    -- a suggestion never counts, whatever its state
    WHEN row_of.is_proposed AND row_of.status <> 'entered-in-error' THEN 'cancelled'
    ELSE coalesce(status.becomes, row_of.status)
  END AS status,
  row_of.source_file,
  row_of.row_number,
  row_of.last_updated
FROM row_of
JOIN fhir.concept ON concept.codings = row_of.codings
LEFT JOIN route_of ON route_of.source_file = row_of.source_file AND route_of.row_number = row_of.row_number
LEFT JOIN fhir.word AS duration
  ON duration.field = 'duration.days' AND duration.given = lower(trim(coalesce(row_of.supply.code, row_of.supply.unit)))
LEFT JOIN fhir.word AS status ON status.field = row_of.resource_type || '.status' AND status.given = row_of.status
