-- title: Every row that decided something about one case
-- grain: one deciding row in one role
-- reads: evidence, findings, cases, measure_catalogue, open_deviations
-- parameter who: the case_id, patient_id or display_id; default: the case with the gravest deviation
WITH wanted AS (
    SELECT case_id
    FROM cases
    WHERE getvariable('who') IN (case_id, patient_id, display_id)
    UNION
    (
        SELECT case_id
        FROM open_deviations
        WHERE getvariable('who') IS NULL
        ORDER BY list_position(['critical', 'high', 'moderate', 'low', 'advisory'], severity), case_id
        LIMIT 1
    )
)
SELECT
    f.case_id, f.measure_id, f.instance, m.title, f.state, f.reason, e.role, e.table_name, e.row_id,
    e.event_at, e.known_at, e.code_system, e.code, e.value, f.explanation
FROM wanted
JOIN findings AS f USING (case_id)
JOIN measure_catalogue AS m USING (measure_id)
LEFT JOIN evidence AS e USING (case_id, measure_id, instance)
ORDER BY f.case_id, m.position, f.instance, e.role, e.event_at, e.table_name, e.row_id;
