-- title: Medication, the drugs that others refer to
-- grain: one row a Medication, in a resource or in its own right; of several with one id the newest
-- reads: fhir.resource
CREATE TABLE fhir.drug AS
SELECT key, arg_max(code, coalesce(last_updated, '')) AS code
FROM (
  SELECT
    key, last_updated, from_json(content -> '$.code.coding', '[{"system": "VARCHAR", "code": "VARCHAR"}]') AS code
  FROM fhir.resource
  WHERE resource_type = 'Medication' AND key IS NOT NULL
)
WHERE code IS NOT NULL
GROUP BY key
