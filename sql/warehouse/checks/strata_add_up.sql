-- title: Strata whose values don't add up to the overall counts
-- grain: one measure and stratum
-- reads: measures
SELECT s.measure_id, s.stratum, sum(s.n) AS n_of_values, any_value(o.n) AS n_overall
FROM measures AS s
JOIN measures AS o ON o.measure_id = s.measure_id AND o.stratum = 'overall'
WHERE s.stratum NOT IN ('overall', 'level_unspecified')
GROUP BY s.measure_id, s.stratum
HAVING sum(s.n) <> any_value(o.n)
    OR sum(s.n_met) <> any_value(o.n_met)
    OR sum(s.n_deviation) <> any_value(o.n_deviation)
ORDER BY s.measure_id, s.stratum;
