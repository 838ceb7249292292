-- title: Evidence of measures that aren't there
-- grain: one number of a measure
-- reads: stored.evidence, stored.measures
SELECT e.measure, count(*) AS n_evidence
FROM stored.evidence AS e
ANTI JOIN stored.measures AS m USING (measure)
GROUP BY e.measure
ORDER BY e.measure;
