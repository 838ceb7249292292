-- title: Evidence that occurs twice
-- grain: one row of evidence that stands there several times
-- reads: stored.evidence
-- Where 64 neighbouring cases have as many cases as rows, none can stand twice: only the others are compared.
WITH several AS (
    SELECT measure, instance, role, case_number >> 6 AS block
    FROM stored.evidence
    GROUP BY measure, instance, role, block
    HAVING count(*) <> bit_count(bit_or(CAST(1 AS UBIGINT) << CAST(case_number & 63 AS UBIGINT)))
)
SELECT e.case_number, e.measure, e.instance, e.role, e.event_number, count(*) AS n_rows
FROM stored.evidence AS e
SEMI JOIN several AS s
    ON s.measure = e.measure AND s.instance = e.instance AND s.role = e.role AND s.block = e.case_number >> 6
GROUP BY e.case_number, e.measure, e.instance, e.role, e.event_number
HAVING count(*) > 1
ORDER BY ALL;
