-- title: Deadlines that run
-- grain: one pending finding with a deadline
-- reads: findings, cases, measure_catalogue, runs
-- column title: The measure's name in words.
-- column days_left: Local days from the as-of date to the deadline; 0 or less: the feed is behind, the day is over.
-- column as_of: The data are known through the end of this day.
CREATE VIEW pending_deadlines AS
SELECT
    f.finding_key, f.case_id, f.patient_id, c.display_id, f.level, f.t0,
    f.measure_id, f.instance, m.title, f.reason, f.severity, f.force, f.trigger_at, f.due_at,
    date_diff('day', r.as_of, CAST(left(f.due_at, 10) AS DATE)) AS days_left,
    f.flags, f.explanation, f.site_id, r.as_of, f.run_id
FROM findings AS f
JOIN cases AS c USING (case_id)
JOIN measure_catalogue AS m USING (measure_id)
JOIN runs AS r USING (run_id)
WHERE f.state = 'pending'
  AND f.due_at IS NOT NULL;
