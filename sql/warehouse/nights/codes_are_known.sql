-- title: Coded rows that no value set knows
-- grain: one table of the extract
-- reads: stored.events, value_sets
-- parameter unmapped_share: [gate] unmapped_share, by default 0.2
-- parameter local_codes: the LOCAL codes of the extract contract, a list; by default none
-- column what: The table.
-- column n_now: Its coded rows whose code is in no value set and is no LOCAL code; of patients with a case only.
-- column of_now: Its coded rows of these patients.
-- column is_outside: True where that is too large a share.
WITH coded AS (
    SELECT
        table_name, code_system, replace(upper(code), '.', '') AS key, bool_or(sets <> 0) AS is_in_a_set, count(*) AS n
    FROM stored.events
    WHERE code IS NOT NULL
    GROUP BY table_name, code_system, key
),
patterns AS (
    SELECT DISTINCT code_system, replace(upper(code), '.', '') AS key, match FROM value_sets
    UNION
    SELECT 'LOCAL', upper(unnest(CAST(getvariable('local_codes') AS VARCHAR[]))), 'exact'
),
beginnings AS (
    SELECT DISTINCT c.code_system, c.key
    FROM coded AS c
    JOIN patterns AS p ON p.match = 'prefix' AND p.code_system = c.code_system AND starts_with(c.key, p.key)
)
SELECT
    c.table_name AS what,
    CAST(coalesce(sum(c.n) FILTER (NOT c.is_in_a_set AND p.key IS NULL AND b.key IS NULL), 0) AS BIGINT) AS n_now,
    CAST(sum(c.n) AS BIGINT) AS of_now,
    n_now > coalesce(getvariable('unmapped_share'), 0.2) * of_now AS is_outside
FROM coded AS c
LEFT JOIN patterns AS p ON p.match = 'exact' AND p.code_system = c.code_system AND p.key = c.key
LEFT JOIN beginnings AS b ON b.code_system = c.code_system AND b.key = c.key
GROUP BY c.table_name
ORDER BY is_outside DESC, what;
