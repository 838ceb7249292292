-- title: What a night's heartbeat says of it
-- grain: one row
-- reads: runs, feeds, stored.night, open_windows
-- column is_first: True where no night came before: there is nothing to compare with.
-- column data_through: The earliest day through which a feed that is there is loaded; null where no feed says.
-- column windows: Duties of S1, S2 and X1 that were triggered and can still be met.
SELECT
    r.run_id, r.as_of,
    (SELECT bool_and(previous_run_id IS NULL) FROM stored.night) AS is_first,
    (SELECT min(loaded_through) FROM feeds WHERE present) AS data_through,
    (SELECT count(*) FROM open_windows) AS windows
FROM runs AS r;
