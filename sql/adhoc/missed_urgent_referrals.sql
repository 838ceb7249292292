-- title: Neurological deficits without a surgeon in time: how late, and who was asked instead
-- grain: one deficit episode (finding of S1) that deviates
-- reads: urgent_deviations, evidence
-- parameter days: only deficits that became known in the last so many days before the as-of date, default 365
WITH asked AS (
    SELECT
        case_id, measure_id, instance,
        string_agg(concat_ws(' ', table_name, code_system, code, value, event_at), '; ' ORDER BY event_at, row_id)
            AS judged_actions
    FROM evidence
    WHERE role = 'action'
    GROUP BY case_id, measure_id, instance
)
SELECT
    d.trigger_at, d.due_at, d.reason, d.late_by_hours, d.late_by_days, d.days_open, d.can_still_be_done,
    d.display_id, d.patient_id, d.case_id, d.instance, d.level, d.trigger_site_id,
    d.surgical_contact_at, d.surgeon_seen_at, a.judged_actions, d.explanation
FROM urgent_deviations AS d
LEFT JOIN asked AS a USING (case_id, measure_id, instance)
WHERE d.measure_id = 'S1'
  AND date_diff('day', CAST(left(d.trigger_at, 10) AS DATE), d.as_of) <= coalesce(getvariable('days'), 365)
ORDER BY d.trigger_at, d.case_id, d.instance;
