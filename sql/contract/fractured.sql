-- Title:  Patients with one of some codes among their landed conditions
-- Grain:  one patient
-- Reads:  raw.conditions, fracture_codes: code_system, code, as landed
-- Writes: contract.kept: patient_id
CREATE OR REPLACE TABLE contract.kept AS
SELECT DISTINCT conditions.patient_id
FROM raw.conditions AS conditions
SEMI JOIN fracture_codes AS codes ON codes.code = conditions.code AND codes.code_system = conditions.code_system
WHERE conditions.patient_id IS NOT NULL;
