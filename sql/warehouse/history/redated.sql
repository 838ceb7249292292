-- title: Cases whose case_id became another tonight, remembered
-- grain: one case
-- reads: nights, merged.stored.case_redated
INSERT INTO case_redated
SELECT (SELECT max(night) FROM nights), key_case_id, case_id_before, case_id_after
FROM merged.stored.case_redated;
