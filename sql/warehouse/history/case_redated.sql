-- title: Cases whose case_id became another tonight: a late or corrected row moved T0 or the level
-- grain: one case
-- reads: inherited
INSERT INTO stored.case_redated
SELECT key_case_id, case_id_before, case_id
FROM inherited
WHERE case_id <> case_id_before
ORDER BY key_case_id;
