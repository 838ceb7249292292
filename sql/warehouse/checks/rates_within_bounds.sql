-- title: Rates outside of their own bounds
-- grain: one measure and stratum or month
-- reads: measures, measure_periods
-- Each lies between 0 and 1, in its Wilson interval, and between its worst and its best; it is there where its
-- denominator is. Room of 1e-12: the ends of an interval are rounded numbers.
WITH rates AS (
    SELECT measure_id, stratum, stratum_value, numerator, denominator, n_indeterminate, rate, wilson_low, wilson_high, worst, best
    FROM measures
    UNION ALL
    SELECT
        measure_id, 'month', CAST(month AS VARCHAR), numerator, denominator, n_indeterminate, rate, wilson_low, wilson_high,
        worst, best
    FROM measure_periods
)
SELECT measure_id, stratum, stratum_value
FROM rates
WHERE (denominator > 0) <> (rate IS NOT NULL AND wilson_low IS NOT NULL AND wilson_high IS NOT NULL)
   OR (denominator + n_indeterminate > 0) <> (worst IS NOT NULL AND best IS NOT NULL)
   OR numerator > denominator
   OR NOT coalesce(rate BETWEEN -1e-12 AND 1 + 1e-12, true)
   OR NOT coalesce(wilson_low BETWEEN -1e-12 AND 1 + 1e-12, true)
   OR NOT coalesce(wilson_high BETWEEN -1e-12 AND 1 + 1e-12, true)
   OR NOT coalesce(worst BETWEEN -1e-12 AND 1 + 1e-12, true)
   OR NOT coalesce(best BETWEEN -1e-12 AND 1 + 1e-12, true)
   OR NOT coalesce(rate BETWEEN wilson_low - 1e-12 AND wilson_high + 1e-12, true)
   OR NOT coalesce(rate BETWEEN worst - 1e-12 AND best + 1e-12, true)
ORDER BY measure_id, stratum, stratum_value;
