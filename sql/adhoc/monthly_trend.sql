-- title: One measure month by month
-- grain: one month
-- reads: measure_periods, measure_catalogue
-- parameter measure: the measure, default S1
-- parameter complete_only: true leaves out months that can still change, default false
SELECT
    p.month, p.measure_id, c.title, c.period_anchor, p.n, p.n_pending, p.n_indeterminate, p.numerator, p.denominator,
    p.rate, p.wilson_low, p.wilson_high, p.worst, p.best, p.complete
FROM measure_periods AS p
JOIN measure_catalogue AS c USING (measure_id)
WHERE p.measure_id = coalesce(getvariable('measure'), 'S1')
  AND (p.complete OR NOT coalesce(getvariable('complete_only'), false))
ORDER BY p.month;
