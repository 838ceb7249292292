-- title: How far the feeds are loaded in which a measure's action would be seen, in words
-- grain: one measure
-- reads: measure_catalogue, feeds, tonight
CREATE TEMP TABLE feed_words AS
WITH looked_at AS (
    SELECT measure_id, unnest(string_split(coalesce(action_feeds, trigger_feeds), '|')) AS table_name
    FROM measure_catalogue
),
through AS (
    SELECT
        l.measure_id, string_agg(f.table_name, ', ' ORDER BY f.table_name) AS tables,
        CASE
            WHEN NOT f.present THEN 'not in the extract'
            WHEN f.loaded_through IS NULL THEN 'loaded as far as the extract goes'
            ELSE 'loaded through ' || day_in_words(f.loaded_through, n.as_of)
        END AS how_far
    FROM looked_at AS l
    JOIN feeds AS f USING (table_name)
    CROSS JOIN tonight AS n
    GROUP BY l.measure_id, how_far
)
SELECT measure_id, string_agg(tables || ' ' || how_far, '; ' ORDER BY tables) AS loaded
FROM through
GROUP BY measure_id;
