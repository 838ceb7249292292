-- title: Cases without facts, or facts of cases that aren't there
-- grain: one case_id
-- reads: stored.cases, case_facts
SELECT coalesce(c.case_id, k.case_id) AS case_id
FROM stored.cases AS c
FULL JOIN case_facts AS k ON k.case_id = c.case_id
WHERE c.case_id IS NULL OR k.case_id IS NULL
ORDER BY case_id;
