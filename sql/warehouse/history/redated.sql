-- title: Cases whose case_id became another tonight, remembered
-- grain: one case
-- reads: merged.stored.night, merged.stored.case_redated
INSERT INTO case_redated
SELECT n.run_id, r.key_case_id, r.case_id_before, r.case_id_after
FROM merged.stored.case_redated AS r
CROSS JOIN merged.stored.night AS n;
