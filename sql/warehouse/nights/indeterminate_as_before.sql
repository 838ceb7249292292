-- title: Share of findings that can't be told, against the night before
-- grain: one measure
-- reads: measures; the same of `before`
-- parameter indeterminate_rise_share: [gate] indeterminate_rise_share, by default 0.05
-- column what: The measure.
-- column n_before: Its indeterminate findings the night before.
-- column of_before: Its findings the night before, but those that were not applicable or excluded.
-- column n_now: The same tonight.
-- column of_now: The same tonight.
-- column is_outside: True where the share rose by more.
-- `before`: last night's audit.duckdb, attached read-only under that name.
WITH tonight AS (
    SELECT measure_id, n_indeterminate AS n, n - n_excluded - n_not_applicable AS n_all FROM measures WHERE stratum = 'overall'
),
last_night AS (
    SELECT measure_id, n_indeterminate AS n, n - n_excluded - n_not_applicable AS n_all
    FROM before.audit.measures
    WHERE stratum = 'overall'
)
SELECT
    measure_id AS what, b.n AS n_before, b.n_all AS of_before, t.n AS n_now, t.n_all AS of_now,
    t.n > b.n
        AND coalesce(t.n / nullif(t.n_all, 0), 0) - coalesce(b.n / nullif(b.n_all, 0), 0)
            > coalesce(getvariable('indeterminate_rise_share'), 0.05) AS is_outside
FROM tonight AS t
JOIN last_night AS b USING (measure_id)
ORDER BY is_outside DESC, what;
