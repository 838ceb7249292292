-- title: references that only their surroundings explain: fullUrl in a bundle, #id in a resource
-- grain: one row a (scope, url); scope is the bundle, or the containing resource
-- reads: fhir.resource
CREATE TABLE fhir.link AS
WITH named AS (
  SELECT bundle AS scope, full_url AS url, key AS target
  FROM fhir.resource
  WHERE full_url IS NOT NULL AND key IS NOT NULL
  UNION ALL
  -- A contained patient is the patient of that id only where their births agree: an id inside a resource is its own.
  SELECT inside.container, '#' || inside.local_id, coalesce(same.key, inside.key)
  FROM fhir.resource AS inside
  LEFT JOIN (
    SELECT key, arg_max(content ->> '$.birthDate', coalesce(last_updated, '')) AS birth_date
    FROM fhir.resource
    WHERE resource_type = 'Patient' AND NOT is_contained
    GROUP BY key
  ) AS same
    ON inside.resource_type = 'Patient'
    AND same.key = 'Patient/' || inside.local_id
    AND coalesce(inside.content ->> '$.birthDate', same.birth_date) IS NOT DISTINCT FROM same.birth_date
  WHERE inside.is_contained
)
SELECT scope, url, min(target) AS target FROM named GROUP BY scope, url
