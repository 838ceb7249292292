-- title: What happened in a case, and what was due when
-- grain: one event, milestone or verdict of one case; read it ordered by day, event_at
-- reads: case_events, cases, findings, measure_catalogue
-- column day: Day, counted from T0 (T0 = 0, earlier days negative).
-- column event_at: When it happened or was due.
-- column kind: `event` a row of the extract, `milestone` a date of the case, `due` a deadline, `action` what answered it.
-- column what: The event's table, the milestone's name, or the measure.
-- column detail: The event's code and value; the milestone's reason; the verdict in one sentence.
-- column known_at: When an event was known: the later of event and record.
-- column row_id: Id of an event's row in the extract.
CREATE VIEW case_timeline AS
WITH entries AS (
    SELECT
        case_id, day, event_at, 'event' AS kind, table_name AS what,
        concat_ws(' ', code_system, code, value, '[' || value_sets || ']') AS detail,
        known_at, row_id
    FROM case_events
    UNION ALL BY NAME
    SELECT case_id, 0 AS day, CAST(t0 AS VARCHAR) AS event_at, 'milestone' AS kind, 'T0' AS what, 'fracture began' AS detail
    FROM cases
    UNION ALL BY NAME
    SELECT
        case_id, date_diff('day', t0, CAST(left(dx_at, 10) AS DATE)) AS day, dx_at AS event_at, 'milestone' AS kind,
        'DX' AS what, 'first index diagnosis' AS detail
    FROM cases
    UNION ALL BY NAME
    SELECT
        case_id, date_diff('day', t0, m3_date) AS day, CAST(m3_date AS VARCHAR) AS event_at, 'milestone' AS kind,
        'M3' AS what, 'three months' AS detail
    FROM cases
    WHERE m3_date IS NOT NULL
    UNION ALL BY NAME
    SELECT
        case_id, date_diff('day', t0, end_date) AS day, CAST(end_date AS VARCHAR) AS event_at, 'milestone' AS kind,
        'end' AS what, end_reason AS detail
    FROM cases
    WHERE end_date IS NOT NULL
    UNION ALL BY NAME
    SELECT
        case_id, date_diff('day', t0, CAST(left(due_at, 10) AS DATE)) AS day, due_at AS event_at, 'due' AS kind,
        measure_id AS what, state || ': ' || explanation AS detail
    FROM findings
    WHERE due_at IS NOT NULL
    UNION ALL BY NAME
    SELECT
        case_id, date_diff('day', t0, CAST(left(action_at, 10) AS DATE)) AS day, action_at AS event_at, 'action' AS kind,
        measure_id AS what, state || ': ' || explanation AS detail
    FROM findings
    WHERE action_at IS NOT NULL
)
SELECT
    c.case_id, c.patient_id, c.display_id, c.level, CAST(e.day AS INTEGER) AS day, e.event_at, e.kind, e.what,
    m.title, e.detail, e.known_at, e.row_id
FROM entries AS e
JOIN cases AS c USING (case_id)
LEFT JOIN measure_catalogue AS m ON m.measure_id = e.what AND e.kind IN ('due', 'action');
