-- Title:  A number for each id, by which ids that occur more than once are found
-- Grain:  one landed row that has an id
-- Reads:  {source}: the table's landed rows
-- {id}: the id column
SELECT hash({id}) AS id_hash
FROM {source}
WHERE {id} IS NOT NULL;
