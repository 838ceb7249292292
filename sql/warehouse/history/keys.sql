-- title: The identity that tonight's cases have from the night before
-- grain: one case that shares an index condition with a case of the night before
-- reads: shared, inherited
-- One identity goes to one case and one case has one identity: the same case_id first, then the earlier T0. Cases that
-- merged or were split leave some without; what is left is asked again, until nothing is.
INSERT INTO inherited
WITH free AS (
    SELECT *
    FROM shared
    ANTI JOIN inherited AS c USING (case_number)
    ANTI JOIN inherited AS k USING (key_case_id)
),
of_keys AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY key_case_id ORDER BY case_id <> case_id_before, t0, case_id
        ) AS choice
    FROM free
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
