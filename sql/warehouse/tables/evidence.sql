-- title: The deciding rows behind the findings
-- grain: one row of the extract in one role of one finding
-- reads: stored.evidence, stored.cases, stored.measures, stored.events
CREATE VIEW evidence AS
SELECT
    c.case_id, m.measure_id, f.instance,
    CASE f.role
        WHEN 1 THEN 'action'
        WHEN 2 THEN 'exception'
        WHEN 3 THEN 'exclusion'
        WHEN 4 THEN 'justification'
        WHEN 5 THEN 'trigger'
    END AS role,
    e.table_name, e.row_id,
    stored.written(e.event_local, e.event_offset) AS event_at,
    stored.written(e.known_local, e.known_offset) AS known_at,
    e.code_system, e.code, e.value
FROM stored.evidence AS f
JOIN stored.cases AS c USING (case_number)
JOIN stored.measures AS m USING (measure)
JOIN stored.events AS e USING (event_number);
