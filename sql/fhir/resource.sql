-- title: every resource of the extract, from NDJSON, JSON files and bundles, and the contained ones
-- grain: one row a resource; contained ones (is_contained) are looked up only, they make no rows
-- reads: fhir.record, fhir.bundle_entry
CREATE TABLE fhir.resource AS
WITH first_of_file AS (
  SELECT source_file, min(rowid) AS first FROM fhir.record GROUP BY source_file
),
whole AS (
  SELECT
    record.source_file,
    record.rowid - first_of_file.first + 1 AS row_number,
    CAST(NULL AS VARCHAR) AS bundle,
    CAST(NULL AS VARCHAR) AS full_url,
    record.resource_type,
    record.id,
    record.last_updated,
    record.contained,
    record.content
  FROM fhir.record
  JOIN first_of_file USING (source_file)
  WHERE record.resource_type IS DISTINCT FROM 'Bundle'
  UNION ALL
  SELECT source_file, row_number, bundle, full_url, resource_type, id, last_updated, contained, content
  FROM fhir.bundle_entry
),
inner_row AS (
  SELECT * EXCLUDE (content, contained), unnest(contained) AS inner_resource
  FROM whole
  WHERE contained IS NOT NULL
),
part AS (
  SELECT
    whole.source_file,
    whole.row_number,
    whole.bundle,
    inner_resource ->> '$.resourceType' AS resource_type,
    ltrim(inner_resource ->> '$.id', '#') AS local_id,
    whole.resource_type || '/' || whole.id AS container,
    whole.last_updated,
    inner_resource AS content
  FROM inner_row AS whole
)
SELECT
  resource_type || '/' || id AS key, resource_type, source_file, row_number, last_updated, bundle, full_url,
  CAST(NULL AS VARCHAR) AS container, CAST(NULL AS VARCHAR) AS local_id, FALSE AS is_contained, content
FROM whole
UNION ALL
SELECT
  container || '#' || local_id, resource_type, source_file, row_number, last_updated, bundle, NULL,
  container, local_id, TRUE, content
FROM part
