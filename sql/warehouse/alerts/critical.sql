-- title: Deviations that are critical and were not the night before
-- grain: one measure and cause
-- reads: stored.changes, findings, measure_catalogue
-- column title: The measure's name in words.
-- column cause: What changed the verdict.
-- column n: Findings.
SELECT f.measure_id, m.title, c.cause, count(*) AS n
FROM stored.changes AS c
JOIN findings AS f USING (finding_key)
JOIN measure_catalogue AS m ON m.measure_id = f.measure_id
WHERE f.state = 'deviation'
  AND f.severity = 'critical'
  AND c.state_after = 'deviation'
  AND (c.state_before, c.severity_before) IS DISTINCT FROM ('deviation', 'critical')
GROUP BY f.measure_id, m.title, c.cause
ORDER BY f.measure_id, c.cause;
