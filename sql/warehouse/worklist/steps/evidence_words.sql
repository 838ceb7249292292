-- title: The rows that decided the listed gaps, in words
-- grain: one listed gap that rests on a row
-- reads: listed, stored.evidence, stored.events
CREATE TEMP TABLE evidence_words AS
WITH rows AS (
    SELECT
        l.case_number, l.gravity, e.event_local, e.table_name, e.row_id,
        row_number() OVER (
            PARTITION BY l.case_number, l.gravity ORDER BY e.event_local, e.table_name, e.row_id
        ) AS place,
        count(*) OVER (PARTITION BY l.case_number, l.gravity) AS n
    FROM (
        SELECT DISTINCT l.case_number, l.gravity, f.event_number
        FROM stored.evidence AS f
        JOIN listed AS l USING (case_number, measure, instance)
    ) AS l
    JOIN stored.events AS e USING (event_number)
)
SELECT
    case_number, gravity,
    concat(
        string_agg(concat(table_name, ' ', row_id, ' of ', strftime(event_local, '%Y-%m-%d')), ', ' ORDER BY place),
        CASE WHEN any_value(n) > 3 THEN ' and ' || (any_value(n) - 3) || ' more' END
    ) AS evidence
FROM rows
WHERE place <= 3
GROUP BY case_number, gravity;
