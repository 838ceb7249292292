-- title: Evidence of findings that aren't there
-- grain: one row of evidence
-- reads: evidence, findings
SELECT e.case_id, e.measure_id, e.instance, e.role, e.table_name
FROM evidence AS e
ANTI JOIN findings AS f
    ON f.case_id = e.case_id AND f.measure_id = e.measure_id AND f.instance = e.instance
ORDER BY e.case_id, e.measure_id, e.instance, e.role, e.table_name;
