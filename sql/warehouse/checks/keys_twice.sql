-- title: Findings that share their identity with another one
-- grain: one identity that several cases have, or several findings of one case
-- reads: stored.cases, stored.findings, stored.verdicts, stored.twins
-- Findings of different measures or cases never share one where every case has its own.
WITH several AS (
    SELECT DISTINCT f.case_number, v.measure_id
    FROM stored.findings AS f
    JOIN stored.verdicts AS v USING (verdict)
    WHERE f.instance > 1
)
SELECT key_case_id, NULL AS measure_id, count(*) AS n_rows
FROM stored.cases
GROUP BY key_case_id
HAVING count(*) > 1
UNION ALL
SELECT c.key_case_id, v.measure_id, count(*)
FROM (FROM stored.findings WHERE case_number IN (SELECT case_number FROM several)) AS f
JOIN stored.verdicts AS v USING (verdict)
JOIN several AS s USING (case_number, measure_id)
JOIN stored.cases AS c USING (case_number)
LEFT JOIN stored.twins AS t USING (case_number, verdict, instance)
GROUP BY c.key_case_id, v.measure_id, stored.finding_part(f.trigger_row_id, f.instance, t.twin)
HAVING count(*) > 1
ORDER BY key_case_id, measure_id;
