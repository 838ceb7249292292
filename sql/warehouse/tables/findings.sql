-- title: The verdict on one case by one measure
-- grain: one case, measure and instance
-- reads: stored.findings, stored.cases, stored.verdicts
-- Times are written as the specification says; the sentence and the key are made here, once for every reader.
CREATE VIEW findings AS
SELECT
    c.case_id, v.measure_id, f.instance,
    stored.finding_key(
        c.key_case_id, v.measure_id, stored.finding_part(f.trigger_row_id, f.instance, t.twin)
    ) AS finding_key,
    c.patient_id, c.level, c.t0, v.state, v.reason, v.flags,
    stored.written(f.trigger_local, f.trigger_offset) AS trigger_at,
    stored.written(f.due_local, f.due_offset) AS due_at,
    stored.written(f.action_local, f.action_offset) AS action_at,
    f.late_by_hours, f.late_by_days, v.severity, v.force, f.trigger_table, f.trigger_row_id,
    -- DX, T0 or TX triggered: then it was where the diagnosis was made.
    CASE
        WHEN f.trigger_local IS NOT NULL AND f.trigger_event IS NULL THEN c.dx_encounter_id
        ELSE f.trigger_encounter_id
    END AS trigger_encounter_id,
    CASE
        WHEN f.trigger_local IS NOT NULL AND f.trigger_event IS NULL THEN c.dx_site_id
        ELSE f.trigger_site_id
    END AS trigger_site_id,
    c.site_id, v.missing_facts,
    stored.explained(v.meaning, trigger_at, due_at, action_at, f.late_by_hours, f.late_by_days) AS explanation,
    v.run_id
FROM stored.findings AS f
JOIN stored.cases AS c USING (case_number)
JOIN stored.verdicts AS v USING (verdict)
LEFT JOIN stored.twins AS t USING (case_number, verdict, instance);
