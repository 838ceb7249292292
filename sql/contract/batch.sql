-- Title:  Landed rows with the facts across rows that their checks read
-- Grain:  one landed row
-- Reads:  {source}: the rows, contract.patients (for the patients themselves: only who is kept)
-- {columns}: what is taken of the row; {is_shared}: whether another row has its id; {condition}: which rows
SELECT
    {columns},
    landed.source_file,
    landed.row_number,
    {is_shared} AS _is_shared_id,
    patients.patient_id IS NOT NULL AS _is_known_patient,
    patients.birth_date AS _birth_date,
    patients.part AS _part
FROM {source} AS landed
LEFT JOIN contract.patients AS patients ON patients.patient_id = landed.patient_id
WHERE {condition};
