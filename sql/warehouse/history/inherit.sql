-- title: Gives tonight's cases the identity that they had
-- grain: one case whose identity is not its own case_id
-- reads: stored.cases, inherited
-- parameter generation: of tonight
-- A case that begins under a case_id by which another one is known needs an identity of its own, which no night gave.
UPDATE stored.cases AS c
SET key_case_id = new.key_case_id
FROM (
    SELECT case_number, key_case_id
    FROM inherited
    WHERE key_case_id <> case_id
    UNION ALL
    SELECT case_number, left(sha256(case_id || '|' || $generation), 16)
    FROM stored.cases
    WHERE case_number NOT IN (SELECT case_number FROM inherited)
      AND case_id IN (SELECT key_case_id FROM inherited)
) AS new
WHERE new.case_number = c.case_number;
