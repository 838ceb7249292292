-- title: Deviations of the duties that don't wait: deficit, instability, suspected tumour
-- grain: one finding of S1, S2 or X1 in state deviation, cases of unspecified level included
-- reads: open_deviations, case_facts
CREATE VIEW urgent_deviations AS
SELECT
    d.finding_key, d.case_id, d.patient_id, d.display_id, d.level, d.t0,
    d.measure_id, d.instance, d.title, d.reason, d.severity,
    d.trigger_at, d.due_at, d.action_at, d.late_by_hours, d.late_by_days, d.days_open, d.can_still_be_done,
    k.deficit_known_at, k.surgical_contact_at, k.surgeon_seen_at,
    d.flags, d.explanation, d.site_id, d.trigger_site_id, d.trigger_encounter_id, d.as_of, d.run_id
FROM open_deviations AS d
LEFT JOIN case_facts AS k USING (case_id)
WHERE d.measure_id IN ('S1', 'S2', 'X1');
