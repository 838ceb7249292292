-- Title:  Rows whose id occurs more than once in their table
-- Grain:  one row of contract.aside
-- Reads:  contract.aside: the rows whose id has a hash that occurs more than once
-- Writes: contract.repeated: the row; is_duplicate (an earlier row says the same in all columns of the contract),
--         is_shared (another row of the same id says something else)
-- {id}: the id column; {columns}: all columns of the contract
CREATE OR REPLACE TABLE contract.repeated AS
WITH numbered AS (
    SELECT *, row_number() OVER (PARTITION BY {columns} ORDER BY source_file, row_number) AS copy
    FROM contract.aside
), told_apart AS (
    SELECT * EXCLUDE (copy), copy > 1 AND {id} IS NOT NULL AS is_duplicate FROM numbered
)
SELECT
    *,
    {id} IS NOT NULL AND count(*) FILTER (WHERE NOT is_duplicate) OVER (PARTITION BY {id}) > 1 AS is_shared
FROM told_apart;
