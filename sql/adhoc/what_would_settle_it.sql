-- title: What to record so that the audit could tell
-- grain: one measure, reason and missing fact of the indeterminate findings
-- reads: findings, measure_catalogue
SELECT
    f.measure_id, m.title, f.reason, f.fact AS missing_fact,
    count(*) AS n_findings, count(DISTINCT f.case_id) AS n_cases
FROM (
    SELECT case_id, measure_id, reason, unnest(string_split(coalesce(missing_facts, ''), '|')) AS fact
    FROM findings
    WHERE state = 'indeterminate'
) AS f
JOIN measure_catalogue AS m USING (measure_id)
GROUP BY ALL
ORDER BY n_findings DESC, f.measure_id, f.reason, missing_fact;
