-- title: Findings that occur twice
-- grain: 64 neighbouring cases, of one of which a measure has the same instance twice
-- reads: stored.findings, stored.verdicts
-- The cases are the bits of one number: as many bits as rows, or one of them stands twice.
SELECT
    v.measure_id, f.instance, f.case_number >> 6 AS block,
    count(*) - bit_count(bit_or(CAST(1 AS UBIGINT) << CAST(f.case_number & 63 AS UBIGINT))) AS n_too_many
FROM stored.findings AS f
JOIN stored.verdicts AS v USING (verdict)
GROUP BY v.measure_id, f.instance, block
HAVING n_too_many <> 0
ORDER BY v.measure_id, f.instance, block;
