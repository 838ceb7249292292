-- title: Gaps that fold under a graver one of their case, because both rest on one row of the extract
-- grain: one gap that folds
-- reads: gaps, stored.evidence
-- column root: Gravity of the gap under which it folds in the end; that one folds under no other.
-- Nothing folds under a gap of a less pressing sheet: what can still be done never hides behind what can't.
CREATE TEMP TABLE folds AS
WITH RECURSIVE rows AS (
    SELECT case_number, gravity, page, stands_alone, trigger_event AS event_number
    FROM gaps
    WHERE page IS NOT NULL AND NOT is_old AND trigger_event IS NOT NULL
    UNION ALL
    SELECT g.case_number, g.gravity, g.page, g.stands_alone, e.event_number
    FROM stored.evidence AS e
    JOIN gaps AS g USING (case_number, measure, instance)
    WHERE g.page IS NOT NULL AND NOT g.is_old
),
-- The gravest gap that rests on a row, for every sheet that may look up to it.
gravest AS (
    SELECT
        case_number, event_number,
        min(gravity) FILTER (page <= 1) AS g1,
        min(gravity) FILTER (page <= 2) AS g2,
        min(gravity) FILTER (page <= 3) AS g3,
        min(gravity) FILTER (page <= 4) AS g4,
        min(gravity) AS g5
    FROM rows
    GROUP BY case_number, event_number
    HAVING min(gravity) <> max(gravity)
),
parents AS MATERIALIZED (
    SELECT
        r.case_number, r.gravity,
        min(CASE r.page WHEN 1 THEN s.g1 WHEN 2 THEN s.g2 WHEN 3 THEN s.g3 WHEN 4 THEN s.g4 ELSE s.g5 END) AS parent
    FROM rows AS r
    JOIN gravest AS s USING (case_number, event_number)
    WHERE NOT r.stands_alone
    GROUP BY r.case_number, r.gravity
    HAVING parent < r.gravity
),
chains AS (
    SELECT case_number, gravity, parent FROM parents
    UNION ALL
    SELECT c.case_number, c.gravity, p.parent
    FROM chains AS c
    JOIN parents AS p ON p.case_number = c.case_number AND p.gravity = c.parent
)
SELECT case_number, gravity, min(parent) AS root
FROM chains
GROUP BY case_number, gravity;
