-- title: when the patient was seen for a request, as an Appointment that took place or a finished Task says
-- grain: one row a request; the earliest time
-- reads: fhir.resource, fhir.link
CREATE TABLE fhir.completion AS
WITH body AS (
  SELECT
    * EXCLUDE (content),
    from_json(content, '{
      "status": "VARCHAR",
      "start": "VARCHAR",
      "end": "VARCHAR",
      "basedOn": [{"reference": "VARCHAR"}],
      "focus": {"reference": "VARCHAR"},
      "executionPeriod": {"start": "VARCHAR", "end": "VARCHAR"},
      "lastModified": "VARCHAR"
    }') AS r
  FROM fhir.resource
  WHERE resource_type IN ('Appointment', 'Task') AND NOT is_contained
),
said AS (
  SELECT
    bundle,
    key,
    unnest(list_append(r.basedOn, r.focus)).reference AS reference,
    CASE resource_type
      WHEN 'Appointment' THEN coalesce(r."start", r."end")
      ELSE coalesce(r.executionPeriod."end", r.lastModified)
    END AS completed_at
  FROM body
  WHERE (resource_type = 'Appointment' AND lower(r.status) = 'fulfilled')
    OR (resource_type = 'Task' AND lower(r.status) = 'completed')
)
SELECT
  coalesce(link.target, fhir.target_of(said.reference, 'ServiceRequest')) AS request_id,
  arg_min(said.completed_at, coalesce(fhir.utc(said.completed_at), said.completed_at)) AS completed_at
FROM said
LEFT JOIN fhir.link
  ON link.scope = fhir.scope_of(said.reference, said.bundle, said.key) AND link.url = said.reference
WHERE said.reference IS NOT NULL AND said.completed_at IS NOT NULL
GROUP BY ALL
HAVING request_id IS NOT NULL
