-- title: Events that occur twice
-- grain: 64 neighbouring numbers, one of which several events have
-- reads: stored.events
SELECT event_number >> 6 AS block, count(*) - bit_count(bit_or(CAST(1 AS UBIGINT) << CAST(event_number & 63 AS UBIGINT))) AS n_too_many
FROM stored.events
GROUP BY block
HAVING n_too_many <> 0
ORDER BY block;
