-- title: The duties and advice that were triggered
-- grain: one case, measure and instance
-- reads: stored.findings, stored.cases, stored.verdicts
CREATE VIEW recommendations AS
SELECT
    c.case_id, v.measure_id, f.instance, v.pathway, v.urgency,
    CASE
        WHEN f.trigger_offset IS NULL THEN strftime(f.trigger_local, '%Y-%m-%d')
        ELSE concat(
            strftime(f.trigger_local, '%Y-%m-%dT%H:%M:%S'), CASE WHEN f.trigger_offset < 0 THEN '-' ELSE '+' END,
            lpad(CAST(abs(f.trigger_offset) // 60 AS VARCHAR), 2, '0'), ':',
            lpad(CAST(abs(f.trigger_offset) % 60 AS VARCHAR), 2, '0')
        )
    END AS triggered_at,
    CASE
        WHEN f.due_offset IS NULL THEN strftime(f.due_local, '%Y-%m-%d')
        ELSE concat(
            strftime(f.due_local, '%Y-%m-%dT%H:%M:%S'), CASE WHEN f.due_offset < 0 THEN '-' ELSE '+' END,
            lpad(CAST(abs(f.due_offset) // 60 AS VARCHAR), 2, '0'), ':',
            lpad(CAST(abs(f.due_offset) % 60 AS VARCHAR), 2, '0')
        )
    END AS due_at,
    v.force, v.cited_line
FROM stored.findings AS f
JOIN stored.cases AS c USING (case_number)
JOIN stored.verdicts AS v USING (verdict)
WHERE v.urgency IS NOT NULL;
