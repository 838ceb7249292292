-- Title:  Rows whose id occurs more than once in their table
-- Grain:  one row of raw.{table} with a repeated id
-- Reads:  raw.{table}
-- Writes: contract.repeated: row (its rowid), is_duplicate (an earlier row has the same texts in all columns)
-- {id}: the id column; {columns}: all columns of the contract
CREATE OR REPLACE TABLE contract.repeated AS
SELECT
    rowid AS row,
    row_number() OVER (PARTITION BY {columns} ORDER BY source_file, row_number) > 1 AS is_duplicate
FROM raw.{table}
WHERE {id} IN (SELECT {id} FROM raw.{table} WHERE {id} IS NOT NULL GROUP BY {id} HAVING count(*) > 1);
