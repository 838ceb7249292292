-- title: What differs tonight, remembered
-- grain: one finding that differs from the night before
-- reads: nights, merged.stored.changes
INSERT INTO changes
SELECT
    (SELECT max(night) FROM nights), finding_key, key_case_id, case_id, measure_id, instance,
    state_before, reason_before, state_after, reason_after, cause
FROM merged.stored.changes;
