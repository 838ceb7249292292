-- title: Every gap that a sheet may list, with the one under which it stands
-- grain: one gap of a sheet that is not too old
-- reads: gaps, folds
-- column root: Gravity of that gap; its own where it folds under none.
CREATE TEMP TABLE roots AS
WITH folded AS (
    SELECT g.*, coalesce(f.root, g.gravity) AS root
    FROM gaps AS g
    LEFT JOIN folds AS f USING (case_number, gravity)
    WHERE g.page IS NOT NULL AND NOT g.is_old
),
-- Advice is one row a case.
advice AS (
    SELECT case_number, gravity AS root, min(gravity) OVER (PARTITION BY case_number) AS first_of_case
    FROM folded
    WHERE page = 4 AND root = gravity
)
SELECT f.* REPLACE (coalesce(a.first_of_case, f.root) AS root)
FROM folded AS f
LEFT JOIN advice AS a USING (case_number, root);
