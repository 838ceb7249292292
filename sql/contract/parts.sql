-- Title:  The patients who are kept, with the part that each belongs to
-- Grain:  one patient
-- Reads:  contract.kept
-- Writes: contract.patients: patient_id, birth_date (not known yet), part
-- Parameters: $parts
CREATE OR REPLACE TABLE contract.patients AS
SELECT patient_id, NULL::DATE AS birth_date, (md5_number_lower(patient_id) % $parts)::INTEGER AS part
FROM contract.kept;
