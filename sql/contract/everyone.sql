-- Title:  All landed patients
-- Grain:  one patient
-- Reads:  raw.patients
-- Writes: contract.kept: patient_id
CREATE OR REPLACE TABLE contract.kept AS
SELECT DISTINCT patient_id FROM raw.patients WHERE patient_id IS NOT NULL;
