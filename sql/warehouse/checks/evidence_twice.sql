-- title: Evidence that occurs twice
-- grain: one row of evidence that stands there several times
-- reads: stored.evidence
-- Where a case, instance and role has no more rows than measures, none can stand twice: only the others are compared.
WITH several AS (
    SELECT case_number, instance, role
    FROM stored.evidence
    GROUP BY case_number, instance, role
    HAVING count(*) <> bit_count(bit_or(CAST(1 AS UBIGINT) << (measure & 63)))
)
SELECT e.case_number, e.measure, e.instance, e.role, e.event_number, count(*) AS n_rows
FROM stored.evidence AS e
SEMI JOIN several AS s USING (case_number, instance, role)
GROUP BY e.case_number, e.measure, e.instance, e.role, e.event_number
HAVING count(*) > 1
ORDER BY ALL;
