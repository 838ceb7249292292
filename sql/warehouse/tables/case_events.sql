-- title: The clean events of the cases, used or not
-- grain: one event of one case
-- reads: stored.cases, stored.events, stored.set_names
CREATE VIEW case_events AS
SELECT
    c.case_id, e.table_name, e.row_id,
    stored.written(e.event_local, e.event_offset) AS event_at,
    stored.written(e.known_local, e.known_offset) AS known_at,
    CAST(date_diff('day', c.t0, CAST(e.event_local AS DATE)) AS INTEGER) AS day,
    s.value_sets, e.code_system, e.code, e.value, e.level, e.encounter_id, e.site_id, e.unit
FROM stored.cases AS c
JOIN stored.events AS e USING (patient_number)
JOIN stored.set_names AS s USING (sets)
WHERE e.table_name NOT IN ('patients', 'followup');
