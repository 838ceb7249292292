-- title: The list of deviations, for people who have no SQL
-- grain: one finding in state deviation
-- reads: findings, measure_catalogue
-- parameter first: the case_id from which on, default the first
-- parameter next: the case_id before which to end, default none
SELECT f.*, m.title, m.quote, m.cited_line
FROM findings AS f
JOIN measure_catalogue AS m USING (measure_id)
WHERE f.state = 'deviation'
  AND f.case_id >= coalesce(getvariable('first'), '')
  AND (f.case_id < getvariable('next') OR getvariable('next') IS NULL)
ORDER BY f.case_id, f.measure_id, f.instance;
