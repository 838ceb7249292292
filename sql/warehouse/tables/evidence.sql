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
    CASE
        WHEN e.event_offset IS NULL THEN strftime(e.event_local, '%Y-%m-%d')
        ELSE concat(
            strftime(e.event_local, '%Y-%m-%dT%H:%M:%S'), CASE WHEN e.event_offset < 0 THEN '-' ELSE '+' END,
            lpad(CAST(abs(e.event_offset) // 60 AS VARCHAR), 2, '0'), ':',
            lpad(CAST(abs(e.event_offset) % 60 AS VARCHAR), 2, '0')
        )
    END AS event_at,
    CASE
        WHEN e.known_offset IS NULL THEN strftime(e.known_local, '%Y-%m-%d')
        ELSE concat(
            strftime(e.known_local, '%Y-%m-%dT%H:%M:%S'), CASE WHEN e.known_offset < 0 THEN '-' ELSE '+' END,
            lpad(CAST(abs(e.known_offset) // 60 AS VARCHAR), 2, '0'), ':',
            lpad(CAST(abs(e.known_offset) % 60 AS VARCHAR), 2, '0')
        )
    END AS known_at,
    e.code_system, e.code, e.value
FROM stored.evidence AS f
JOIN stored.cases AS c USING (case_number)
JOIN stored.measures AS m USING (measure)
JOIN stored.events AS e USING (event_number);
