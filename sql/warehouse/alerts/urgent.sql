-- title: Urgent duties that are new since the night before and can still be met
-- grain: one measure and cause
-- reads: stored.changes, open_windows, recommendations
-- column title: The measure's name in words.
-- column cause: What changed the verdict.
-- column n: Findings.
SELECT w.measure_id, w.title, c.cause, count(*) AS n
FROM stored.changes AS c
JOIN open_windows AS w USING (finding_key)
LEFT JOIN recommendations AS r
    ON r.measure_id = 'X1' AND r.case_id = w.case_id AND r.measure_id = w.measure_id AND r.instance = w.instance
WHERE c.state_after = 'pending'
  AND NOT coalesce(c.state_before = 'pending' AND (w.measure_id <> 'X1' OR c.urgency_before = 'urgent'), false)
  -- A suspected tumour is only told beside a deficit: then, and only then, its deadline is one of hours.
  AND (w.measure_id <> 'X1' OR r.urgency = 'urgent')
GROUP BY w.measure_id, w.title, c.cause
ORDER BY w.measure_id, c.cause;
