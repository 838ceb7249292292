-- title: Patients with gaps that can still be closed, the gravest first
-- grain: one patient
-- reads: open_deviations
-- parameter advisory: true takes in advisory measures too, default false
SELECT
    patient_id, any_value(display_id) AS display_id,
    count(*) AS n_gaps,
    count(*) FILTER (severity = 'critical') AS n_critical,
    count(*) FILTER (severity = 'high') AS n_high,
    string_agg(measure_id || ' ' || title, '; ' ORDER BY measure_id, instance) AS gaps,
    max(days_open) AS longest_open_days
FROM open_deviations
WHERE can_still_be_done
  AND (force <> 'advisory' OR coalesce(getvariable('advisory'), false))
GROUP BY patient_id
ORDER BY n_critical DESC, n_high DESC, n_gaps DESC, patient_id;
