-- title: For whom a missed deficit can't be ruled out: no deficit on record, and no examination that says so
-- grain: one site; unspecified levels apart
-- reads: findings
SELECT
    coalesce(site_id, 'unknown') AS site_id,
    level = 'unspecified' AS is_level_unspecified,
    count(DISTINCT case_id) AS n_cases,
    count(DISTINCT case_id) FILTER (reason = 'intact') AS n_examined_and_intact,
    count(DISTINCT case_id) FILTER (reason = 'no_deficit_recorded') AS n_nothing_recorded,
    count(DISTINCT case_id) FILTER (reason = 'no_deficit_recorded') / count(DISTINCT case_id) AS share_nothing_recorded
FROM findings
WHERE measure_id = 'S1'
  AND state <> 'excluded'
GROUP BY ALL
ORDER BY n_nothing_recorded DESC, site_id, is_level_unspecified;
