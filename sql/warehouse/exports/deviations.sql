-- title: The list of deviations, for people who have no SQL
-- grain: one finding in state deviation
-- reads: findings
-- The measure's title and quote follow by measure_id (flows/lists.py): in every row they would have to be sorted too.
FROM findings
WHERE state = 'deviation'
ORDER BY case_id, measure_id, instance;
