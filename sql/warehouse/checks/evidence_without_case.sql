-- title: Evidence of cases that aren't there
-- grain: one number of a case that is only named
-- reads: stored.evidence, stored.cases
-- 64 neighbouring cases are the bits of one number: so both sides are small, however many rows there are.
WITH named AS (
    SELECT case_number >> 6 AS block, bit_or(CAST(1 AS UBIGINT) << CAST(case_number & 63 AS UBIGINT)) AS bits
    FROM stored.evidence
    GROUP BY block
),
there AS (
    SELECT case_number >> 6 AS block, bit_or(CAST(1 AS UBIGINT) << CAST(case_number & 63 AS UBIGINT)) AS bits
    FROM stored.cases
    GROUP BY block
),
lacking AS (
    SELECT n.block, n.bits & ~coalesce(t.bits, 0) AS bits
    FROM named AS n
    LEFT JOIN there AS t USING (block)
    WHERE (n.bits & ~coalesce(t.bits, 0)) <> 0
)
SELECT l.block * 64 + b.bit AS case_number
FROM lacking AS l
JOIN range(64) AS b(bit) ON ((l.bits >> b.bit) & 1) = 1
ORDER BY case_number;
