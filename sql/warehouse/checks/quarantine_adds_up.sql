-- title: Feeds whose quarantine holds other rows than were counted
-- grain: one table of the extract
-- reads: feeds, quarantine
SELECT
    f.table_name, f.rows_quarantined, f.rows_warned,
    count(DISTINCT (q.source_file, q.row_number)) FILTER (q.severity = 'rejected') AS n_rejected,
    count(*) FILTER (q.severity = 'warning') AS n_warnings
FROM feeds AS f
LEFT JOIN quarantine AS q USING (table_name)
GROUP BY f.table_name, f.rows_quarantined, f.rows_warned
HAVING n_rejected <> f.rows_quarantined OR n_warnings <> f.rows_warned
ORDER BY f.table_name;
