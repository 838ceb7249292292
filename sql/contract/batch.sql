-- Title:  Landed rows with the facts across rows that their checks read
-- Grain:  one landed row
-- Reads:  {source}: the rows, contract.patients (for the patients themselves: only who is kept)
-- {columns}: what is taken of the row; {condition}: which rows; {is_repeated}: whether the row's id may occur again,
-- {is_shared}: whether it does, in a row that says something else
SELECT
    {columns},
    landed.source_file,
    landed.row_number,
    {is_repeated} AS _is_repeated,
    {is_shared} AS _is_shared_id,
    patients.patient_id IS NOT NULL AS _is_known_patient,
    patients.birth_date AS _birth_date,
    patients.part AS _part
FROM {source} AS landed
LEFT JOIN contract.patients AS patients ON patients.patient_id = landed.patient_id
WHERE {condition};
