-- Title:  True record numbers in a file from which malformed records were set aside
-- Grain:  one well-formed record of the file
-- Reads:  raw.{table} (row_number in the order of the well-formed records of the file), raw.malformed
-- Writes: raw.{table}.row_number
-- Parameters: $source_file
-- The j-th malformed record, number m, has m - j well-formed ones before it: all later ones move on by j.
UPDATE raw.{table} AS target
SET row_number = moved.k + moved.j
FROM (
    SELECT good.row_number, good.k, bad.j
    FROM (
        SELECT row_number, row_number() OVER (ORDER BY row_number) AS k
        FROM raw.{table}
        WHERE source_file = $source_file
    ) AS good
    ASOF JOIN (
        SELECT row_number - j AS good_before, max(j) AS j
        FROM (
            SELECT row_number, row_number() OVER (ORDER BY row_number) AS j
            FROM raw.malformed
            WHERE source_file = $source_file
        ) AS numbered
        GROUP BY good_before
    ) AS bad ON good.k > bad.good_before
) AS moved
WHERE target.source_file = $source_file AND target.row_number = moved.row_number;
