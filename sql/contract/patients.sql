-- Title:  The accepted patients, for the checks of the other tables
-- Grain:  one accepted patient
-- Reads:  accepted_patients: patient_id, birth_date, part (null: not kept)
-- Writes: contract.patients: patient_id, birth_date, part
CREATE OR REPLACE TABLE contract.patients AS
SELECT patient_id, birth_date, part FROM accepted_patients;
