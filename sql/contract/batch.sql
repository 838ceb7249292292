-- Title:  A landed table with the facts across rows that its checks read
-- Grain:  one landed row that is no exact duplicate, in the order of patient and id
-- Reads:  raw.{table}, contract.repeated, contract.patients (of the patients themselves: only who is kept)
-- {columns}: all columns of the contract; {extra}: further columns that a source has; {order}: patient and id
SELECT
    {columns},
    {extra}
    landed.source_file,
    landed.row_number,
    repeated.row IS NOT NULL AS _is_shared_id,
    patients.patient_id IS NOT NULL AS _is_known_patient,
    patients.birth_date AS _birth_date,
    patients.part AS _part
FROM raw.{table} AS landed
LEFT JOIN contract.repeated AS repeated ON repeated.row = landed.rowid
LEFT JOIN contract.patients AS patients ON patients.patient_id = landed.patient_id
WHERE NOT coalesce(repeated.is_duplicate, false)
ORDER BY {order};
