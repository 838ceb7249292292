-- title: Tables of the night before that are not in tonight's extract
-- grain: one text, |-separated; null: none
-- reads: before.audit.feeds
-- parameter present: the tables of tonight's extract
SELECT string_agg(table_name, '|' ORDER BY table_name)
FROM before.audit.feeds
WHERE present AND NOT list_contains($present, table_name);
