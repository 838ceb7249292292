-- title: Deadlines that fall due within the next days
-- grain: one pending finding with a deadline
-- reads: pending_deadlines
-- parameter days: how many days ahead of the as-of date, default 7
SELECT due_at, days_left, severity, measure_id, title, display_id, patient_id, case_id, site_id, reason, explanation
FROM pending_deadlines
WHERE days_left BETWEEN 0 AND coalesce(getvariable('days'), 7)
ORDER BY due_at, severity, case_id, measure_id, instance;
