-- title: What a night's heartbeat says of it
-- grain: one row
-- reads: runs, feeds, stored.night, open_windows
-- column data_through: The earliest day through which a feed that is there is loaded; null where no feed says.
-- column lost_feeds: Tables of the night before that are missing tonight, |-separated.
-- column previous_run_id: The night that this one is compared with; null on the first night of all.
-- column windows: Duties of S1, S2 and X1 that were triggered and can still be met.
SELECT
    r.run_id, r.as_of,
    (SELECT max(previous_run_id) FROM stored.night) AS previous_run_id,
    (SELECT max(lost_feeds) FROM stored.night) AS lost_feeds,
    (SELECT min(loaded_through) FROM feeds WHERE present) AS data_through,
    (SELECT count(*) FROM open_windows) AS windows
FROM runs AS r;
