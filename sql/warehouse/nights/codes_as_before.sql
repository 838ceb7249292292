-- title: Codes that came, went or are used otherwise than the night before
-- grain: one code of one table whose share of the table's coded rows changed by more; codes that are not shown together
-- reads: stored.events, value_sets; stored.events of `before`
-- parameter code_drift_share: [gate] code_drift_share, by default 0.02
-- parameter local_codes: the LOCAL codes of the extract contract, a list; by default none
-- column what: Table and code; not shown is a code of no value set (it may be anything), or of 10 patients or fewer on both nights.
-- column n_before: Its rows the night before.
-- column of_before: The table's coded rows the night before.
-- column n_now: The same tonight.
-- column of_now: The same tonight.
-- column is_outside: True.
-- `before`: last night's audit.duckdb, attached read-only under that name.
-- Rows of patients with a case only.
WITH tonight AS (
    SELECT table_name, code_system, code, count(*) AS n
    FROM stored.events
    WHERE code IS NOT NULL
    GROUP BY table_name, code_system, code
),
last_night AS (
    SELECT table_name, code_system, code, count(*) AS n
    FROM before.stored.events
    WHERE code IS NOT NULL
    GROUP BY table_name, code_system, code
),
compared AS (
    SELECT
        coalesce(t.table_name, b.table_name) AS table_name, coalesce(t.code_system, b.code_system) AS code_system,
        coalesce(t.code, b.code) AS code, coalesce(b.n, 0) AS n_before, coalesce(t.n, 0) AS n_now,
        sum(coalesce(b.n, 0)) OVER (PARTITION BY coalesce(t.table_name, b.table_name)) AS of_before,
        sum(coalesce(t.n, 0)) OVER (PARTITION BY coalesce(t.table_name, b.table_name)) AS of_now
    FROM tonight AS t
    FULL JOIN last_night AS b
        ON b.table_name = t.table_name AND b.code = t.code AND b.code_system IS NOT DISTINCT FROM t.code_system
),
moved AS (
    SELECT *
    FROM compared
    WHERE abs(coalesce(n_now / nullif(of_now, 0), 0) - coalesce(n_before / nullif(of_before, 0), 0))
        > coalesce(getvariable('code_drift_share'), 0.02)
),
shared AS (
    SELECT table_name, code_system, code
    FROM (
        SELECT DISTINCT e.table_name, e.code_system, e.code, e.patient_number
        FROM stored.events AS e
        SEMI JOIN moved AS m
            ON m.table_name = e.table_name AND m.code = e.code AND m.code_system IS NOT DISTINCT FROM e.code_system
    )
    GROUP BY table_name, code_system, code
    HAVING count(*) > 10
    UNION
    SELECT table_name, code_system, code
    FROM (
        SELECT DISTINCT e.table_name, e.code_system, e.code, e.patient_number
        FROM before.stored.events AS e
        SEMI JOIN moved AS m
            ON m.table_name = e.table_name AND m.code = e.code AND m.code_system IS NOT DISTINCT FROM e.code_system
    )
    GROUP BY table_name, code_system, code
    HAVING count(*) > 10
),
patterns AS (
    SELECT DISTINCT code_system, code, replace(upper(code), '.', '') AS key, match FROM value_sets
    UNION
    SELECT 'LOCAL', unnest(CAST(getvariable('local_codes') AS VARCHAR[])) AS code, upper(code), 'exact'
),
named AS (
    SELECT
        m.table_name, m.code_system, m.code, m.n_before, m.of_before, m.n_now, m.of_now,
        coalesce(
            max(p.code_system || ' ' || p.code) FILTER (p.match = 'exact'),
            -- what follows the beginning may be anything
            max(p.code_system || ' ' || p.code || '...') FILTER (p.match = 'prefix'),
            'codes that are not shown'
        ) AS name
    FROM moved AS m
    LEFT JOIN shared AS s
        ON s.table_name = m.table_name AND s.code = m.code AND s.code_system IS NOT DISTINCT FROM m.code_system
    LEFT JOIN patterns AS p
        ON s.code IS NOT NULL
        AND p.code_system = m.code_system
        AND (
            p.match = 'exact' AND p.key = replace(upper(m.code), '.', '')
            OR p.match = 'prefix' AND starts_with(replace(upper(m.code), '.', ''), p.key)
        )
    GROUP BY m.table_name, m.code_system, m.code, m.n_before, m.of_before, m.n_now, m.of_now
)
SELECT
    table_name || ': ' || name AS what,
    CAST(sum(n_before) AS BIGINT) AS n_before, CAST(any_value(of_before) AS BIGINT) AS of_before,
    CAST(sum(n_now) AS BIGINT) AS n_now, CAST(any_value(of_now) AS BIGINT) AS of_now, true AS is_outside
FROM named
GROUP BY table_name, name
ORDER BY what;
