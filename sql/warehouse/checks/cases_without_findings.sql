-- title: Audited cases that a measure says nothing of
-- grain: one audited case and measure
-- reads: stored.cases, stored.findings, stored.verdicts, stored.measures
-- 64 neighbouring cases are the bits of one number: so both sides are small, however many rows there are.
WITH said AS (
    SELECT
        v.measure_id, f.case_number >> 6 AS block,
        bit_or(CAST(1 AS UBIGINT) << CAST(f.case_number & 63 AS UBIGINT)) AS bits
    FROM stored.findings AS f
    JOIN stored.verdicts AS v USING (verdict)
    GROUP BY v.measure_id, block
),
audited AS (
    SELECT case_number >> 6 AS block, bit_or(CAST(1 AS UBIGINT) << CAST(case_number & 63 AS UBIGINT)) AS bits
    FROM stored.cases
    WHERE audited AND level <> 'unspecified'
    GROUP BY block
),
silent AS (
    SELECT m.measure_id, a.block, a.bits & ~coalesce(s.bits, 0) AS bits
    FROM audited AS a
    CROSS JOIN stored.measures AS m
    LEFT JOIN said AS s ON s.measure_id = m.measure_id AND s.block = a.block
    WHERE (a.bits & ~coalesce(s.bits, 0)) <> 0
)
SELECT c.case_id, s.measure_id
FROM silent AS s
JOIN range(64) AS b(bit) ON ((s.bits >> b.bit) & 1) = 1
LEFT JOIN stored.cases AS c ON c.case_number = s.block * 64 + b.bit
ORDER BY c.case_id, s.measure_id;
