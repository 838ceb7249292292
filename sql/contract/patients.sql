-- Title:  The accepted patients, for the checks of the other tables
-- Grain:  one accepted patient
-- Reads:  the clean patients file
-- Writes: contract.patients: patient_id, birth_date
-- Parameters: $path
CREATE OR REPLACE TABLE contract.patients AS
SELECT patient_id, birth_date FROM read_parquet($path);
