-- title: What was wrong with the extract, counted; no cell of any row is shown
-- grain: one table, column, reason and severity
-- reads: quarantine, feeds
-- column n: Rows that were rejected, or values that became null, for this reason.
-- column share_of_rows_read: n by the rows read of the table, a proportion; null where none was read.
CREATE VIEW quarantine_summary AS
SELECT
    q.table_name, q.column_name, q.reason, q.severity,
    count(*) AS n,
    count(*) / nullif(max(f.rows_read), 0) AS share_of_rows_read
FROM quarantine AS q
LEFT JOIN feeds AS f USING (table_name)
GROUP BY q.table_name, q.column_name, q.reason, q.severity;
