-- title: Findings whose trigger has the same row id as that of another finding of their case and measure
-- grain: one finding but the first of those that would share an identity
-- reads: stored.findings, stored.verdicts
-- The ids of rows are unique in their table only: a condition and an observation of one number may both trigger.
INSERT INTO stored.twins
WITH several AS (
    SELECT DISTINCT f.case_number, v.measure_id
    FROM stored.findings AS f
    JOIN stored.verdicts AS v USING (verdict)
    WHERE f.instance > 1
),
numbered AS (
    SELECT
        f.case_number, f.verdict, f.instance,
        row_number() OVER (
            PARTITION BY f.case_number, v.measure_id, f.trigger_row_id ORDER BY f.trigger_table, f.instance
        ) AS twin
    FROM stored.findings AS f
    JOIN stored.verdicts AS v USING (verdict)
    JOIN several USING (case_number, measure_id)
    WHERE f.trigger_row_id IS NOT NULL
)
SELECT case_number, verdict, instance, twin
FROM numbered
WHERE twin > 1
ORDER BY case_number, verdict, instance;
