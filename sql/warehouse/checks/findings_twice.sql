-- title: Findings that occur twice
-- grain: one case and instance of which a measure has several findings
-- reads: stored.findings, stored.verdicts, stored.measures
-- The measures of a case and instance are the bits of one number: as many bits as rows, or one of them stands twice.
WITH numbers AS (
    SELECT v.verdict, CAST(1 AS UBIGINT) << (m.measure & 63) AS bit
    FROM stored.verdicts AS v
    JOIN stored.measures AS m USING (measure_id)
)
SELECT f.case_number, f.instance, count(*) - bit_count(bit_or(n.bit)) AS n_too_many
FROM stored.findings AS f
JOIN numbers AS n USING (verdict)
GROUP BY f.case_number, f.instance
HAVING count(*) <> bit_count(bit_or(n.bit))
ORDER BY f.case_number, f.instance;
