-- title: Evidence of findings that aren't there
-- grain: one case, measure and instance that has evidence and no finding
-- reads: stored.evidence, stored.findings, stored.verdicts, stored.measures, stored.cases
-- 64 neighbouring cases are the bits of one number: so both sides are small, however many rows there are.
WITH there AS (
    SELECT
        m.measure, f.instance, f.case_number >> 6 AS block,
        bit_or(CAST(1 AS UBIGINT) << CAST(f.case_number & 63 AS UBIGINT)) AS bits
    FROM stored.findings AS f
    JOIN stored.verdicts AS v USING (verdict)
    JOIN stored.measures AS m USING (measure_id)
    GROUP BY m.measure, f.instance, block
),
named AS (
    SELECT
        measure, instance, case_number >> 6 AS block,
        bit_or(CAST(1 AS UBIGINT) << CAST(case_number & 63 AS UBIGINT)) AS bits
    FROM stored.evidence
    GROUP BY measure, instance, block
),
lacking AS (
    SELECT n.measure, n.instance, n.block, n.bits & ~coalesce(t.bits, 0) AS bits
    FROM named AS n
    LEFT JOIN there AS t USING (measure, instance, block)
    WHERE (n.bits & ~coalesce(t.bits, 0)) <> 0
)
SELECT c.case_id, m.measure_id, l.instance
FROM lacking AS l
JOIN range(64) AS b(bit) ON ((l.bits >> b.bit) & 1) = 1
LEFT JOIN stored.cases AS c ON c.case_number = l.block * 64 + b.bit
LEFT JOIN stored.measures AS m ON m.measure = l.measure
ORDER BY c.case_id, m.measure_id, l.instance;
