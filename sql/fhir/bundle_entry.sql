-- title: the resources inside bundles, and inside bundles in bundles
-- grain: one row an entry of a bundle
-- reads: fhir.record
-- parameter types: the resource types whose content is kept
CREATE TABLE fhir.bundle_entry AS
WITH RECURSIVE item AS (
  SELECT
    source_file,
    rowid AS record,
    CAST([] AS BIGINT[]) AS path,
    CAST(NULL AS VARCHAR) AS bundle,
    CAST(NULL AS VARCHAR) AS full_url,
    content AS resource,
    'Bundle' AS resource_type
  FROM fhir.record
  WHERE resource_type = 'Bundle'
  UNION ALL
  SELECT
    item.source_file,
    item.record,
    list_append(item.path, entry.position),
    'bundle ' || item.record || array_to_string(item.path, '.'),
    entry.content ->> '$.fullUrl',
    entry.content -> '$.resource',
    entry.content ->> '$.resource.resourceType'
  FROM item
  CROSS JOIN unnest(json_extract(item.resource, '$.entry[*]')) WITH ORDINALITY AS entry (content, position)
  WHERE item.resource_type = 'Bundle'
)
SELECT
  source_file,
  row_number() OVER (PARTITION BY source_file ORDER BY record, path) AS row_number,
  bundle,
  full_url,
  resource_type,
  -- A resource that a transaction creates has no id yet: it is known by its fullUrl.
  coalesce(trim(resource ->> '$.id'), nullif(regexp_extract(full_url, '[^:/]+$'), '')) AS id,
  fhir.utc(resource ->> '$.meta.lastUpdated') AS last_updated,
  CASE WHEN list_contains($types, resource_type) THEN from_json(resource -> '$.contained', '["JSON"]') END AS contained,
  CASE WHEN list_contains($types, resource_type) THEN resource END AS content
FROM item
WHERE path <> [] AND resource IS NOT NULL AND resource_type IS DISTINCT FROM 'Bundle'
