-- title: What became of the findings between two nights
-- grain: one finding that is or was a deviation, or whose state or reason is another
-- reads: history.changes, findings, measure_catalogue, cases
-- parameter a: the earlier night
-- parameter b: the later night
-- The newest night is published; earlier ones follow from it backwards, change by change.
WITH between_nights AS (
    SELECT
        finding_key,
        arg_max(case_id, night) AS case_id, arg_max(measure_id, night) AS measure_id,
        arg_max(instance, night) AS instance,
        arg_min(coalesce(state_before, ''), night) AS state_before,
        arg_min(coalesce(reason_before, ''), night) AS reason_before,
        arg_max(coalesce(state_after, ''), night) AS state_after,
        arg_max(coalesce(reason_after, ''), night) AS reason_after,
        arg_max(cause, night) AS cause
    FROM history.changes
    WHERE night > $a AND night <= $b
    GROUP BY finding_key
),
later AS (
    SELECT
        finding_key,
        arg_min(case_id, night) AS case_id, arg_min(measure_id, night) AS measure_id,
        arg_min(instance, night) AS instance,
        arg_min(coalesce(state_before, ''), night) AS state,
        arg_min(coalesce(reason_before, ''), night) AS reason
    FROM history.changes
    WHERE night > $b
    GROUP BY finding_key
),
standing AS (
    SELECT finding_key, case_id, measure_id, instance, state, reason
    FROM findings
    WHERE state = 'deviation' AND finding_key NOT IN (SELECT finding_key FROM later)
    UNION ALL
    SELECT finding_key, case_id, measure_id, instance, state, reason
    FROM later
    WHERE state = 'deviation'
),
told AS (
    SELECT
        CASE
            WHEN state_after = 'deviation' AND state_before = 'deviation' THEN 'persisting'
            WHEN state_after = 'deviation' THEN 'new'
            WHEN state_before = 'deviation' THEN 'resolved'
            ELSE 'changed'
        END AS change,
        finding_key, case_id, measure_id, instance,
        nullif(state_before, '') AS state_before, nullif(reason_before, '') AS reason_before,
        nullif(state_after, '') AS state_after, nullif(reason_after, '') AS reason_after, cause
    FROM between_nights
    WHERE (
        (state_before <> '' AND state_after <> '')
        OR state_before IN ('deviation', 'pending') OR state_after IN ('deviation', 'pending')
    )
    AND (state_after = 'deviation' OR (state_before, reason_before) <> (state_after, reason_after))
    UNION ALL
    SELECT 'persisting', finding_key, case_id, measure_id, instance, state, reason, state, reason, NULL
    FROM standing
    WHERE finding_key NOT IN (SELECT finding_key FROM between_nights)
)
SELECT t.*, m.title, c.patient_id, c.display_id
FROM told AS t
LEFT JOIN measure_catalogue AS m USING (measure_id)
LEFT JOIN cases AS c USING (case_id)
ORDER BY t.change, t.case_id, t.measure_id, t.instance;
