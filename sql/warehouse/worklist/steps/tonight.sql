-- title: The night whose worklist is made
-- grain: one row
-- reads: this_run, parameters, stored.night
-- parameter cap: so many rows of a sheet are listed, no default
-- column cut_utc: When the data are cut: the end of the as-of date at the site, in UTC.
-- column days: Older triggers are counted, not listed.
-- column cap: So many rows of a sheet are listed.
CREATE TEMP TABLE tonight AS
SELECT
    r.*,
    (SELECT previous_run_id FROM stored.night) AS previous_run_id,
    (SELECT lost_feeds FROM stored.night) AS lost_feeds,
    (SELECT CAST(value AS INTEGER) FROM parameters WHERE parameter = 'worklist.days') AS days,
    CAST(getvariable('cap') AS BIGINT) AS cap
FROM this_run AS r;
