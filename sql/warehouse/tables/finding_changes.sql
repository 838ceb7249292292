-- title: What became of the deviations since the night before, and every other change of a verdict
-- grain: one finding
-- reads: findings, stored.changes, stored.night
CREATE VIEW finding_changes AS
WITH changed AS (
    SELECT
        finding_key, case_id, measure_id, instance,
        CASE
            WHEN state_after = 'deviation' AND state_before = 'deviation' THEN 'persisting'
            WHEN state_after = 'deviation' THEN 'new'
            WHEN state_before = 'deviation' THEN 'resolved'
            ELSE 'changed'
        END AS change,
        state_before, reason_before, state_after, reason_after, cause
    FROM stored.changes
    -- A new case brings a finding of every measure: of those that come or go, what waits or deviates is worth a line.
    WHERE (
        coalesce(state_before IN ('deviation', 'pending'), false)
        OR coalesce(state_after IN ('deviation', 'pending'), false)
        OR (state_before IS NOT NULL AND state_after IS NOT NULL)
    )
    -- What only weighs more or less than before persists.
    AND (
        coalesce(state_after = 'deviation', false)
        OR (state_before, reason_before) IS DISTINCT FROM (state_after, reason_after)
    )
),
standing AS (
    SELECT
        f.finding_key, f.case_id, f.measure_id, f.instance,
        CASE WHEN n.previous_run_id IS NULL THEN 'initial' ELSE 'persisting' END AS change,
        CASE WHEN n.previous_run_id IS NOT NULL THEN f.state END AS state_before,
        CASE WHEN n.previous_run_id IS NOT NULL THEN f.reason END AS reason_before,
        f.state AS state_after, f.reason AS reason_after,
        CAST(NULL AS VARCHAR) AS cause
    FROM findings AS f
    CROSS JOIN stored.night AS n
    WHERE f.state = 'deviation'
      AND f.finding_key NOT IN (SELECT finding_key FROM changed)
)
SELECT
    c.finding_key, n.run_id, n.previous_run_id, c.case_id, c.measure_id, c.instance,
    c.change, c.state_before, c.reason_before, c.state_after, c.reason_after, c.cause
FROM (SELECT * FROM changed UNION ALL SELECT * FROM standing) AS c
CROSS JOIN stored.night AS n;
