-- title: The gaps that are listed: the gravest of each sheet, then those due first
-- grain: one gap that is a row of a sheet
-- reads: roots, stored.cases, tonight
CREATE TEMP TABLE listed AS
SELECT r.*
FROM roots AS r
JOIN stored.cases AS c USING (case_number)
WHERE r.root = r.gravity
QUALIFY row_number() OVER (PARTITION BY r.page ORDER BY r.weight, r.due_local NULLS LAST, c.case_id, r.gravity)
    <= (SELECT cap FROM tonight);
