-- title: which resources made a row
-- grain: one row a resource
-- reads: the raw tables
CREATE TABLE fhir.landed AS
SELECT source_file, row_number FROM raw.patients
UNION
SELECT source_file, row_number FROM raw.encounters
UNION
SELECT source_file, row_number FROM raw.conditions
UNION
SELECT source_file, row_number FROM raw.observations
UNION
SELECT source_file, row_number FROM raw.imaging
UNION
SELECT source_file, row_number FROM raw.procedures
UNION
SELECT source_file, row_number FROM raw.referrals
UNION
SELECT source_file, row_number FROM raw.medications
