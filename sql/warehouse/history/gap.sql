-- title: Nights that were not compared with the night that stands before them
-- grain: one night
-- reads: history.nights
-- parameter a: the earlier night of those that are to be compared
-- So it is where audit.duckdb or history.duckdb was removed, or came back alone from a backup.
SELECT run_id
FROM (SELECT night, run_id, previous_run_id, lag(run_id) OVER (ORDER BY night) AS run_before FROM history.nights)
WHERE night > $a AND previous_run_id IS DISTINCT FROM run_before
ORDER BY night;
