-- Title:  Patients with one of some codes among their landed conditions
-- Grain:  one patient
-- Reads:  raw.conditions, fracture_codes: code_system, code, as landed
-- Writes: contract.kept: patient_id
CREATE OR REPLACE TABLE contract.kept AS
SELECT DISTINCT patient_id
FROM raw.conditions
WHERE patient_id IS NOT NULL
    AND (code_system, code) IN (SELECT (code_system, code) FROM fracture_codes);
