-- Title:  The quarantine in the order of tables, files, rows and columns
-- Grain:  one bad row, or one value of a row that became null
-- Reads:  the file $unsorted: the same in the order in which it was found
-- Writes: the file $path
-- Parameters: $unsorted, $path
COPY (
    SELECT * FROM read_parquet($unsorted, hive_partitioning = false)
    ORDER BY
        table_name NULLS FIRST,
        source_file NULLS FIRST,
        row_number NULLS FIRST,
        column_name NULLS FIRST,
        reason NULLS FIRST
) TO $path (FORMAT parquet);
