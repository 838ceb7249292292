-- title: Provenance
-- grain: one fact about the night
-- reads: tonight, parameters, feeds, stored.night
-- column what: The fact.
-- column value: What it is.
WITH facts AS (
    SELECT unnest([
        {'place': 1, 'what': 'Run', 'value': n.run_id},
        {'place': 2, 'what': 'Run before', 'value': coalesce(n.previous_run_id, 'none: the first night')},
        {'place': 3, 'what': 'Data cut', 'value': concat(strftime(n.as_of, '%a %Y-%m-%d'), ' 24:00, ', n.timezone, ' time')},
        {'place': 4, 'what': 'Extract', 'value': concat_ws(', ', n.source, n.format, 'made ' || n.extracted_at)},
        {'place': 5, 'what': 'Guideline', 'value': concat(
            n.guideline, ', version ', n.guideline_version, ', ', replace(n.review_status, '_', ' ')
        )},
        {'place': 6, 'what': 'Program', 'value': concat('spine-audit ', n.package_version)},
        {'place': 7, 'what': 'Value sets, SHA-256', 'value': g.value_sets},
        {'place': 8, 'what': 'Parameters, SHA-256', 'value': g.parameters},
        {'place': 9, 'what': 'Oldest trigger listed', 'value': concat(
            strftime(n.as_of - n.days, '%Y-%m-%d'), ' (', n.days, ' days before the data cut)'
        )},
        {'place': 10, 'what': 'Files, rows, seconds', 'value': concat('runs/', n.run_id, '/receipt.json')}
    ], recursive := true)
    FROM tonight AS n
    CROSS JOIN stored.night AS g
)
SELECT place, what, value
FROM facts
UNION ALL BY NAME
SELECT
    100 AS place, 'Feed ' || table_name AS what,
    CASE
        WHEN NOT present THEN 'not in the extract'
        ELSE concat(
            'loaded through ', coalesce(strftime(loaded_through, '%a %Y-%m-%d'), 'the extract, as far as is known'), '; ',
            rows_accepted, ' of ', rows_read, ' rows accepted'
        )
    END AS value
FROM feeds
ORDER BY place, what;
