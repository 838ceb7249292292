-- title: Findings of verdicts that aren't there
-- grain: one verdict that is only named
-- reads: stored.findings, stored.verdicts, stored.measures, measure_catalogue
-- A verdict whose measure has no number, or stands in no catalogue, is not there either.
SELECT f.verdict, count(*) AS n_findings
FROM stored.findings AS f
ANTI JOIN (
    SELECT v.verdict
    FROM stored.verdicts AS v
    JOIN stored.measures AS m USING (measure_id)
    JOIN measure_catalogue AS c USING (measure_id)
) AS k USING (verdict)
GROUP BY f.verdict
ORDER BY f.verdict;
