-- title: The listed gaps in words
-- grain: one listed gap
-- reads: listed, stored.findings, stored.verdicts, stored.cases, stored.twins, stored.events, stored.changes, tonight
-- Sentences and keys are made of the listed rows only: of all findings they would take minutes.
CREATE TEMP TABLE gap_rows AS
WITH wanted AS (
    SELECT
        l.page, l.weight, l.gravity, f.*, v.* EXCLUDE (verdict), t.twin,
        c.case_id, c.key_case_id, c.patient_number, c.level, c.t0, c.end_date,
        coalesce(c.display_id, c.patient_id) AS display_id,
        -- DX, T0 or TX triggered: then it was where the diagnosis was made. Nothing triggered: the site of the case.
        CASE WHEN f.trigger_event IS NULL THEN c.dx_encounter_id ELSE f.trigger_encounter_id END AS encounter_id,
        CASE WHEN f.trigger_event IS NULL THEN coalesce(c.dx_site_id, c.site_id) ELSE f.trigger_site_id END AS unit_site
    FROM listed AS l
    JOIN stored.findings AS f USING (case_number, verdict, instance)
    JOIN stored.verdicts AS v USING (verdict)
    JOIN stored.cases AS c USING (case_number)
    LEFT JOIN stored.twins AS t USING (case_number, verdict, instance)
),
wards AS (
    SELECT e.patient_number, e.row_id AS encounter_id, e.unit
    FROM stored.events AS e
    WHERE e.table_name = 'encounters'
      AND e.patient_number IN (SELECT patient_number FROM wanted)
      AND e.unit IS NOT NULL
),
worded AS (
    SELECT
        w.*,
        stored.finding_key(
            w.key_case_id, w.measure_id, stored.finding_part(w.trigger_row_id, w.instance, w.twin)
        ) AS finding_key,
        stored.explained(
            w.meaning,
            stored.written(w.trigger_local, w.trigger_offset),
            stored.written(w.due_local, w.due_offset),
            stored.written(w.action_local, w.action_offset),
            w.late_by_hours, w.late_by_days
        ) AS explanation,
        CASE
            WHEN w.due_local IS NULL THEN NULL
            WHEN w.due_offset IS NULL THEN date_diff('day', n.as_of, CAST(w.due_local AS DATE)) * 24
            ELSE date_diff('minute', n.cut_utc, w.due_local - to_minutes(w.due_offset)) / 60
        END AS hours_left
    FROM wanted AS w
    CROSS JOIN tonight AS n
)
SELECT
    w.page, w.weight, w.gravity, w.case_id, w.due_local, w.trigger_local, s.in_house IS NOT NULL AS is_in_house,
    w.finding_key, w.display_id, s.in_house,
    concat_ws(', ', w.unit_site, d.unit) AS unit,
    concat(w.level, ', T0 ', w.t0) AS "case",
    concat(w.measure_id, ' ', m.title) AS measure,
    w.severity,
    concat(w.explanation, ' Evidence: ' || e.evidence || '.') AS why,
    coalesce(a.settles, k.closes) AS closes,
    CASE
        WHEN w.due_offset IS NULL THEN strftime(w.due_local, '%Y-%m-%d')
        ELSE strftime(w.due_local, '%Y-%m-%d %H:%M')
    END AS due,
    CASE WHEN w.due_local IS NOT NULL THEN concat(
        CASE WHEN w.hours_left < 0 THEN 'was due ' ELSE 'due ' END,
        day_in_words(CAST(w.due_local AS DATE), n.as_of),
        CASE WHEN w.due_offset IS NOT NULL THEN strftime(w.due_local, ' %H:%M') END,
        '; ',
        CASE
            WHEN w.hours_left = 0 THEN 'at'
            WHEN w.due_offset IS NULL OR abs(w.hours_left) >= 72
            THEN CAST(abs(trunc(w.hours_left / 24)) AS BIGINT) || ' d'
            WHEN abs(w.hours_left) >= 1 THEN CAST(abs(trunc(w.hours_left)) AS BIGINT) || ' h'
            ELSE CAST(abs(round(w.hours_left * 60)) AS BIGINT) || ' min'
        END,
        CASE WHEN w.hours_left > 0 THEN ' after' WHEN w.hours_left < 0 THEN ' before' END,
        ' the data cut (', strftime(n.as_of, '%a'), ' 24:00); ', l.loaded
    ) END AS due_in_words,
    CASE
        WHEN w.state = 'deviation' THEN stored.days_open(w.reason, CAST(w.due_local AS DATE), n.as_of)
    END AS days_open,
    CASE
        WHEN n.previous_run_id IS NULL THEN 'first night'
        WHEN h.finding_key IS NOT NULL AND h.state_before IS DISTINCT FROM w.state THEN 'new'
        ELSE 'persisting'
    END AS change,
    o.folded
FROM worded AS w
CROSS JOIN tonight AS n
JOIN measure_catalogue AS m USING (measure_id)
LEFT JOIN feed_words AS l USING (measure_id)
LEFT JOIN closing_words AS k
    ON k.measure_id = w.measure_id AND k.state = w.state AND k.reason = w.reason
   AND k.can_still_be_done = (w.state = 'deviation' AND stored.can_still_be_done(w.reason, w.force, w.end_date))
LEFT JOIN fact_words AS a ON a.missing_facts = w.missing_facts
LEFT JOIN wards AS d ON d.patient_number = w.patient_number AND d.encounter_id = w.encounter_id
LEFT JOIN stays AS s ON s.case_number = w.case_number
LEFT JOIN stored.changes AS h ON h.finding_key = w.finding_key
LEFT JOIN folded_words AS o ON o.case_number = w.case_number AND o.gravity = w.gravity
LEFT JOIN evidence_words AS e ON e.case_number = w.case_number AND e.gravity = w.gravity;
