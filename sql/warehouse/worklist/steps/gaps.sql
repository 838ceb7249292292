-- title: What deviates, waits or can't be told, and the sheet on which it would stand
-- grain: one finding in state deviation, pending or indeterminate
-- reads: stored.findings, stored.verdicts, stored.measures, stored.cases, tonight
-- column page: Number of the sheet, the most pressing first; null: no sheet lists it.
-- column gravity: Order of a case's findings, the gravest first: severity, then what deviates before what waits, then what
-- is due first (hours from T0), then force, place in the catalogue, instance.
-- column stands_alone: True for an urgent duty: each asks for somebody else, so none may hide behind another.
-- column is_old: True where the trigger, or where nothing triggered the fracture, is older than the worklist's days.
CREATE TEMP TABLE gaps AS
WITH verdicts AS (
    SELECT
        v.verdict, v.measure_id, v.state, v.reason, v.force, m.measure,
        list_position(['critical', 'high', 'moderate', 'low', 'advisory'], v.severity) AS weight,
        list_position(['duty', 'restrictive', 'data', 'advisory', 'informational'], v.force) AS kind,
        list_position(['deviation', 'pending', 'indeterminate'], v.state) AS turn
    FROM stored.verdicts AS v
    JOIN stored.measures AS m USING (measure_id)
    WHERE v.state IN ('deviation', 'pending', 'indeterminate')
)
SELECT
    f.case_number, f.verdict, v.measure, f.instance, v.weight, f.trigger_event, f.due_local,
    (((((CAST(v.weight AS BIGINT) * 4 + v.turn) * 1048576
        + coalesce(least(greatest(date_diff('hour', CAST(c.t0 AS TIMESTAMP), f.due_local), 0), 1048575), 1048575))
        * 8 + v.kind) * 64 + v.measure) * 65536 + f.instance) AS gravity,
    coalesce(CAST(f.trigger_local AS DATE), c.t0) < n.as_of - n.days AS is_old,
    CASE
        WHEN v.state = 'pending' AND v.measure_id IN ('S1', 'S2', 'X1') AND f.trigger_local IS NOT NULL THEN 1
        WHEN v.state = 'pending' AND v.measure_id = 'F1' AND CAST(f.due_local AS DATE) <= n.as_of + 7 THEN 1
        WHEN v.state = 'deviation'
             AND v.measure_id IN ('S1', 'S2', 'S3', 'S4', 'X1', 'G1', 'G4')
             AND stored.can_still_be_done(v.reason, v.force, c.end_date) THEN 1
        WHEN v.measure_id = 'S1' AND v.reason = 'soft_deficit_only'
             AND c.stay_encounter_id IS NOT NULL AND c.end_reason IS DISTINCT FROM 'death' THEN 1
        WHEN v.state = 'indeterminate' THEN 5
        WHEN v.force = 'advisory' AND (v.state = 'deviation' OR CAST(f.due_local AS DATE) <= n.as_of + 7) THEN 4
        WHEN v.state = 'deviation' THEN 3
        WHEN CAST(f.due_local AS DATE) <= n.as_of + 7 THEN 2
    END AS page,
    coalesce(page = 1 AND v.measure_id IN ('S1', 'S2', 'X1'), false) AS stands_alone
FROM stored.findings AS f
JOIN verdicts AS v USING (verdict)
JOIN stored.cases AS c USING (case_number)
CROSS JOIN tonight AS n;
