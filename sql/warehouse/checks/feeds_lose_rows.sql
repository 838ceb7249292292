-- title: Feeds whose rows are not all accounted for
-- grain: one table of the extract
-- reads: feeds
SELECT table_name, rows_read, rows_accepted, rows_quarantined, rows_duplicate
FROM feeds
WHERE rows_read <> rows_accepted + rows_quarantined + rows_duplicate
ORDER BY table_name;
