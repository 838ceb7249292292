-- Title:  Ids that occur more than once in their table
-- Grain:  one hash of such an id; of two ids with one hash too
-- Reads:  {source}: the table's landed rows
-- Writes: contract.repeated_ids: id_hash
-- {id}: the id column
CREATE OR REPLACE TABLE contract.repeated_ids AS
SELECT hash({id}) AS id_hash
FROM {source}
WHERE {id} IS NOT NULL
GROUP BY id_hash
HAVING count(*) > 1;
