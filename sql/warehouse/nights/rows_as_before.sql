-- title: Rows of each table against the night before
-- grain: one table of the extract, or of the warehouse
-- reads: feeds, stored.cases, stored.findings, stored.events, stored.evidence; the same of `before`
-- parameter rows_change_share: [gate] rows_change_share, by default 0.2
-- column what: The table.
-- column n_before: Its rows the night before.
-- column n_now: Its rows tonight.
-- column is_outside: True where they changed by more than the share of what they were, and by more than 10 rows.
-- `before`: last night's audit.duckdb, attached read-only under that name.
WITH tonight AS (
    SELECT 'extract: ' || table_name AS what, rows_read AS n FROM feeds
    UNION ALL SELECT 'audit: cases', count(*) FROM stored.cases
    UNION ALL SELECT 'audit: findings', count(*) FROM stored.findings
    UNION ALL SELECT 'audit: case events', count(*) FROM stored.events
    UNION ALL SELECT 'audit: evidence', count(*) FROM stored.evidence
),
last_night AS (
    SELECT 'extract: ' || table_name AS what, rows_read AS n FROM before.audit.feeds
    UNION ALL SELECT 'audit: cases', count(*) FROM before.stored.cases
    UNION ALL SELECT 'audit: findings', count(*) FROM before.stored.findings
    UNION ALL SELECT 'audit: case events', count(*) FROM before.stored.events
    UNION ALL SELECT 'audit: evidence', count(*) FROM before.stored.evidence
)
SELECT
    what, coalesce(b.n, 0) AS n_before, coalesce(t.n, 0) AS n_now,
    abs(n_now - n_before) > 10
        AND abs(n_now - n_before) > coalesce(getvariable('rows_change_share'), 0.2) * n_before AS is_outside
FROM tonight AS t
FULL JOIN last_night AS b USING (what)
ORDER BY is_outside DESC, what;
