-- title: what is known of each coding under the name that it has after synonyms and the concept map
-- grain: one row a (given_system, given_code)
-- reads: fhir_pair, fhir_code
-- parameter systems: the canonical code systems
-- parameter specialty_systems: those that hold nothing but specialties
-- fhir_pair (given_system, given_code, code_system, code, code_key) and fhir_code (code_system, code_key, match,
-- is_specialty, is_imaging: the value sets, LOCAL and the imaging codes) are frames.
CREATE TABLE fhir.coding AS
SELECT
  pair.given_system,
  pair.given_code,
  pair.code_system,
  pair.code,
  count(known.code_key) > 0 AS is_known,
  list_contains($systems, pair.code_system) AS is_system_known,
  coalesce(bool_or(known.is_specialty), FALSE) AS is_specialty,
  list_contains($specialty_systems, pair.code_system) AS is_specialty_system,
  coalesce(bool_or(known.is_imaging), FALSE) AS is_imaging
FROM fhir_pair AS pair
LEFT JOIN fhir_code AS known
  ON known.code_system = pair.code_system
  AND (known.code_key = pair.code_key OR (known.match = 'prefix' AND starts_with(pair.code_key, known.code_key)))
GROUP BY ALL
