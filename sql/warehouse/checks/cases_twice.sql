-- title: Cases that occur twice
-- grain: one case_id, or one number of a case, that several rows have
-- reads: stored.cases
SELECT case_id, count(*) AS n_rows
FROM stored.cases
GROUP BY case_id
HAVING count(*) > 1
UNION ALL
SELECT any_value(case_id), count(*)
FROM stored.cases
GROUP BY case_number
HAVING count(*) > 1
ORDER BY case_id;
