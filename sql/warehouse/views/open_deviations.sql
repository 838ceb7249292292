-- title: Deviations from the configured algorithm, for review
-- grain: one finding in state deviation
-- reads: findings, cases, measure_catalogue, runs
-- column title: The measure's name in words.
-- column days_open: Days from the deadline to the as-of date; null where something was done, or nothing was due.
-- column can_still_be_done: True where nothing closed the gap so far, the case is still followed, and it can be undone.
-- column as_of: The data are known through the end of this day.
CREATE VIEW open_deviations AS
SELECT
    f.finding_key, f.case_id, f.patient_id, c.display_id, f.level, f.t0,
    f.measure_id, f.instance, m.title, f.reason, f.severity, f.force,
    f.trigger_at, f.due_at, f.action_at, f.late_by_hours, f.late_by_days,
    stored.days_open(f.reason, CAST(left(f.due_at, 10) AS DATE), r.as_of) AS days_open,
    stored.can_still_be_done(f.reason, f.force, c.end_date) AS can_still_be_done,
    f.flags, f.explanation, f.site_id, f.trigger_site_id, f.trigger_encounter_id,
    m.cited_line, m.quote, m.conflict, r.as_of, f.run_id
FROM findings AS f
JOIN cases AS c USING (case_id)
JOIN measure_catalogue AS m USING (measure_id)
JOIN runs AS r USING (run_id)
WHERE f.state = 'deviation';
