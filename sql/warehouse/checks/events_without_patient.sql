-- title: Events of patients who have no case
-- grain: one number of a patient without a case
-- reads: stored.events, stored.cases
-- 64 neighbouring patients are the bits of one number: so both sides are small, however many rows there are.
WITH named AS (
    SELECT patient_number >> 6 AS block, bit_or(CAST(1 AS UBIGINT) << CAST(patient_number & 63 AS UBIGINT)) AS bits
    FROM stored.events
    GROUP BY block
),
there AS (
    SELECT patient_number >> 6 AS block, bit_or(CAST(1 AS UBIGINT) << CAST(patient_number & 63 AS UBIGINT)) AS bits
    FROM stored.cases
    GROUP BY block
),
lacking AS (
    SELECT n.block, n.bits & ~coalesce(t.bits, 0) AS bits
    FROM named AS n
    LEFT JOIN there AS t USING (block)
    WHERE (n.bits & ~coalesce(t.bits, 0)) <> 0
)
SELECT l.block * 64 + b.bit AS patient_number
FROM lacking AS l
JOIN range(64) AS b(bit) ON ((l.bits >> b.bit) & 1) = 1
ORDER BY patient_number;
