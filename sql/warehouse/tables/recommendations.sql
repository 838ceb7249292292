-- title: The duties and advice that were triggered
-- grain: one case, measure and instance
-- reads: stored.findings, stored.cases, stored.verdicts
CREATE VIEW recommendations AS
SELECT
    c.case_id, v.measure_id, f.instance, v.pathway, v.urgency,
    stored.written(f.trigger_local, f.trigger_offset) AS triggered_at,
    stored.written(f.due_local, f.due_offset) AS due_at,
    v.force, v.cited_line
FROM stored.findings AS f
JOIN stored.cases AS c USING (case_number)
JOIN stored.verdicts AS v USING (verdict)
WHERE v.urgency IS NOT NULL;
