-- title: How to
-- grain: one sheet, and last what stands on none
-- reads: gaps, roots, listed, closed, tonight
-- column sheet: The sheet.
-- column listed: Rows on it.
-- column folded: Gaps folded under rows of this or of a more pressing sheet.
-- column beyond: Rows for which the sheet has no room.
-- column old: Gaps whose trigger is too old to be listed.
WITH pages (page, sheet) AS (
    VALUES (1, 'Act now'), (2, 'Coming due'), (3, 'Review'), (4, 'Advice'), (5, 'Cannot tell')
),
counted AS (
    SELECT page, count(*) FILTER (root = gravity) AS rows, count(*) FILTER (root <> gravity) AS folded
    FROM roots
    GROUP BY page
),
shown AS (SELECT page, count(*) AS listed FROM listed GROUP BY page),
too_old AS (SELECT page, count(*) AS old FROM gaps WHERE is_old AND page IS NOT NULL GROUP BY page)
SELECT
    p.page AS place, p.sheet, coalesce(s.listed, 0) AS listed, coalesce(c.folded, 0) AS folded,
    coalesce(c.rows, 0) - coalesce(s.listed, 0) AS beyond, coalesce(o.old, 0) AS old
FROM pages AS p
LEFT JOIN counted AS c USING (page)
LEFT JOIN shown AS s USING (page)
LEFT JOIN too_old AS o USING (page)
UNION ALL BY NAME
SELECT
    6 AS place, 'Closed since last run' AS sheet,
    least(count(*) FILTER (NOT is_old), (SELECT cap FROM tonight)) AS listed, 0 AS folded,
    greatest(count(*) FILTER (NOT is_old) - (SELECT cap FROM tonight), 0) AS beyond, count(*) FILTER (is_old) AS old
FROM closed
UNION ALL BY NAME
SELECT
    7 AS place, 'On no sheet: due later, or without a deadline' AS sheet,
    0 AS listed, 0 AS folded, count(*) AS beyond, 0 AS old
FROM gaps
WHERE page IS NULL
ORDER BY place;
