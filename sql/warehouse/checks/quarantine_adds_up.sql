-- title: Feeds whose quarantine holds other rows than were counted
-- grain: one table of the extract
-- reads: feeds, quarantine
SELECT f.table_name, f.rows_quarantined, count(*) FILTER (q.severity = 'rejected') AS n_rejected
FROM feeds AS f
LEFT JOIN quarantine AS q USING (table_name)
GROUP BY f.table_name, f.rows_quarantined
HAVING n_rejected <> f.rows_quarantined
ORDER BY f.table_name;
