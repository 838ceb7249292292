-- title: What differs from the night before, and why
-- grain: one finding, under its key, whose state, reason, severity or urgency is another, or which came or went
-- reads: stored.*, before.stored.*
-- A case that keeps its number was not judged again, so nothing of it differs.
-- Why: the first that fits of rule, value set, parameter, corrected row, new event, as-of. Rules, sets and parameters
-- are those of the whole night. A row tells when it decided, before or now; where none did, the patient's rows tell.
INSERT INTO stored.changes
WITH judged_now AS (
    SELECT c.* FROM stored.cases AS c ANTI JOIN before.stored.cases AS b USING (case_number)
),
judged_before AS (
    SELECT b.* FROM before.stored.cases AS b ANTI JOIN stored.cases AS c USING (case_number)
),
now AS (
    SELECT
        c.key_case_id, v.measure_id, stored.finding_part(f.trigger_row_id, f.instance, t.twin) AS part,
        c.case_number, c.case_id, c.patient_id, f.instance, v.state, v.reason, v.severity, v.urgency
    FROM stored.findings AS f
    JOIN judged_now AS c USING (case_number)
    JOIN stored.verdicts AS v USING (verdict)
    LEFT JOIN stored.twins AS t USING (case_number, verdict, instance)
),
was AS (
    SELECT
        c.key_case_id, v.measure_id, stored.finding_part(f.trigger_row_id, f.instance, t.twin) AS part,
        c.case_number, c.case_id, c.patient_id, f.instance, v.state, v.reason, v.severity, v.urgency,
        f.trigger_local IS NOT NULL AS is_triggered
    FROM before.stored.findings AS f
    JOIN judged_before AS c USING (case_number)
    JOIN before.stored.verdicts AS v USING (verdict)
    LEFT JOIN before.stored.twins AS t USING (case_number, verdict, instance)
),
differing AS (
    SELECT
        key_case_id, measure_id, part,
        coalesce(now.case_id, was.case_id) AS case_id,
        coalesce(now.patient_id, was.patient_id) AS patient_id,
        coalesce(now.instance, was.instance) AS instance,
        was.state AS state_before, was.reason AS reason_before, now.state AS state_after, now.reason AS reason_after,
        was.severity AS severity_before, was.urgency AS urgency_before, was.is_triggered AS was_triggered,
        now.case_number AS number_now, now.instance AS instance_now,
        was.case_number AS number_before, was.instance AS instance_before
    FROM now
    FULL JOIN was USING (key_case_id, measure_id, part)
    WHERE (now.state, now.reason, now.severity, now.urgency)
       IS DISTINCT FROM (was.state, was.reason, was.severity, was.urgency)
),
patients AS (
    SELECT
        p.patient_id,
        n.content IS NOT DISTINCT FROM b.content AS is_same
    FROM (SELECT DISTINCT patient_id FROM differing) AS p
    LEFT JOIN stored.patients AS n USING (patient_id)
    LEFT JOIN before.stored.patients AS b USING (patient_id)
),
rows_now AS (
    SELECT e.* EXCLUDE (event_number, patient_number, sets), e.event_number, c.patient_id
    FROM (SELECT DISTINCT patient_number, patient_id FROM judged_now SEMI JOIN patients USING (patient_id)) AS c
    JOIN stored.events AS e USING (patient_number)
),
rows_before AS (
    SELECT e.* EXCLUDE (event_number, patient_number, sets), e.event_number, c.patient_id
    FROM (SELECT DISTINCT patient_number, patient_id FROM judged_before SEMI JOIN patients USING (patient_id)) AS c
    JOIN before.stored.events AS e USING (patient_number)
),
changed_rows AS (
    SELECT
        coalesce(n.patient_id, b.patient_id) AS patient_id,
        n.event_number AS event_now, b.event_number AS event_before,
        b.row_id IS NULL AS is_new
    FROM rows_now AS n
    FULL JOIN rows_before AS b USING (table_name, row_id)
    WHERE n.row_id IS NULL OR b.row_id IS NULL
       OR (n.event_local, n.event_offset, n.known_local, n.known_offset, n.code_system, n.code, n.value, n.level,
           n.encounter_id, n.site_id, n.unit)
          IS DISTINCT FROM
          (b.event_local, b.event_offset, b.known_local, b.known_offset, b.code_system, b.code, b.value, b.level,
           b.encounter_id, b.site_id, b.unit)
),
of_patients AS (
    SELECT patient_id, bool_or(is_new) AS has_new, bool_or(NOT is_new) AS has_corrected
    FROM changed_rows
    GROUP BY patient_id
),
proofs AS (
    SELECT d.key_case_id, d.measure_id, d.part, r.is_new
    FROM differing AS d
    JOIN stored.measures AS m USING (measure_id)
    JOIN stored.evidence AS e
        ON e.case_number = d.number_now AND e.measure = m.measure AND e.instance = d.instance_now
    JOIN changed_rows AS r ON r.event_now = e.event_number
    UNION ALL
    SELECT d.key_case_id, d.measure_id, d.part, r.is_new
    FROM differing AS d
    JOIN before.stored.measures AS m USING (measure_id)
    JOIN before.stored.evidence AS e
        ON e.case_number = d.number_before AND e.measure = m.measure AND e.instance = d.instance_before
    JOIN changed_rows AS r ON r.event_before = e.event_number
),
of_findings AS (
    SELECT key_case_id, measure_id, part, bool_or(is_new) AS has_new, bool_or(NOT is_new) AS has_corrected
    FROM proofs
    GROUP BY ALL
)
SELECT
    stored.finding_key(d.key_case_id, d.measure_id, d.part) AS finding_key,
    d.key_case_id, d.case_id, d.measure_id, d.instance,
    d.state_before, d.reason_before, d.state_after, d.reason_after, d.severity_before, d.urgency_before, d.was_triggered,
    CASE
        WHEN n.rules <> b.rules THEN 'rule'
        WHEN n.value_sets <> b.value_sets THEN 'value set'
        WHEN n.parameters <> b.parameters THEN 'parameter'
        WHEN p.is_same THEN 'as-of'
        WHEN f.has_corrected THEN 'corrected row'
        WHEN f.has_new THEN 'new event'
        WHEN d.state_before = 'pending' AND d.state_after IS NOT NULL THEN 'as-of'
        -- A row can be corrected in what no event shows, such as its status.
        WHEN o.has_corrected OR o.has_new IS NOT TRUE THEN 'corrected row'
        ELSE 'new event'
    END AS cause
FROM differing AS d
JOIN patients AS p USING (patient_id)
LEFT JOIN of_findings AS f USING (key_case_id, measure_id, part)
LEFT JOIN of_patients AS o USING (patient_id)
CROSS JOIN stored.night AS n
CROSS JOIN before.stored.night AS b
ORDER BY finding_key;
