-- title: Audited cases that a measure says nothing of
-- grain: one audited case and measure
-- reads: stored.cases, stored.findings, stored.verdicts, stored.measures
-- Over the stored numbers: the measures that speak of a case are the bits of one number.
WITH numbers AS (
    SELECT v.verdict, CAST(1 AS UBIGINT) << (m.measure & 63) AS bit
    FROM stored.verdicts AS v
    JOIN stored.measures AS m USING (measure_id)
),
said AS (
    SELECT f.case_number, bit_or(n.bit) AS bits
    FROM stored.findings AS f
    JOIN numbers AS n USING (verdict)
    GROUP BY f.case_number
),
silent AS (
    SELECT c.case_id, coalesce(s.bits, 0) AS bits
    FROM stored.cases AS c
    LEFT JOIN said AS s USING (case_number)
    WHERE c.audited AND c.level <> 'unspecified'
      AND bit_count(coalesce(s.bits, 0)) < (SELECT count(*) FROM stored.measures)
)
SELECT s.case_id, m.measure_id
FROM silent AS s
JOIN stored.measures AS m ON ((s.bits >> (m.measure & 63)) & 1) = 0
ORDER BY s.case_id, m.measure_id;
