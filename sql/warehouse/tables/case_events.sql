-- title: The clean events of the cases, used or not
-- grain: one event of one case
-- reads: stored.cases, stored.events, stored.set_names
CREATE VIEW case_events AS
SELECT
    c.case_id, e.table_name, e.row_id,
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
    CAST(date_diff('day', c.t0, CAST(e.event_local AS DATE)) AS INTEGER) AS day,
    s.value_sets, e.code_system, e.code, e.value, e.level, e.encounter_id, e.site_id, e.unit
FROM stored.cases AS c
JOIN stored.events AS e USING (patient_number)
JOIN stored.set_names AS s USING (sets)
WHERE e.table_name NOT IN ('patients', 'followup');
