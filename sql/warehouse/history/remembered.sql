-- title: What differs tonight, remembered
-- grain: one finding that differs from the night before
-- reads: merged.stored.night, merged.stored.changes
INSERT INTO changes
SELECT
    n.run_id, c.finding_key, c.key_case_id, c.case_id, c.measure_id, c.instance,
    c.state_before, c.reason_before, c.state_after, c.reason_after, c.cause
FROM merged.stored.changes AS c
CROSS JOIN merged.stored.night AS n;
