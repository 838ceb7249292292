-- title: the records of the FHIR files, empty
-- grain: one row a JSON value of a file (a line of an NDJSON file, the content of a JSON file), in the file's order
-- reads: nothing
CREATE TABLE fhir.record (
  source_file VARCHAR,     -- relative to the extract
  resource_type VARCHAR,
  id VARCHAR,
  last_updated VARCHAR,    -- meta.lastUpdated in UTC, so that the order of the texts is the order of the times
  contained JSON[],
  content JSON             -- null for types that are neither mapped nor looked up: these are only counted
)
