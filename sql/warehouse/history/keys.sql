-- title: The identity that tonight's cases have from the night before
-- grain: one case of tonight that shares an index condition with a case of the night before
-- reads: stored.cases, stored.index_conditions, before.stored.cases, before.stored.index_conditions
-- One identity goes to one case and one case has one identity: the same case_id first, then the earlier T0.
CREATE OR REPLACE TEMP TABLE inherited AS
WITH shared AS (
    SELECT DISTINCT c.case_number, c.case_id, c.t0, b.key_case_id, b.case_id AS case_id_before
    FROM stored.index_conditions AS i
    JOIN before.stored.index_conditions AS bi USING (condition_id)
    JOIN stored.cases AS c ON c.case_number = i.case_number
    JOIN before.stored.cases AS b ON b.case_number = bi.case_number AND b.patient_id = c.patient_id
),
of_keys AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY key_case_id ORDER BY case_id <> case_id_before, t0, case_id
        ) AS choice
    FROM shared
),
of_cases AS (
    SELECT
        * EXCLUDE (choice),
        row_number() OVER (
            PARTITION BY case_number ORDER BY case_id <> case_id_before, key_case_id
        ) AS choice
    FROM of_keys
    WHERE choice = 1
)
SELECT case_number, case_id, key_case_id, case_id_before
FROM of_cases
WHERE choice = 1;
