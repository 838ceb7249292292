-- title: The list of deviations, for people who have no SQL
-- grain: one finding in state deviation
-- reads: findings, measure_catalogue
SELECT f.*, m.title, m.quote, m.cited_line
FROM findings AS f
JOIN measure_catalogue AS m USING (measure_id)
WHERE f.state = 'deviation'
ORDER BY f.case_id, f.measure_id, f.instance;
