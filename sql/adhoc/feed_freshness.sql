-- title: How far each feed is loaded, and how many verdicts wait for it
-- grain: one table of the extract contract
-- reads: feeds, runs, findings, measure_catalogue
-- column days_behind: Days from the horizon to the as-of date.
-- column n_waiting: Pending findings (feed_incomplete) of measures that look at this table.
WITH waiting AS (
    SELECT
        unnest(list_distinct(string_split(concat_ws('|', m.trigger_feeds, m.action_feeds, m.justification_feeds), '|')))
            AS table_name,
        f.n
    FROM (
        SELECT measure_id, count(*) AS n
        FROM findings
        WHERE state = 'pending' AND reason = 'feed_incomplete'
        GROUP BY measure_id
    ) AS f
    JOIN measure_catalogue AS m USING (measure_id)
)
SELECT
    f.table_name, f.present, f.rows_accepted, f.rows_quarantined, f.loaded_through, f.horizon,
    date_diff('day', f.horizon, r.as_of) AS days_behind,
    coalesce((SELECT sum(w.n) FROM waiting AS w WHERE w.table_name = f.table_name), 0) AS n_waiting
FROM feeds AS f
CROSS JOIN runs AS r
ORDER BY days_behind DESC NULLS LAST, f.table_name;
