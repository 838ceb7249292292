-- title: How far each feed is behind
-- grain: one table of the extract that is there
-- reads: feeds
-- parameter as_of: the audit's as-of date
-- parameter feed_behind_days: [gate] feed_behind_days, by default 3
-- column what: The table.
-- column days_now: Days from the end of the feed to the as-of date; null where it isn't said how far it is loaded.
-- column is_outside: True where that is too long.
SELECT
    table_name AS what,
    CASE
        WHEN loaded_through IS NOT NULL
        THEN greatest(date_diff('day', loaded_through, CAST(getvariable('as_of') AS DATE)), 0)
    END AS days_now,
    coalesce(days_now > coalesce(getvariable('feed_behind_days'), 3), false) AS is_outside
FROM feeds
WHERE present
ORDER BY is_outside DESC, what;
