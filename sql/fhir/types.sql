-- title: which resource types each file holds
-- grain: one row a (source_file, resource_type); a file without a record has none
-- reads: fhir.record, fhir.bundle_entry
SELECT source_file, resource_type FROM fhir.record
UNION
SELECT source_file, resource_type FROM fhir.bundle_entry
ORDER BY ALL
