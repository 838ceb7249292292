-- title: Audited cases that a measure says nothing of
-- grain: one audited case and measure
-- reads: cases, measure_catalogue, findings
SELECT c.case_id, m.measure_id
FROM cases AS c
CROSS JOIN measure_catalogue AS m
ANTI JOIN findings AS f ON f.case_id = c.case_id AND f.measure_id = m.measure_id
WHERE c.audited AND c.level <> 'unspecified'
ORDER BY c.case_id, m.measure_id;
