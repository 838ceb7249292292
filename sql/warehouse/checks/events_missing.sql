-- title: Events that evidence or a trigger names and that aren't there
-- grain: one number of an event that is only named
-- reads: stored.evidence, stored.findings, stored.events
-- 64 neighbouring numbers are the bits of one: so both sides are small, however many events there are.
WITH named AS (
    SELECT event_number >> 6 AS block, bit_or(CAST(1 AS UBIGINT) << CAST(event_number & 63 AS UBIGINT)) AS bits
    FROM (
        SELECT event_number FROM stored.evidence
        UNION ALL
        SELECT trigger_event FROM stored.findings WHERE trigger_event IS NOT NULL
    )
    GROUP BY block
),
there AS (
    SELECT event_number >> 6 AS block, bit_or(CAST(1 AS UBIGINT) << CAST(event_number & 63 AS UBIGINT)) AS bits
    FROM stored.events
    GROUP BY block
),
lacking AS (
    SELECT n.block, n.bits & ~coalesce(t.bits, 0) AS bits
    FROM named AS n
    LEFT JOIN there AS t USING (block)
    WHERE (n.bits & ~coalesce(t.bits, 0)) <> 0
)
SELECT l.block * 64 + b.bit AS event_number
FROM lacking AS l
JOIN range(64) AS b(bit) ON ((l.bits >> b.bit) & 1) = 1
ORDER BY event_number;
