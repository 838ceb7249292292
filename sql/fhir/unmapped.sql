-- title: the resources that made no row, and why
-- grain: one row a (resource_type, reason)
-- reads: fhir.resource, fhir.request, fhir.medication_use, fhir.concept, fhir.landed
-- parameter mapped: the resource types that fill a table
-- parameter looked_up: the types that others refer to
WITH left_over AS (
  SELECT * FROM fhir.resource
  WHERE NOT is_contained
    AND NOT EXISTS (
      SELECT 1 FROM fhir.landed
      WHERE landed.source_file = resource.source_file AND landed.row_number = resource.row_number
    )
),
forbidden AS (
  SELECT source_file, row_number FROM fhir.request WHERE is_forbidden AND NOT is_contained
  UNION ALL
  SELECT source_file, row_number FROM fhir.medication_use WHERE is_forbidden AND NOT is_contained
),
imaging AS (
  SELECT request.source_file, request.row_number
  FROM fhir.request
  JOIN fhir.concept ON concept.codings = request.code AND concept.imaging IS NOT NULL
  WHERE NOT request.is_contained
)
SELECT
  coalesce(left_over.resource_type, 'no resource') AS resource_type,
  CASE
    WHEN list_contains($looked_up, left_over.resource_type) THEN 'looked up'
    WHEN left_over.resource_type IS NULL OR NOT list_contains($mapped, left_over.resource_type) THEN 'other type'
    WHEN left_over.key IS NULL THEN 'no id'
    WHEN forbidden.source_file IS NOT NULL THEN 'not to be performed'
    WHEN imaging.source_file IS NOT NULL THEN 'imaging, but neither ImagingStudy nor DiagnosticReport is there'
    WHEN left_over.resource_type = 'ServiceRequest' THEN 'names neither a specialty nor an imaging study'
    WHEN left_over.resource_type = 'DiagnosticReport'
      AND json_array_length(left_over.content, '$.code.coding') > 0 THEN 'no imaging code'
    ELSE 'no code'
  END AS reason,
  count(*) AS resources
FROM left_over
LEFT JOIN forbidden
  ON forbidden.source_file = left_over.source_file AND forbidden.row_number = left_over.row_number
LEFT JOIN imaging ON imaging.source_file = left_over.source_file AND imaging.row_number = left_over.row_number
GROUP BY ALL
ORDER BY ALL
