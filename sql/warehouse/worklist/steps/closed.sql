-- title: What stood on the lists on the night before and is closed now
-- grain: one finding that was a deviation and is none, or that was an open window of S1, S2 or X1 and is neither now
-- reads: stored.changes, stored.cases, stored.measures, stored.verdicts, stored.findings, tonight
-- column verdict: What it is now; null: the finding is not there any more.
-- column is_old: True where its trigger is older than the worklist's days; what is gone is not.
CREATE TEMP TABLE closed AS
WITH before AS (
    SELECT h.*, c.case_number, m.measure
    FROM stored.changes AS h
    JOIN stored.measures AS m USING (measure_id)
    LEFT JOIN stored.cases AS c USING (case_id)
    WHERE h.state_after IS DISTINCT FROM 'deviation'
),
now AS (
    SELECT f.case_number, v.measure_id, f.instance, f.verdict, f.trigger_local
    FROM stored.findings AS f
    JOIN stored.verdicts AS v USING (verdict)
    WHERE f.case_number IN (SELECT case_number FROM before)
)
SELECT
    b.finding_key, b.case_id, b.case_number, b.measure_id, b.measure, b.instance,
    b.state_before, b.reason_before, b.state_after, b.reason_after, b.cause, w.verdict,
    coalesce(list_position(['critical', 'high', 'moderate', 'low', 'advisory'], b.severity_before), 0) AS weight,
    b.state_after IS NOT NULL
        AND coalesce(coalesce(CAST(w.trigger_local AS DATE), c.t0) < n.as_of - n.days, false) AS is_old
FROM before AS b
LEFT JOIN stored.cases AS c USING (case_number)
LEFT JOIN now AS w
    ON b.state_after IS NOT NULL
   AND w.case_number = b.case_number AND w.measure_id = b.measure_id AND w.instance = b.instance
CROSS JOIN tonight AS n
WHERE b.state_before = 'deviation'
   OR (
       b.state_before = 'pending' AND b.state_after IS DISTINCT FROM 'pending'
       AND b.measure_id IN ('S1', 'S2', 'X1') AND b.was_triggered
   );
