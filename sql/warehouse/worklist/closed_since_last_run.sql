-- title: Closed since last run
-- grain: one finding that was a deviation on the night before and is none now, or a window of S1, S2 or X1 that closed
-- reads: closed, stored.cases, stored.findings, stored.verdicts, measure_catalogue, tonight
-- column finding_key: The gap's identity; it stays the same over the nights.
-- column display_id: What the ward calls the patient; empty: the case is not there any more.
-- column unit: Site of the case.
-- column case: Level of the fracture, and the day on which it began.
-- column measure: The measure in words.
-- column was: State and reason on the night before.
-- column is_now: What it is now.
-- column cause: What changed it: rule, value set, parameter, corrected row, new event or as-of.
SELECT
    c.finding_key,
    coalesce(k.display_id, k.patient_id) AS display_id,
    k.site_id AS unit,
    coalesce(k.level || ', T0 ' || k.t0, c.case_id) AS "case",
    concat(c.measure_id, ' ', m.title) AS measure,
    concat(c.state_before, ': ', replace(c.reason_before, '_', ' ')) AS was,
    CASE
        WHEN c.state_after IS NULL THEN 'The finding is not there any more.'
        ELSE concat(
            replace(c.state_after, '_', ' '), ': ',
            coalesce(
                stored.explained(
                    v.meaning,
                    stored.written(f.trigger_local, f.trigger_offset),
                    stored.written(f.due_local, f.due_offset),
                    stored.written(f.action_local, f.action_offset),
                    f.late_by_hours, f.late_by_days
                ),
                replace(c.reason_after, '_', ' ')
            )
        )
    END AS is_now,
    -- Rows that went with their table were not corrected by anybody.
    CASE
        WHEN c.cause = 'corrected row' AND n.lost_feeds IS NOT NULL
        THEN 'corrected row, or missing table: ' || replace(n.lost_feeds, '|', ', ')
        ELSE c.cause
    END AS cause
FROM closed AS c
CROSS JOIN tonight AS n
JOIN measure_catalogue AS m USING (measure_id)
LEFT JOIN stored.cases AS k USING (case_number)
LEFT JOIN stored.findings AS f
    ON f.case_number = c.case_number AND f.verdict = c.verdict AND f.instance = c.instance
LEFT JOIN stored.verdicts AS v ON v.verdict = c.verdict
WHERE NOT c.is_old
QUALIFY row_number() OVER (ORDER BY c.weight, m.position, c.case_id, c.finding_key) <= n.cap
ORDER BY c.weight, m.position, c.case_id, c.finding_key;
