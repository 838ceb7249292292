-- title: Evidence of findings that aren't there
-- grain: one case, measure and instance that has evidence and no finding
-- reads: stored.evidence, stored.findings, stored.verdicts, stored.measures, stored.cases
-- Over the stored numbers: the measures of a case and instance are the bits of one number.
WITH numbers AS (
    SELECT v.verdict, CAST(1 AS UBIGINT) << (m.measure & 63) AS bit
    FROM stored.verdicts AS v
    JOIN stored.measures AS m USING (measure_id)
),
there AS (
    SELECT f.case_number, f.instance, bit_or(n.bit) AS bits
    FROM stored.findings AS f
    JOIN numbers AS n USING (verdict)
    GROUP BY f.case_number, f.instance
),
named AS (
    SELECT case_number, instance, bit_or(CAST(1 AS UBIGINT) << (measure & 63)) AS bits
    FROM stored.evidence
    GROUP BY case_number, instance
),
lacking AS (
    SELECT n.case_number, n.instance, n.bits & ~coalesce(t.bits, 0) AS bits
    FROM named AS n
    LEFT JOIN there AS t USING (case_number, instance)
    WHERE (n.bits & ~coalesce(t.bits, 0)) <> 0
)
SELECT c.case_id, m.measure_id, l.instance
FROM lacking AS l
LEFT JOIN stored.cases AS c USING (case_number)
LEFT JOIN stored.measures AS m ON ((l.bits >> (m.measure & 63)) & 1) = 1
ORDER BY c.case_id, m.measure_id, l.instance;
