-- title: read FHIR files as JSON, one record after the other
-- grain: appends one row a JSON value to fhir.record
-- reads: the files
-- parameter files: their paths
-- parameter root: the extract's path with a slash
-- parameter format: newline_delimited or unstructured
-- parameter bytes: the largest JSON value that is accepted
-- parameter types: the resource types whose content is kept
INSERT INTO fhir.record
SELECT
  substr(filename, length($root) + 1),
  head.resourceType,
  trim(head.id),
  fhir.utc(head.meta.lastUpdated),
  CASE WHEN list_contains($types, head.resourceType) THEN head.contained END,
  CASE WHEN list_contains($types, head.resourceType) THEN json END
FROM (
  SELECT
    filename,
    json,
    from_json(
      json, '{"resourceType": "VARCHAR", "id": "VARCHAR", "meta": {"lastUpdated": "VARCHAR"}, "contained": ["JSON"]}'
    ) AS head
  FROM read_json_objects($files, format = $format, filename = true, maximum_object_size = $bytes, hive_partitioning = false)
)
