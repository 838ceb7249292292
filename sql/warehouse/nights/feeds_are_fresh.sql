-- title: How far each feed is behind
-- grain: one table of the extract that is there and says how far it is loaded
-- reads: feeds
-- parameter as_of: the audit's as-of date
-- parameter feed_behind_days: [gate] feed_behind_days, by default 3
-- column what: The table.
-- column days_now: Days from the end of the feed to the as-of date.
-- column is_outside: True where that is too long.
SELECT
    table_name AS what,
    greatest(date_diff('day', loaded_through, CAST(getvariable('as_of') AS DATE)), 0) AS days_now,
    days_now > coalesce(getvariable('feed_behind_days'), 3) AS is_outside
FROM feeds
WHERE present AND loaded_through IS NOT NULL
ORDER BY is_outside DESC, what;
